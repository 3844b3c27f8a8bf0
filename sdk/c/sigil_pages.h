/* The interface `pages` of sigil:allocator-ext@0.1.0 for C and C++: the imports, declared once.
 *
 * Memory by pages, over whatever conformer is linked that has them. The range of `bytes` at `ptr` is the pages
 * that have a byte in it; no function traps. What each one does is in docs/contract.md, P1 to P9.
 *
 * Pages are `sigil_pages_page_size()` bytes, 16 KiB as a rule: who works in
 * multiples of 64 KiB needs not ask.
 */
#ifndef SIGIL_PAGES_H
#define SIGIL_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SIGIL_PAGES(function) \
    __attribute__((import_module("sigil:allocator-ext/pages@0.1.0"), import_name(function)))

/* `flags` of `sigil_pages_reserve`: all pages committed and zero; none committed; all committed, holding anything. */
enum {
    SIGIL_PAGES_ZERO = 0,
    SIGIL_PAGES_LAZY = 1,
    SIGIL_PAGES_NO_ZERO = 2,
};

SIGIL_PAGES("page-size")
uint32_t sigil_pages_page_size(void);

/* Pages for `bytes` bytes at a multiple of `align`, which is 0 or a power of two; NULL where they cannot be had. */
SIGIL_PAGES("reserve")
void *sigil_pages_reserve(size_t bytes, size_t align, uint32_t flags);

/* What was not committed reads zero; what was keeps what it holds. `false` where a page is not reserved. */
SIGIL_PAGES("commit")
bool sigil_pages_commit(void *ptr, size_t bytes);

/* Costs a mark per page; the range reads zero when it is committed again. `false` where a page is not reserved. */
SIGIL_PAGES("decommit")
bool sigil_pages_decommit(void *ptr, size_t bytes);

/* `true` where the contents were dropped, `false` where they stay. */
SIGIL_PAGES("reset")
bool sigil_pages_reset(void *ptr, size_t bytes);

/* Ends the reservation that begins at `ptr`; NULL is nothing. */
SIGIL_PAGES("release")
void sigil_pages_release(void *ptr);

/* Ends what is reserved of any range. */
SIGIL_PAGES("unmap")
void sigil_pages_unmap(void *ptr, size_t bytes);

SIGIL_PAGES("resize-in-place")
bool sigil_pages_resize_in_place(void *ptr, size_t old_bytes, size_t new_bytes);

/* In bytes: what memory may have, what is reserved, what is still to be had, what has been cleared so far. */
SIGIL_PAGES("limit")
uint64_t sigil_pages_limit(void);
SIGIL_PAGES("used")
uint64_t sigil_pages_used(void);
SIGIL_PAGES("available")
uint64_t sigil_pages_available(void);
SIGIL_PAGES("cleared")
uint64_t sigil_pages_cleared(void);

#ifdef __cplusplus
}
#endif

#endif
