/* Standard input, whole. The programs of this folder read it so. */
#ifndef READ_ALL_H
#define READ_ALL_H

#include <stdio.h>
#include <stdlib.h>

/* The text, a 0 behind it, and its length; the block is the caller's. Ends the program where memory does. */
static inline char *read_all(size_t *length) {
    size_t capacity = 1 << 12, n = 0;
    char *text = NULL;
    for (;;) {
        char *wider = realloc(text, capacity);
        if (!wider) {
            fputs("no memory for the input\n", stderr);
            exit(1);
        }
        text = wider;
        size_t room = capacity - 1 - n, n_read = fread(text + n, 1, room, stdin);
        n += n_read;
        if (n_read < room)
            break;
        capacity *= 2;
    }
    text[n] = 0;
    *length = n;
    return text;
}

#endif
