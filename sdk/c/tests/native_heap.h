/* A conformer's part of sigil_malloc.c as native code that trusts nobody: see native_heap.c. */
#ifndef NATIVE_HEAP_H
#define NATIVE_HEAP_H

#include <stddef.h>

/* How many blocks are live. Ends the program where a byte around a live block has changed. */
size_t native_heap_check(void);

#endif
