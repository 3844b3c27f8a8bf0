/* What `lines` takes of sigil.h, over the C library's malloc: an arena is a list of what was allocated since it was
 * opened. Its blocks begin behind a link, and do not grow but move.
 */
#ifndef LINES_OWN_H
#define LINES_OWN_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct own_link {
    _Alignas(max_align_t) struct own_link *older;
};

static struct own_link *own_newest;

typedef struct own_link *sigil_arena;

static inline void *sigil_alloc(size_t size) {
    struct own_link *link = malloc(sizeof *link + size);
    if (!link) {
        fputs("no memory\n", stderr);
        exit(1);
    }
    link->older = own_newest;
    own_newest = link;
    return link + 1;
}

/* The old block is given back with the rest of its arena. */
static inline void *sigil_realloc(void *old, size_t old_size, size_t new_size) {
    void *block = sigil_alloc(new_size);
    if (old)
        memcpy(block, old, old_size < new_size ? old_size : new_size);
    return block;
}

static inline char *sigil_copy_text(const char *text, size_t length) {
    char *copy = sigil_alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

static inline void sigil_arena_exit(sigil_arena *arena) {
    while (own_newest != *arena) {
        struct own_link *link = own_newest;
        own_newest = link->older;
        free(link);
    }
}

/* Gives back all but a copy, which belongs to what surrounds the arena. */
static inline char *sigil_arena_promote_string(sigil_arena *arena, const char *string) {
    char *copy = sigil_copy_text(string, strlen(string));
    struct own_link *link = own_newest;
    own_newest = link->older;
    sigil_arena_exit(arena);
    link->older = *arena;
    own_newest = *arena = link;
    return copy;
}

#define SIGIL_ARENA(name) __attribute__((cleanup(sigil_arena_exit))) sigil_arena name = own_newest

#endif
