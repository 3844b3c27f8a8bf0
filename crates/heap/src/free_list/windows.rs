//! The memory that the bump pointer moves through, and whose a block is.
//!
//! ```text
//! scope    [below | itself | … | lists] blocks …
//! window   [below | owner | end of the one left | 0] blocks …
//! island   [below | owner | end | 1] block
//! ```
//!
//! The *live window* is what lies between the bump pointer's lowest address and `limit`. Scopes share it, one behind the
//! other, until one needs more than there is. Then memory grows, and the window with it; or, where somebody else grew
//! memory in between (H3), the scope leaves what it has and gets a window of its own: memory that just grew, or a free
//! block of the root's. Windows go back to the root's lists when their scope closes.
//!
//! An *island* is what a scope gets while newer scopes hold the bump pointer: it is cut off the far end of the live
//! window. The root needs no record for one: what belongs to nobody else is the root's.

use super::{
    FreeList, NONE,
    classes::{GRAIN, MOST_EXACT},
    lists::{scatter, take},
    record::{
        ISLAND, RECORD_BYTES, Record, Region, WINDOW, get, lists_at, most_blocks, record, word,
    },
};
use crate::{
    PageSource,
    address::{PAGE_LOG2, PAGE_SIZE},
};

/// What a window takes of the root's lists at least, where memory can grow instead; in bytes.
const WINDOW_BYTES: u32 = PAGE_SIZE / 4;

/// How far the bump pointer gets without a sweep, in bytes.
const STEP: u32 = 1 << 14;

/// Up to this size a heap makes larger steps, in bytes.
const SMALL_BYTES: u32 = 8 * PAGE_SIZE;

/// Where a heap that has grown ends in a memory of `pages`: so far below, that no end is 2^32.
const fn end_of_heap(pages: u32) -> u32 {
    (pages << PAGE_LOG2).wrapping_sub(GRAIN)
}

impl FreeList {
    /// Makes the live window one with room for `bytes`; false where memory was refused.
    #[inline(never)]
    pub(super) fn widen<M: PageSource>(&mut self, memory: &mut M, bytes: u32) -> bool {
        self.wait = self.wait.saturating_sub(1);
        let whole = bytes + RECORD_BYTES;
        if bytes > self.limit - self.ptr && self.borrow(memory, whole.max(WINDOW_BYTES)) {
            return true;
        }
        if self.extend(memory, bytes) {
            return true;
        }
        let pages = memory.size_pages();
        let delta = ((whole + 2 * GRAIN - 1) >> PAGE_LOG2) + 1;
        if self.goes_on(memory, pages) || memory.grow(delta).is_none() {
            self.wait = 0;
            return self.borrow(memory, whole);
        }
        let start = pages << PAGE_LOG2;
        self.limit_region(memory, start, pages + delta);
        // SAFETY: it has just grown, and is zero.
        unsafe { (*region(memory, start)).next = self.regions };
        self.regions = start;
        self.leave(memory, start + RECORD_BYTES);
        self.limit = end_of_heap(pages + delta);
        self.soften(bytes);
        true
    }

    /// Makes room for `bytes` in the live window without leaving it: of what it has, or by memory that grows behind it.
    /// Says whether there is.
    #[inline(never)]
    pub(super) fn extend<M: PageSource>(&mut self, memory: &mut M, bytes: u32) -> bool {
        if bytes > self.limit - self.ptr {
            let pages = memory.size_pages();
            if !self.goes_on(memory, pages) {
                return false;
            }
            let missing = bytes.wrapping_sub(end_of_heap(pages).wrapping_sub(self.ptr));
            let delta = ((missing - 1) >> PAGE_LOG2) + 1;
            if memory.grow(delta).is_none() {
                return false;
            }
            self.limit_region(memory, self.regions, pages + delta);
            self.limit = end_of_heap(pages + delta);
        }
        // Memory that the heap did without so far, that a sweep has just won, or that has grown.
        self.soften(bytes);
        true
    }

    /// Whether the live window ends where a memory of `pages` does.
    fn goes_on<M: PageSource>(&self, memory: &M, pages: u32) -> bool {
        // SAFETY: the newest region.
        let newest = unsafe { (*region(memory, self.regions)).end };
        self.limit == newest && newest >= end_of_heap(pages)
    }

    /// Lets the region at `at` end where a memory of `pages` does.
    fn limit_region<M: PageSource>(&self, memory: &M, at: u32, pages: u32) {
        // SAFETY: the newest region, or memory that has just grown, and is zero.
        unsafe { (*region(memory, at)).end = end_of_heap(pages) };
    }

    /// Lets the bump pointer get as far as `bytes` take it, for which there is room, and on to the end of that step. That
    /// is a page for large blocks, which would leave much of a smaller one, and in small heaps, whose lists would never
    /// get to hold what a program wants from one moment to the next.
    pub(super) fn soften(&mut self, bytes: u32) {
        let is_small = self.ptr - self.base < SMALL_BYTES;
        let step = if bytes > MOST_EXACT || is_small {
            PAGE_SIZE
        } else {
            STEP
        };
        // As far below the end of the step as a heap that has grown ends below that of a page.
        let end = ((self.ptr + bytes + GRAIN - 1) | (step - 1)) - (GRAIN - 1);
        self.end = end.min(self.limit);
    }

    /// Gets the innermost scope a window of `bytes` or more from the root's lists; says whether it did.
    fn borrow<M: PageSource>(&mut self, memory: &mut M, bytes: u32) -> bool {
        if self.scope == self.root {
            return false;
        }
        let lists = lists_at(memory, self.root);
        let mut at = take(memory, lists, bytes);
        if at == 0 {
            at = self.claim(memory, lists, bytes);
        }
        if at == 0 {
            return false;
        }
        let end = at.wrapping_add(get(memory, at, 4));
        self.leave(memory, at);
        self.end = end;
        self.limit = end;
        true
    }

    /// Takes a block of `bytes` or more out of `lists`, which have none but are swept for it if it is time; 0 where there
    /// is none then.
    #[inline(never)]
    pub(super) fn claim<M: PageSource>(&mut self, memory: &mut M, lists: u32, bytes: u32) -> u32 {
        if self.wait != 0 || lists == self.nothing() {
            return 0;
        }
        self.sweep(memory, lists);
        let block = take(memory, lists, bytes);
        // Where it was not worth it, the next one has to wait, and each time for longer.
        self.wait += 2 * self.pause;
        if block != 0 {
            self.wait = 0;
        }
        self.pause = self.wait;
        block
    }

    /// Leaves the live window for one at `at`, whose end the caller knows.
    #[inline(never)]
    fn leave<M: PageSource>(&mut self, memory: &M, mut at: u32) {
        let lists = lists_at(memory, self.scope);
        if lists != self.nothing() {
            scatter(memory, lists, self.ptr, self.limit - self.ptr);
        }
        self.ptr = self.limit;
        if self.scope != self.root {
            // SAFETY: as much room as that.
            unsafe {
                *record(memory, at) = Record {
                    below: self.top,
                    owner: self.scope,
                    end: self.limit,
                    lists: WINDOW,
                };
            }
            self.top = at;
            self.span = 0;
            at += RECORD_BYTES;
        }
        self.stack(at);
    }

    /// Makes `at` the bump pointer. What it passed may hold anything.
    #[inline(never)]
    pub(super) fn stack(&mut self, at: u32) {
        self.touched = self.touched.max(self.ptr);
        self.ptr = at;
    }

    /// Takes `bytes`, for which there is room and for a record, from the far end of the live window for `owner`, a scope
    /// around the innermost one.
    #[inline(always)]
    pub(super) fn cut_off<M: PageSource>(&mut self, memory: &M, owner: u32, bytes: u32) -> u32 {
        let end = self.limit;
        let block = (end - bytes) & !(GRAIN - 1);
        let mut at = block;
        if owner != self.root {
            at -= RECORD_BYTES;
            let mut above = word(&self.top);
            let mut left = most_blocks(memory);
            // SAFETY: records, of which one stands above the owner's.
            unsafe {
                while (*record(memory, above)).below != owner && left != 0 {
                    above = (*record(memory, above)).below;
                    left -= 1;
                }
                (*record(memory, above)).below = at;
                *record(memory, at) = Record {
                    below: owner,
                    owner,
                    end,
                    lists: ISLAND,
                };
            }
        }
        self.touched = self.touched.max(end);
        self.limit = at;
        self.end = at;
        self.span = 0;
        block
    }

    /// Whether the block at `block` is surely the innermost scope's, if it is one, and the scope has lists.
    #[inline(always)]
    pub(super) fn is_innermost(&self, block: u32) -> bool {
        block.wrapping_sub(self.top) < self.span
    }

    /// The scope that owns the byte at `block`, which is that scope's record if that is where it stands; [`NONE`] below the
    /// heap.
    #[inline(never)]
    pub(super) fn owner<M: PageSource>(&self, memory: &M, block: u32) -> u32 {
        if block < self.base {
            return NONE;
        }
        let (mut at, mut end) = (word(&self.top), word(&self.limit));
        // A misuse may have written over records: no walk is longer than memory has blocks.
        let mut left = most_blocks(memory);
        while at != self.root {
            if left == 0 {
                return NONE;
            }
            left -= 1;
            // SAFETY: a record.
            let found = unsafe { &*record(memory, at) };
            let is_island = found.lists == ISLAND;
            let stop = if is_island { found.end } else { end };
            if block.wrapping_sub(at) < stop.wrapping_sub(at) {
                return found.owner;
            }
            if !is_island {
                end = if found.owner == at { at } else { found.end };
            }
            at = found.below;
        }
        at
    }
}

/// The region at `at`.
#[inline(always)]
pub(super) fn region<M: PageSource>(memory: &M, at: u32) -> *mut Region {
    memory.at(at).cast()
}
