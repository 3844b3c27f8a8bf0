/* Natively the functions under test stand beside the C library's, which the test itself needs: they get names of their
 * own. Included in front of everything by the compiler's `-include`.
 */
#ifndef NATIVE_NAMES_H
#define NATIVE_NAMES_H

#include <stddef.h>
#include <stdlib.h>

#define malloc tested_malloc
#define calloc tested_calloc
#define realloc tested_realloc
#define free tested_free
#define aligned_alloc tested_aligned_alloc
#define posix_memalign tested_posix_memalign
#define malloc_usable_size tested_malloc_usable_size

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *block, size_t size);
void free(void *block);
void *aligned_alloc(size_t align, size_t size);
int posix_memalign(void **out, size_t align, size_t size);
size_t malloc_usable_size(void *block);

#endif
