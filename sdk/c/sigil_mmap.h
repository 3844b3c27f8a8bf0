/* `mmap_anon` and `munmap_anon`, and as much of `mmap` as can be had without files and page faults.
 *
 * Zeroed, and lazily: of what is mapped, only pages that were used before are cleared; those that memory grows by
 * are never touched. A mapping that is not to be read yet, `PROT_NONE`, costs nothing at all until `mprotect` makes
 * it readable.
 *
 * Include it in one file of a program, in the place of <sys/mman.h>; the others declare what they call.
 */
#ifndef SIGIL_MMAP_H
#define SIGIL_MMAP_H

#include <errno.h>
#include <sys/types.h>

#include "sigil_pages.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef MAP_FAILED
#define MAP_FAILED ((void *)-1)
#define MAP_SHARED 0x01
#define MAP_PRIVATE 0x02
#define MAP_FIXED 0x10
#define MAP_ANON 0x20
#define MAP_ANONYMOUS MAP_ANON
#define MAP_NORESERVE 0x4000
#define MAP_FIXED_NOREPLACE 0x100000
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define PROT_EXEC 4
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MADV_DONTNEED
#define MADV_DONTNEED 4
#endif

/* `bytes` zero bytes, at a multiple of a page; NULL where there is no room. */
void *mmap_anon(size_t bytes) {
    return sigil_pages_reserve(bytes, 0, SIGIL_PAGES_ZERO);
}

/* Gives back any part of what `mmap_anon` and `mmap` returned, by whole pages. */
void munmap_anon(void *ptr, size_t bytes) {
    sigil_pages_unmap(ptr, bytes);
}

static int sigil_mmap_fails(int error) {
    errno = error;
    return -1;
}

/* Private anonymous memory. `address` is not looked at, for it is a wish only; `MAP_FIXED` is more, and is refused.
 *
 * Errors: EINVAL for no bytes, or a mapping neither private nor shared; ENOTSUP for MAP_FIXED, for what is shared,
 * and for code; ENODEV for files; ENOMEM.
 */
void *mmap(void *address, size_t bytes, int prot, int flags, int fd, off_t offset) {
    (void)address, (void)fd, (void)offset;
    int error = 0;
    if (bytes == 0 || !(flags & (MAP_PRIVATE | MAP_SHARED)))
        error = EINVAL;
    else if (!(flags & MAP_ANON))
        error = ENODEV;
    else if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_SHARED) || prot & PROT_EXEC)
        error = ENOTSUP;
    if (error) {
        errno = error;
        return MAP_FAILED;
    }
    void *ptr = sigil_pages_reserve(bytes, 0, prot == PROT_NONE ? SIGIL_PAGES_LAZY : SIGIL_PAGES_ZERO);
    if (!ptr) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return ptr;
}

static int sigil_mmap_misfits(void *ptr, size_t bytes) {
    return bytes == 0 || (uintptr_t)ptr % sigil_pages_page_size() || bytes - 1 > UINTPTR_MAX - (uintptr_t)ptr;
}

/* Unmaps all pages that have a byte of the range. Errors: EINVAL for no bytes, or where `ptr` is no page's address. */
int munmap(void *ptr, size_t bytes) {
    if (sigil_mmap_misfits(ptr, bytes))
        return sigil_mmap_fails(EINVAL);
    sigil_pages_unmap(ptr, bytes);
    return 0;
}

/* Makes a range readable and writable, whichever of the two is asked for; what was not before reads zero. With
 * PROT_NONE nothing happens: wasm keeps nobody out, and the contents must stay.
 *
 * Errors: EINVAL as for munmap; ENOTSUP for code; ENOMEM where a page is not mapped, but for PROT_NONE.
 */
int mprotect(void *ptr, size_t bytes, int prot) {
    if (bytes == 0)
        return 0;
    if (sigil_mmap_misfits(ptr, bytes))
        return sigil_mmap_fails(EINVAL);
    if (prot & PROT_EXEC)
        return sigil_mmap_fails(ENOTSUP);
    if (prot != PROT_NONE && !sigil_pages_commit(ptr, bytes))
        return sigil_mmap_fails(ENOMEM);
    return 0;
}

/* MADV_DONTNEED: the range reads zero from here on, in whole pages of sigil_pages_page_size() bytes: those that it
 * touches lose their contents. They are cleared at once, also where nobody has made them readable yet. Any other
 * advice is taken and not followed.
 *
 * Errors: EINVAL as for munmap; ENOMEM where a page is not mapped.
 */
int madvise(void *ptr, size_t bytes, int advice) {
    if (advice != MADV_DONTNEED || bytes == 0)
        return 0;
    if (sigil_mmap_misfits(ptr, bytes))
        return sigil_mmap_fails(EINVAL);
    if (!sigil_pages_decommit(ptr, bytes) || !sigil_pages_commit(ptr, bytes))
        return sigil_mmap_fails(ENOMEM);
    return 0;
}

#ifdef __cplusplus
}
#endif

#endif
