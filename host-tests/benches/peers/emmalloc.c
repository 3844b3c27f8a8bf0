/* emmalloc as it comes with Zig, and what it asks of a libc: pages. */

#include <emmalloc.c>

void *sbrk(intptr_t increment) {
  if (increment == 0)
    return (void *)(__builtin_wasm_memory_size(0) << 16);
  if (increment < 0 || (increment & 0xffff) != 0)
    __builtin_trap();
  size_t old_pages = __builtin_wasm_memory_grow(0, (size_t)increment >> 16);
  return old_pages == (size_t)-1 ? (void *)-1 : (void *)(old_pages << 16);
}
