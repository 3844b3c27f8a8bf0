// `sigil_malloc.c` included by the file that calls it. There the compiler knows what malloc is by the standard (memory that nobody
// else has, and nothing in front of it), and sees what it does; with a little of each it would read no header.

#include "sigil_malloc.c"

#include <stdio.h>

enum { TURNS = 20000 };

static volatile size_t bytes = 1000;

// Rarely called: the compiler inlines small functions here, and not the large ones.
__attribute__((cold, noinline)) static size_t rarely(size_t size) {
    void *block = malloc(size);
    if (!block)
        return 0;
    *(volatile char *)block = 1;
    size_t usable = malloc_usable_size(block);
    free(block);
    return usable;
}

// The compiler makes a call of malloc of the first one, and notes then what it takes malloc for.
__attribute__((noinline)) static size_t often(size_t size) {
    void *block = realloc(realloc(NULL, size), 2 * size);
    if (!block)
        return 0;
    size_t usable = malloc_usable_size(block);
    free(block);
    return usable;
}

int main(void) {
    int wrong = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        wrong += rarely(bytes) < bytes;
        wrong += often(bytes) < 2 * bytes;
    }
    printf("%d wrong sizes\n", wrong);
    return 0;
}
