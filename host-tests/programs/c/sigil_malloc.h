/* C's malloc over sigil:allocator-ext@0.1.0. Include it in one file of a program.
 *
 * `free` of a conformer wants the size of the block, which C's does not give: it is kept in 8 bytes before
 * the block. Blocks are aligned to 8, which is enough for every type but `long double`; `aligned_alloc` is
 * there for those. `malloc` returns NULL where memory is exhausted; `calloc` and `realloc` trap, and the host
 * reports it.
 *
 * A program that never calls `free` does not import it either, and links with conformers that have none.
 */
#ifndef SIGIL_MALLOC_H
#define SIGIL_MALLOC_H

#include <stdint.h>
#include <stdlib.h>

#include "sigil.h"

#define SIGIL_SIZED(function) \
    __attribute__((import_module("sigil:allocator-ext/sized@0.1.0"), import_name(function)))

SIGIL_SIZED("free")
void sigil_free(void *block, size_t size);
SIGIL_SIZED("alloc-aligned")
void *sigil_alloc_aligned(size_t size, size_t align);
SIGIL_SIZED("alloc-zeroed")
void *sigil_alloc_zeroed(size_t size);
SIGIL_SIZED("try-alloc")
void *sigil_try_alloc(size_t size);

/* What stands before each block: where its memory begins, and how much there is. */
struct sigil_header {
    void *start;
    size_t size;
};

static void *sigil_block(void *start, void *block, size_t size) {
    ((struct sigil_header *)block)[-1] = (struct sigil_header){start, size};
    return block;
}

/* `size` with a header of `header` bytes, or SIZE_MAX, which no memory holds. */
static size_t sigil_with(size_t header, size_t size) {
    return size > SIZE_MAX - header ? SIZE_MAX : size + header;
}

void *malloc(size_t size) {
    size_t whole = sigil_with(sizeof(struct sigil_header), size);
    char *start = sigil_try_alloc(whole);
    return start ? sigil_block(start, start + sizeof(struct sigil_header), whole) : NULL;
}

void *calloc(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    size_t whole = sigil_with(sizeof(struct sigil_header), bytes);
    char *start = sigil_alloc_zeroed(whole);
    return sigil_block(start, start + sizeof(struct sigil_header), whole);
}

void *aligned_alloc(size_t align, size_t size) {
    size_t gap = align > sizeof(struct sigil_header) ? align : sizeof(struct sigil_header);
    size_t whole = sigil_with(gap, size);
    char *start = sigil_alloc_aligned(whole, align);
    return sigil_block(start, start + gap, whole);
}

/* A block of `aligned_alloc` is aligned to 8 afterwards, as C allows. */
void *realloc(void *block, size_t size) {
    if (!block)
        return malloc(size);
    struct sigil_header old = ((struct sigil_header *)block)[-1];
    size_t gap = (size_t)((char *)block - (char *)old.start);
    size_t whole = sigil_with(gap, size);
    char *start = sigil_realloc(old.start, old.size, whole);
    return sigil_block(start, start + gap, whole);
}

void free(void *block) {
    if (block) {
        struct sigil_header old = ((struct sigil_header *)block)[-1];
        sigil_free(old.start, old.size);
    }
}

#endif
