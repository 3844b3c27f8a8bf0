/* Ranges that are obtained, touched here and there, and given back: the workload of the bench `pages`.
 *
 * Built twice: on wasi-libc's malloc with -DLIBC, and on the pages of a conformer.
 */
/* For posix_memalign. */
#define _POSIX_C_SOURCE 200809L

#include <stddef.h>
#include <stdint.h>

#ifdef LIBC
#include <stdlib.h>
#include <string.h>
#else
#include "sigil_pages.h"
#endif

#define EXPORT(name) __attribute__((export_name(name)))

/* With malloc, `how` is 0 for `calloc` and 1 for `posix_memalign` and `memset`; with pages it is what `reserve` takes
 * as flags. The `part` bytes in the middle are readable and zero. */
static char *obtain(size_t bytes, size_t part, int how) {
#ifdef LIBC
    (void)part;
    if (how == 0)
        return calloc(1, bytes);
    void *ptr = NULL;
    if (posix_memalign(&ptr, 16384, bytes))
        return NULL;
    return memset(ptr, 0, bytes);
#else
    char *ptr = sigil_pages_reserve(bytes, 0, (uint32_t)how);
    if (ptr && how == SIGIL_PAGES_LAZY)
        sigil_pages_commit(ptr + (bytes - part) / 2, part);
    return ptr;
#endif
}

static void give_back(char *ptr) {
#ifdef LIBC
    free(ptr);
#else
    sigil_pages_release(ptr);
#endif
}

/* Writes two bytes every `step` bytes to the part; returns how many of the first ones were not zero. Traps if there is
 * no range. The first access to a page is a write, as it is for `memset`: to read it first would be a second fault. */
static unsigned touch(char *ptr, size_t bytes, size_t part, size_t step) {
    unsigned n_dirty = 0;
    if (!ptr)
        __builtin_trap();
    volatile char *at = ptr + (bytes - part) / 2;
    for (size_t i = 0; i < part; i += step) {
        at[i + 64] = 1;
        n_dirty += at[i] != 0;
        at[i] = 1;
    }
    return n_dirty;
}

/* `n` ranges, one after the other. */
EXPORT("recycled")
unsigned recycled(unsigned n, size_t bytes, size_t part, size_t step, int how) {
    unsigned n_dirty = 0;
    while (n--) {
        char *ptr = obtain(bytes, part, how);
        n_dirty += touch(ptr, bytes, part, step);
        give_back(ptr);
    }
    return n_dirty;
}

/* `n` ranges at a time, at most 4096, each in memory that has just grown; given back at the end. */
EXPORT("fresh")
unsigned fresh(unsigned n, size_t bytes, size_t part, size_t step, int how) {
    static char *ptrs[4096];
    unsigned n_dirty = 0;
    for (unsigned i = 0; i < n; i++) {
        ptrs[i] = obtain(bytes, part, how);
        n_dirty += touch(ptrs[i], bytes, part, step);
    }
    for (unsigned i = 0; i < n; i++)
        give_back(ptrs[i]);
    return n_dirty;
}

/* One range, for the host to look at; and its end. */
EXPORT("one")
char *one(size_t bytes, size_t part, int how) {
    return obtain(bytes, part, how);
}
EXPORT("end")
void end(char *ptr) {
    give_back(ptr);
}

/* The bytes cleared so far, as the conformer counts them. */
EXPORT("cleared")
uint64_t cleared(void) {
#ifdef LIBC
    return 0;
#else
    return sigil_pages_cleared();
#endif
}
