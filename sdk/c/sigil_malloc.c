/* C's malloc over sigil:allocator-ext@0.1.0, in the place of the C library's: compile it into a program, or include it
 * in one of its C files. A C++ program has it compiled as C.
 *
 * Shape: [gap, header, block]. A conformer aligns to 8 and wants the size of what it frees; C aligns to 16 and does not
 * tell. So a header of 8 bytes stands in front of each block, and says how far the block is from the start of
 * what the conformer gave, and how much that was. With the 8 bytes that the alignment may take, a block costs 16 more than its size.
 *
 * Every size may be asked for. Where memory is exhausted, or the size with what it costs is above PTRDIFF_MAX, the answer
 * is NULL, errno is ENOMEM, and nothing is changed. It imports `try-alloc`, for `free` the conformer's, for
 * `realloc` also `resize-in-place` and `mem-copy`, and of these only what the program calls.
 *
 * SIGIL_MALLOC_NO_FREE: for programs that end before memory does. `free` does nothing and is not imported, so that conformers
 * without it serve.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sigil.h"

/* What a conformer aligns to (A1), and what C's largest type needs. */
#define SIGIL_GRAIN ((size_t)8)
#define SIGIL_MALLOC_ALIGN ((size_t)16)

struct sigil_header {
    size_t gap;
    size_t whole;
};

_Static_assert(sizeof(struct sigil_header) % SIGIL_GRAIN == 0, "a header keeps the alignment");
_Static_assert(_Alignof(max_align_t) <= SIGIL_MALLOC_ALIGN, "every type fits");

size_t malloc_usable_size(void *block);

/* To a compiler, what lies in front of a block of `malloc` is no memory: with one of these functions inlined beside a call of
 * another, what it reads of a header is undefined, or what it writes there is left out. So they stay calls, in the file that
 * includes this one and in link-time optimization too.
 */
#define SIGIL_CALLED __attribute__((noinline))

static struct sigil_header *sigil_header_of(void *block) {
    return (struct sigil_header *)block - 1;
}

static void *sigil_start_of(void *block) {
    return (char *)block - sigil_header_of(block)->gap;
}

/* A block at a multiple of `align`, a power of two of at least 16; NULL where there is none. Leaves errno alone. */
static void *sigil_place(size_t align, size_t size) {
    /* The block begins somewhere in the `align` bytes behind the header, at a multiple of 8. */
    size_t whole;
    if (__builtin_add_overflow(size, sizeof(struct sigil_header) + align - SIGIL_GRAIN, &whole) ||
        whole > PTRDIFF_MAX)
        return NULL;
    char *start = sigil_try_alloc(whole);
    if (!start)
        return NULL;
    size_t gap = sizeof(struct sigil_header);
    gap += -((uintptr_t)start + gap) & (align - 1);
    char *block = start + gap;
    *sigil_header_of(block) = (struct sigil_header){gap, whole};
    return block;
}

/* As `sigil_place`, but what is left over behind the block goes back, where the conformer takes it. */
static void *sigil_place_aligned(size_t align, size_t size) {
    if (align <= SIGIL_MALLOC_ALIGN)
        return sigil_place(SIGIL_MALLOC_ALIGN, size);
    char *block = sigil_place(align, size);
    if (block) {
        struct sigil_header *header = sigil_header_of(block);
        if (sigil_resize_in_place(block - header->gap, header->whole, header->gap + size))
            header->whole = header->gap + size;
    }
    return block;
}

static void *sigil_or_enomem(void *block) {
    if (!block)
        errno = ENOMEM;
    return block;
}

static bool sigil_is_power_of_two(size_t n) {
    return n && !(n & (n - 1));
}

SIGIL_CALLED void *malloc(size_t size) {
    return sigil_or_enomem(sigil_place(SIGIL_MALLOC_ALIGN, size));
}

SIGIL_CALLED void *calloc(size_t n, size_t size) {
    void *block = sigil_or_enomem(sigil_place(SIGIL_MALLOC_ALIGN, sigil_array_bytes(n, size)));
    /* `alloc-zeroed`, which knows what is zero already, traps where memory is exhausted. */
    return block ? memset(block, 0, n * size) : NULL;
}

SIGIL_CALLED void free(void *block) {
#ifdef SIGIL_MALLOC_NO_FREE
    (void)block;
#else
    if (block)
        sigil_free(sigil_start_of(block), sigil_header_of(block)->whole);
#endif
}

/* A `size` of 0 is a size: the block stays one that is to be freed. */
SIGIL_CALLED void *realloc(void *block, size_t size) {
    if (!block)
        return malloc(size);
    struct sigil_header *header = sigil_header_of(block);
    size_t usable = header->whole - header->gap;
    /* What alignment left over is not worth a call. */
    if (size <= usable && usable - size < 2 * SIGIL_MALLOC_ALIGN)
        return block;
    if (size <= PTRDIFF_MAX - header->gap &&
        sigil_resize_in_place(sigil_start_of(block), header->whole, header->gap + size)) {
        header->whole = header->gap + size;
        return block;
    }
    if (size <= usable && size > usable / 2)
        return block;
    void *moved = sigil_place(SIGIL_MALLOC_ALIGN, size);
    if (!moved)
        return size <= usable ? block : sigil_or_enomem(NULL);
    sigil_mem_copy(moved, block, size < usable ? size : usable);
    free(block);
    return moved;
}

SIGIL_CALLED void *aligned_alloc(size_t align, size_t size) {
    if (!sigil_is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return sigil_or_enomem(sigil_place_aligned(align, size));
}

SIGIL_CALLED int posix_memalign(void **out, size_t align, size_t size) {
    if (!sigil_is_power_of_two(align) || align % sizeof(void *))
        return EINVAL;
    void *block = sigil_place_aligned(align, size);
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}

/* Of those bytes all may be used; there can be more of them than were asked for. */
SIGIL_CALLED size_t malloc_usable_size(void *block) {
    return block ? sigil_header_of(block)->whole - sigil_header_of(block)->gap : 0;
}

#ifdef __wasi__
/* The names that wasi-libc's own functions call. Weak, for where its allocator is among the inputs whether it is needed or not
 * (`zig cc`), these names are its own, and the others give way.
 */
void *__libc_malloc(size_t size) __attribute__((weak, alias("malloc")));
void *__libc_calloc(size_t n, size_t size) __attribute__((weak, alias("calloc")));
void __libc_free(void *block) __attribute__((weak, alias("free")));
#endif
