/* What the .NET garbage collector asks of an operating system for its memory, over sigil:allocator-ext's pages.
 *
 * The names and meanings are those of `GCToOSInterface` in dotnet/runtime (src/coreclr/gc/env/gcenv.os.h); a port
 * forwards its static methods here. Sizes have 64 bits, whatever the collector's `size_t` is: what does not fit 32
 * is refused, and not truncated.
 *
 * Nothing is cleared when it is reserved. A page reads zero from its first commit on, and again from the first
 * commit after a decommit; a page that is committed twice keeps what it holds. What was never committed must not
 * be touched, as with any operating system, though wasm does not prevent it.
 */
#ifndef SIGIL_GC_OS_INTERFACE_H
#define SIGIL_GC_OS_INTERFACE_H

#include "sigil_pages.h"

/* `flags` of VirtualReserve. Write watch needs page faults, which wasm has none of. */
enum {
    VirtualReserveFlags_None = 0,
    VirtualReserveFlags_WriteWatch = 1,
};

/* Whether a size or an address fits 32 bits. */
static inline bool sigil_gc_fits(uint64_t value) {
    return value <= UINT32_MAX;
}

/* Reserves `size` bytes at a multiple of `alignment`, which is 0 or a power of two. NULL where that is not to be
 * had, or asks for write watch. `node` is not looked at: there are none.
 */
static inline void *VirtualReserve(uint64_t size, uint64_t alignment, uint32_t flags, uint16_t node) {
    (void)node;
    if (!sigil_gc_fits(size) || !sigil_gc_fits(alignment) || flags != VirtualReserveFlags_None)
        return NULL;
    return sigil_pages_reserve((size_t)size, (size_t)alignment, SIGIL_PAGES_LAZY);
}

/* Reserves `size` bytes, all committed and zero. There are no large pages, and nothing is lost by that: memory
 * that wasm has cannot be paged out one page at a time.
 */
static inline void *VirtualReserveAndCommitLargePages(uint64_t size, uint16_t node) {
    (void)node;
    if (!sigil_gc_fits(size))
        return NULL;
    return sigil_pages_reserve((size_t)size, 0, SIGIL_PAGES_ZERO);
}

/* Ends the reservation of the range, all of it or a part. `false` where the range leaves 32 bits. */
static inline bool VirtualRelease(void *address, uint64_t size) {
    if (!sigil_gc_fits(size) || !sigil_gc_fits((uint64_t)(uintptr_t)address + size))
        return false;
    sigil_pages_unmap(address, (size_t)size);
    return true;
}

/* Commits the pages of the range; those that were committed keep what they hold. `false` outside reservations. */
static inline bool VirtualCommit(void *address, uint64_t size, uint16_t node) {
    (void)node;
    return sigil_gc_fits(size) && sigil_pages_commit(address, (size_t)size);
}

/* Takes back what was committed, at the cost of a mark per page. `false` outside reservations. */
static inline bool VirtualDecommit(void *address, uint64_t size) {
    return sigil_gc_fits(size) && sigil_pages_decommit(address, (size_t)size);
}

/* Says that the contents of the range are of no more interest; it stays committed. `false` where they stay all the
 * same. `unlock` has no meaning where nothing is locked.
 */
static inline bool VirtualReset(void *address, uint64_t size, bool unlock) {
    (void)unlock;
    return sigil_gc_fits(size) && sigil_pages_reset(address, (size_t)size);
}

/* The most bytes that memory may have, as far as is known. `is_restricted`, if not NULL, says whether that is less
 * than what 32 bits can address.
 */
static inline uint64_t GetPhysicalMemoryLimit(bool *is_restricted) {
    uint64_t limit = sigil_pages_limit();
    if (is_restricted)
        *is_restricted = limit < (uint64_t)1 << 32;
    return limit;
}

#endif
