/* sigil:allocator@0.1.0 for C and C++, and the interfaces `sized` and `stats` of sigil:allocator-ext@0.1.0: the
 * imports, declared once, and helpers over them. What each function does is in docs/contract.md.
 *
 * A pointer is a byte offset into linear memory, which on wasm32 is what a C pointer is. Running out of memory
 * traps: no call but `sigil_try_alloc` returns NULL. What a program does not call it does not import.
 *
 * None of them has the attribute `malloc`, on purpose: it says that nobody else reaches a block, and so the compiler would
 * read from it after the scope that it was in has ended. Nor has any `alloc_size`: a block that `sigil_resize_in_place` made
 * larger keeps its pointer, and sanitizers would end the program where it uses the rest.
 */
#ifndef SIGIL_H
#define SIGIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __wasm__
#define SIGIL_IMPORT(interface, function) \
    __attribute__((import_module("sigil:" interface "@0.1.0"), import_name(function)))
#else
/* Elsewhere, in tests, somebody defines them. */
#define SIGIL_IMPORT(interface, function)
#endif
#define SIGIL_BLOCK __attribute__((returns_nonnull, assume_aligned(8), warn_unused_result))

/* ---- core ---- */

/* A block of `size` bytes, aligned to 8, that lives as long as the innermost open scope. */
SIGIL_IMPORT("allocator/core", "alloc")
SIGIL_BLOCK
void *sigil_alloc(size_t size);

/* A block of `new_size` bytes that begins with those of `old`; `old` is dead, unless it comes back. */
SIGIL_IMPORT("allocator/core", "realloc")
SIGIL_BLOCK
void *sigil_realloc(void *old, size_t old_size, size_t new_size);

/* memmove, exact for every overlap. */
SIGIL_IMPORT("allocator/core", "mem-copy")
void sigil_mem_copy(void *dst, const void *src, size_t n_bytes);

/* ---- scope ---- */

/* Names an open scope; opaque, 0 may be one. */
typedef uint32_t sigil_scope;

SIGIL_IMPORT("allocator/scope", "enter-scope")
sigil_scope sigil_enter_scope(void);

/* Frees all that was allocated since the matching `sigil_enter_scope`, and closes the scopes opened since. */
SIGIL_IMPORT("allocator/scope", "exit-scope")
void sigil_exit_scope(sigil_scope scope);

/* Ends the scope like `sigil_exit_scope`, but first copies `size` bytes into its parent. */
SIGIL_IMPORT("allocator/scope", "promote")
SIGIL_BLOCK
void *sigil_promote(sigil_scope scope, const void *ptr, size_t size);

/* ---- bulk ---- */

/* Frees everything and closes every scope. */
SIGIL_IMPORT("allocator/bulk", "free-all")
void sigil_free_all(void);

/* ---- sized, an extension ---- */

/* `size` is the size that the block was last given; a NULL block is nothing. */
SIGIL_IMPORT("allocator-ext/sized", "free")
void sigil_free(void *block, size_t size);

/* A multiple of `align` and of 8; traps where `align` is no power of two. */
SIGIL_IMPORT("allocator-ext/sized", "alloc-aligned")
SIGIL_BLOCK
void *sigil_alloc_aligned(size_t size, size_t align);

SIGIL_IMPORT("allocator-ext/sized", "alloc-zeroed")
SIGIL_BLOCK
void *sigil_alloc_zeroed(size_t size);

/* As `sigil_alloc`, but NULL where memory is exhausted. */
SIGIL_IMPORT("allocator-ext/sized", "try-alloc")
__attribute__((assume_aligned(8), warn_unused_result))
void *sigil_try_alloc(size_t size);

/* `true` where the block has `new_size` bytes now; else nothing is changed. Never traps. */
SIGIL_IMPORT("allocator-ext/sized", "resize-in-place")
__attribute__((warn_unused_result))
bool sigil_resize_in_place(void *block, size_t old_size, size_t new_size);

/* ---- stats, an extension: bytes, but for the pages of 64 KiB ---- */

SIGIL_IMPORT("allocator-ext/stats", "heap-used")
uint32_t sigil_heap_used(void);
SIGIL_IMPORT("allocator-ext/stats", "heap-base")
void *sigil_heap_base(void);
SIGIL_IMPORT("allocator-ext/stats", "scope-used")
uint32_t sigil_scope_used(sigil_scope scope);
SIGIL_IMPORT("allocator-ext/stats", "high-water")
uint32_t sigil_high_water(void);
SIGIL_IMPORT("allocator-ext/stats", "pages")
uint32_t sigil_heap_pages(void);

/* ---- arenas: a scope that ends with the C block that it stands in ---- */

/* A scope, and whether it is still to be closed. */
typedef struct sigil_arena {
    sigil_scope scope;
    bool is_open;
} sigil_arena;

static inline sigil_arena sigil_arena_enter(void) {
    sigil_arena arena = {sigil_enter_scope(), true};
    return arena;
}

/* Closes the scope, unless that was done. Arenas opened inside it must have been closed before. */
static inline void sigil_arena_exit(sigil_arena *arena) {
    if (arena->is_open) {
        arena->is_open = false;
        sigil_exit_scope(arena->scope);
    }
}

/* Copies `size` bytes out of the arena into what surrounds it, and closes it. An arena can do that once. */
static inline void *sigil_arena_promote(sigil_arena *arena, const void *ptr, size_t size) {
    arena->is_open = false;
    return sigil_promote(arena->scope, ptr, size);
}

static inline char *sigil_arena_promote_string(sigil_arena *arena, const char *string) {
    return (char *)sigil_arena_promote(arena, string, strlen(string) + 1);
}

/* Opens an arena as a variable of the C block that this stands in. However the block is left (its end, `return`, `break`,
 * `goto`), the arena is closed, unless it was promoted from: an early return cannot forget it. What
 * is returned is computed before. `longjmp` closes nothing; the next arena outside does.
 */
#define SIGIL_ARENA(name) \
    __attribute__((cleanup(sigil_arena_exit))) sigil_arena name = sigil_arena_enter()

/* `*ptr` promoted, as a pointer of the same type: `return SIGIL_PROMOTE(&arena, point);` */
#define SIGIL_PROMOTE(arena, ptr) \
    ((__typeof__(ptr))sigil_arena_promote((arena), (ptr), sizeof *(ptr)))

/* ---- typed blocks, copies ---- */

/* The bytes of an array; where they are more than memory can have, a size that nothing serves. */
static inline size_t sigil_array_bytes(size_t n, size_t size) {
    size_t bytes;
    return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

/* 8 is what blocks are aligned to. A type that needs more does not compile here: it has `sigil_alloc_aligned`. */
#define SIGIL_SIZE_OF(type) (sizeof(type) + 0 * sizeof(char[__alignof__(type) <= 8 ? 1 : -1]))

/* One `type`, or `n` of them, uninitialised: `struct node *node = SIGIL_NEW(struct node);` */
#define SIGIL_NEW(type) ((type *)sigil_alloc(SIGIL_SIZE_OF(type)))
#define SIGIL_NEW_ARRAY(type, n) ((type *)sigil_alloc(sigil_array_bytes((n), SIGIL_SIZE_OF(type))))

/* `size` bytes, copied. */
static inline void *sigil_copy(const void *ptr, size_t size) {
    void *copy = sigil_alloc(size);
    memcpy(copy, ptr, size);
    return copy;
}

/* `length` bytes and a 0. */
static inline char *sigil_copy_text(const char *text, size_t length) {
    /* The largest length has no room for the 0. */
    char *copy = (char *)sigil_alloc(length == SIZE_MAX ? length : length + 1);
    memcpy(copy, text, length);
    copy[length] = 0;
    return copy;
}

static inline char *sigil_copy_string(const char *string) {
    return sigil_copy_text(string, strlen(string));
}

#ifdef __cplusplus
}
#endif

#endif
