/* The functions that sigil_malloc.c imports, as native code that ends the program at the first wrong argument: a block that is
 * not live, a size that it does not have, a byte written beside it. It makes use of every freedom that the contract
 * leaves: blocks are aligned to 8 and no more, hold garbage, and grow or shrink in place now and then.
 */
/* Here it is the C library's malloc that is meant. */
#undef malloc
#undef free

#include "native_heap.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sigil.h"

enum {
    MOST_BLOCKS = 1 << 16,
    MOST_BYTES = 4 << 20,
    GUARD_BYTES = 32,
    ROOM_BYTES = 64,
    FULL_BYTES = 64,
    GUARD = 0xa5,
    GARBAGE = 0xdd,
};

/* `memory` is the C library's; the block in it has a guard on either side. `room` is the most that it can grow to. */
struct block {
    unsigned char *start;
    unsigned char *memory;
    size_t size;
    size_t room;
};

static struct block blocks[MOST_BLOCKS];
static size_t n_blocks, n_bytes;
static unsigned turn;

static void refuse(const char *call, const char *why, const void *block, size_t size) {
    fprintf(stderr, "%s of %zu bytes at %p: %s\n", call, size, block, why);
    exit(1);
}

static void check_guards(const char *call, const struct block *block) {
    for (size_t i = 1; i <= GUARD_BYTES; i++)
        if (block->start[-(ptrdiff_t)i] != GUARD)
            refuse(call, "something wrote in front of it", block->start, block->size);
    for (size_t i = block->size; i < block->room + GUARD_BYTES; i++)
        if (block->start[i] != GUARD)
            refuse(call, "something wrote behind it", block->start, block->size);
}

static struct block *find(const char *call, const void *start, size_t size) {
    for (size_t i = n_blocks; i-- > 0;) {
        if (blocks[i].start == start) {
            if (blocks[i].size != size)
                refuse(call, "it has another size", start, size);
            check_guards(call, &blocks[i]);
            return &blocks[i];
        }
    }
    refuse(call, "it is not live", start, size);
    return NULL;
}

void *sigil_try_alloc(size_t size) {
    if (size > PTRDIFF_MAX)
        refuse("try-alloc", "no object is that large: malloc refuses it by itself", NULL, size);
    if (size > MOST_BYTES - n_bytes || n_blocks == MOST_BLOCKS)
        return NULL;
    size_t room = (size + ROOM_BYTES) & ~(size_t)7;
    unsigned char *memory = malloc(room + 2 * GUARD_BYTES + 24);
    if (!memory)
        refuse("try-alloc", "the machine has no memory", memory, size);
    /* By turns a multiple of 16, and 8 more. */
    unsigned char *start = memory + GUARD_BYTES;
    start += -(uintptr_t)start & 15;
    start += turn++ % 3 ? 8 : 0;
    memset(start - GUARD_BYTES, GUARD, room + 2 * GUARD_BYTES);
    memset(start, GARBAGE, size);
    blocks[n_blocks++] = (struct block){start, memory, size, room};
    n_bytes += size;
    return start;
}

void sigil_free(void *start, size_t size) {
    if (!start)
        return;
    struct block *block = find("free", start, size);
    n_bytes -= size;
    free(block->memory);
    *block = blocks[--n_blocks];
}

bool sigil_resize_in_place(void *start, size_t old_size, size_t new_size) {
    struct block *block = find("resize-in-place", start, old_size);
    if (old_size == new_size)
        return true;
    /* Where memory is full, nothing is resized: what is made smaller stays as it is. */
    if (MOST_BYTES - n_bytes < FULL_BYTES)
        return false;
    if (new_size > block->room || new_size > MOST_BYTES - (n_bytes - old_size) || turn++ % 4 == 0)
        return false;
    n_bytes += new_size - old_size;
    block->size = new_size;
    if (new_size > old_size)
        memset(block->start + old_size, GARBAGE, new_size - old_size);
    else
        memset(block->start + new_size, GUARD, old_size - new_size);
    return true;
}

/* Is the range in one live block? */
static bool is_live(const void *start, size_t n_bytes) {
    uintptr_t first = (uintptr_t)start;
    for (size_t i = n_blocks; i-- > 0;) {
        uintptr_t block = (uintptr_t)blocks[i].start;
        if (first >= block && first + n_bytes <= block + blocks[i].size)
            return true;
    }
    return false;
}

void sigil_mem_copy(void *dst, const void *src, size_t n_bytes) {
    if (!is_live(dst, n_bytes) || !is_live(src, n_bytes))
        refuse("mem-copy", "it leaves its block", is_live(dst, n_bytes) ? src : dst, n_bytes);
    memmove(dst, src, n_bytes);
}

size_t native_heap_check(void) {
    for (size_t i = 0; i < n_blocks; i++)
        check_guards("the end", &blocks[i]);
    return n_blocks;
}
