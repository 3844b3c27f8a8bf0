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
//! window, and goes back there when its scope closes; or to the root's lists, where something was cut off since that stays.
//! The root needs no record for one: what belongs to nobody else is the root's.

use super::{
    FreeList,
    classes::GRAIN,
    lists::{scatter, take},
    record::{
        ISLAND, RECORD_BYTES, Record, Region, WINDOW, get, lists_at, most_blocks, owner_of, record,
        word,
    },
};
use crate::{
    PageSource,
    address::{PAGE_LOG2, PAGE_SIZE},
};

/// What a window takes of the root's lists at least, where memory can grow instead; in bytes.
const WINDOW_BYTES: u32 = PAGE_SIZE / 4;

/// How far the bump pointer gets until it is asked whether a sweep is due, in bytes. After `free-all`, and in a window that was
/// left and is returned to, it gets to the end at once.
const STEP: u32 = 1 << 14;

/// For each block that a sweep left the bump pointer passes so many bytes more before the next one,
const BYTES_PER_BLOCK: u32 = 8;

/// or so many, if it did not find what it was for.
const BYTES_IN_VAIN: u32 = 48;

/// More blocks do not count, so that no wait is longer than [`FreeList::lead`] can say.
const MOST_COUNTED: u32 = 1 << 24;

/// The bits of [`FreeList::vain`](FreeList): multiples of a step, for the same reason.
const VAIN_BITS: u32 = (1 << 29) - STEP;

/// Where a heap that has grown ends in a memory of `pages`: so far below, that no end is 2^32.
const fn end_of_heap(pages: u32) -> u32 {
    (pages << PAGE_LOG2).wrapping_sub(GRAIN)
}

impl FreeList {
    /// Takes `bytes` of the live window for `owner`, the innermost scope or one around it; 0 where there is no room for
    /// them, or for the record of an island.
    #[inline(never)]
    pub(super) fn room<M: PageSource>(&mut self, memory: &M, owner: u32, bytes: u32) -> u32 {
        let left = self.limit.wrapping_sub(self.ptr);
        if owner != self.scope {
            // An island has a record.
            if bytes + RECORD_BYTES > left {
                return 0;
            }
            return self.cut_off(memory, owner, bytes);
        }
        if bytes > left {
            return 0;
        }
        let block = self.ptr;
        self.stack(block + bytes);
        block
    }

    /// Makes the live window one with room for `bytes` and a record; false where memory was refused. Where the bump
    /// pointer `stays`, it is not left for another.
    #[inline(never)]
    pub(super) fn widen<M: PageSource>(&mut self, memory: &mut M, bytes: u32, stays: bool) -> bool {
        // A window has a record of its own.
        let whole = bytes + 2 * RECORD_BYTES;
        if !stays && self.borrow(memory, whole.max(WINDOW_BYTES)) {
            return true;
        }
        let pages = memory.size_pages();
        // SAFETY: the newest region.
        let end = unsafe { (*region(memory, self.regions)).end };
        let goes_on = self.limit == end && end >= end_of_heap(pages);
        if stays && !goes_on {
            return false;
        }
        // As if the bump pointer were at the start of the pages to come, with a region's header behind it.
        let start = if goes_on {
            self.ptr
        } else {
            (pages << PAGE_LOG2) + RECORD_BYTES
        };
        let missing = whole.wrapping_sub(end_of_heap(pages).wrapping_sub(start));
        let delta = ((missing - 1) >> PAGE_LOG2) + 1;
        if memory.grow(delta).is_none() {
            return !stays && self.borrow(memory, whole);
        }
        let end = end_of_heap(pages + delta);
        if !goes_on {
            let at = pages << PAGE_LOG2;
            // SAFETY: it has just grown, and is zero.
            unsafe { (*region(memory, at)).next = self.regions };
            self.regions = at;
            self.leave(memory, start, end);
        }
        // SAFETY: the newest region.
        unsafe { (*region(memory, self.regions)).end = end };
        self.limit = end;
        true
    }

    /// The same, whatever it takes; 0 where memory was refused. Where the bump pointer `stays`, its window is not left for
    /// another.
    #[inline(never)]
    pub(super) fn advance<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        bytes: u32,
        stays: bool,
    ) -> u32 {
        loop {
            let at = self.room(memory, owner, bytes);
            if at != 0 || !self.widen(memory, bytes, stays) {
                return at;
            }
        }
    }

    /// Gets the innermost scope a window of `bytes` or more from the root's lists; says whether it did.
    #[inline(never)]
    fn borrow<M: PageSource>(&mut self, memory: &mut M, bytes: u32) -> bool {
        if self.scope == self.root {
            return false;
        }
        let at = self.find(memory, lists_at(memory, self.root), bytes);
        if at != 0 {
            let end = at.wrapping_add(get(memory, at, 4));
            self.leave(memory, at, end);
        }
        at != 0
    }

    /// Takes a block of `bytes` or more out of `lists`, which are swept for it if it is time; 0 where they have none.
    #[inline(never)]
    pub(super) fn find<M: PageSource>(&mut self, memory: &mut M, lists: u32, bytes: u32) -> u32 {
        if self.is_wasteful() {
            self.join(memory, lists);
        }
        let mut block = take(memory, lists, bytes);
        if block == 0 && self.lead() < STEP as i32 {
            let n_blocks = self.join(memory, lists).min(MOST_COUNTED);
            block = take(memory, lists, bytes);
            let mut more = n_blocks * BYTES_PER_BLOCK;
            self.vain = self.vain.wrapping_mul(2).wrapping_add(more) & VAIN_BITS;
            if block == 0 {
                // It was not worth it: the next one has to wait, and where many blocks are free, each time for longer.
                more *= BYTES_IN_VAIN / BYTES_PER_BLOCK;
            } else {
                self.vain = 0;
            }
            self.due = self.due.wrapping_add(more.wrapping_add(self.vain));
        }
        block
    }

    /// Leaves the live window for the one from `at` to `end`.
    #[inline(never)]
    fn leave<M: PageSource>(&mut self, memory: &M, mut at: u32, end: u32) {
        self.due = at.wrapping_add_signed(self.lead());
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
        self.limit = end;
        self.stack(at);
    }

    /// How far the bump pointer gets until free blocks are joined, in bytes; less than 0 where it has got further. Never more
    /// than 2 GiB; where it went on for longer than that in one go, the next time is late.
    #[inline(always)]
    pub(super) fn lead(&self) -> i32 {
        self.due.wrapping_sub(self.ptr).cast_signed()
    }

    /// What lies below `at` may be other than zero.
    #[inline(never)]
    pub(super) fn touch(&mut self, at: u32) {
        self.touched = self.touched.max(at);
    }

    /// Makes `at` the bump pointer, which gets to the end of a step then, where memory may end as well, or as far as the window
    /// goes. What it passed may hold anything.
    #[inline(never)]
    pub(super) fn stack(&mut self, at: u32) {
        self.touch(self.ptr);
        self.ptr = at;
        self.end = ((at | (STEP - 1)) - (GRAIN - 1)).min(self.limit);
    }

    /// Takes `bytes`, for which there is room and for a record, from the far end of the live window for `owner`, a scope
    /// around the innermost one.
    #[inline(always)]
    fn cut_off<M: PageSource>(&mut self, memory: &M, owner: u32, bytes: u32) -> u32 {
        let end = self.limit;
        let block = (end - bytes) & !(GRAIN - 1);
        let mut at = block;
        if owner != self.root {
            at -= RECORD_BYTES;
            // The newest island stands on top of the older ones: so they are given back in turns.
            let (mut above, mut below) = (0, word(&self.top));
            let mut left = most_blocks(memory);
            while left != 0 && owner_of(memory, below) != owner {
                left -= 1;
                above = below;
                below = Self::below(memory, above);
            }
            // SAFETY: records, of which one stands above the owner's.
            unsafe {
                (*record(memory, above)).below = at;
                *record(memory, at) = Record {
                    below,
                    owner,
                    end,
                    lists: ISLAND,
                };
            }
        }
        self.touch(end);
        self.limit = at;
        self.end = self.end.min(at);
        self.span = 0;
        block
    }

    /// Whether the block at `block`, if it is one, may be another scope's than the innermost one's, or that scope has no
    /// lists, or `or` is all ones: one branch for all. Otherwise `or` is 0.
    ///
    /// Asked the other way round, it would be that branch that falls through, and engines would lay the fast path behind it.
    #[inline(always)]
    pub(super) fn may_be_elsewhere(&self, block: u32, or: u32) -> bool {
        let offset = block.wrapping_sub(self.top).wrapping_sub(RECORD_BYTES);
        (offset | or) >= self.span
    }

    /// The record of what the byte at `block` lies in, which is that record if that is where it stands; below the heap
    /// one that nobody owns.
    #[inline(never)]
    pub(super) fn holder<M: PageSource>(&self, memory: &M, block: u32) -> u32 {
        if block < self.base {
            return self.nothing();
        }
        let (mut at, mut end) = (word(&self.top), word(&self.limit));
        // A misuse may have written over records: no walk is longer than memory has blocks.
        let mut left = most_blocks(memory);
        while at != self.root {
            if left == 0 {
                return self.nothing();
            }
            left -= 1;
            // SAFETY: a record.
            let found = unsafe { &*record(memory, at) };
            let is_island = found.lists == ISLAND;
            let stop = if is_island { found.end } else { end };
            if block.wrapping_sub(at) < stop.wrapping_sub(at) {
                break;
            }
            if !is_island {
                end = if found.owner == at { at } else { found.end };
            }
            at = found.below;
        }
        at
    }

    /// The scope that owns the byte at `block`; 0 below the heap, and where a record stands.
    pub(super) fn owner<M: PageSource>(&self, memory: &M, block: u32) -> u32 {
        let holder = self.holder(memory, block);
        if holder == block {
            return 0;
        }
        owner_of(memory, holder)
    }
}

/// The region at `at`.
#[inline(always)]
pub(super) fn region<M: PageSource>(memory: &M, at: u32) -> *mut Region {
    memory.at(at).cast()
}
