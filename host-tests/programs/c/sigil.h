/* sigil:allocator@0.1.0 for C: the imports, declared once.
 *
 * A pointer is a byte offset into linear memory, which on wasm32 is what a C pointer is. `scope_handle`
 * is opaque. Running out of memory traps; no call returns a null pointer.
 */
#ifndef SIGIL_H
#define SIGIL_H

#include <stddef.h>
#include <stdint.h>

#define SIGIL_IMPORT(interface, function) \
    __attribute__((import_module("sigil:allocator/" interface "@0.1.0"), import_name(function)))

typedef uint32_t sigil_scope;

/* A block of `size` bytes, aligned to 8, that lives as long as the innermost open scope. */
SIGIL_IMPORT("core", "alloc")
void *sigil_alloc(size_t size);

/* A block of `new_size` bytes that begins with those of `old`; `old` is dead, unless it comes back. */
SIGIL_IMPORT("core", "realloc")
void *sigil_realloc(void *old, size_t old_size, size_t new_size);

/* memmove, exact for every overlap. */
SIGIL_IMPORT("core", "mem-copy")
void sigil_mem_copy(void *dst, const void *src, size_t n_bytes);

SIGIL_IMPORT("scope", "enter-scope")
sigil_scope sigil_enter_scope(void);

/* Frees all that was allocated since the matching `sigil_enter_scope`. */
SIGIL_IMPORT("scope", "exit-scope")
void sigil_exit_scope(sigil_scope handle);

/* Ends the scope like `sigil_exit_scope`, but first copies `size` bytes into its parent. */
SIGIL_IMPORT("scope", "promote")
void *sigil_promote(sigil_scope handle, const void *ptr, size_t size);

/* Frees everything and closes every scope. */
SIGIL_IMPORT("bulk", "free-all")
void sigil_free_all(void);

#endif
