//! Opening and closing scopes: a record where the bump pointer stood.

use super::{
    FreeList,
    classes::{GRAIN, HEADS_BYTES, rounded},
    lists::{scatter, take, trim},
    record::{
        RECORD_BYTES, TO_NOTHING, TO_REGION, WINDOW, lists_at, most_blocks, owner_of, record,
    },
    windows::region,
};
use crate::PageSource;

/// A promoted block stays where it is if what lies below it in the scope is at most this part of it.
const GAP: u32 = 8;

impl FreeList {
    /// Opens a scope; its handle is the address of its record. 0 where memory was refused.
    #[inline(always)]
    pub(super) fn open<M: PageSource>(&mut self, memory: &mut M) -> u32 {
        let mut handle = self.bump(RECORD_BYTES);
        if handle == 0 {
            handle = self.advance(memory, self.scope, RECORD_BYTES, false);
            if handle == 0 {
                return 0;
            }
        }
        let (new, lists) = (record(memory, handle), self.nothing());
        // SAFETY: there is room for it. Nobody asks a scope for its end.
        unsafe {
            (*new).below = self.top;
            (*new).owner = handle;
            (*new).lists = lists;
        }
        self.top = handle;
        self.scope = handle;
        self.lists = lists;
        self.span = 0;
        handle
    }

    /// The lists of a scope that has freed nothing: nothing is ever written to them.
    #[inline(always)]
    pub(super) fn nothing(&self) -> u32 {
        self.root - TO_NOTHING
    }

    /// Whether `handle` is an open scope. The root is none.
    #[inline(always)]
    pub(super) fn is_open<M: PageSource>(&self, memory: &M, handle: u32) -> bool {
        self.holder(memory, handle) == handle && owner_of(memory, handle) == handle
    }

    /// The same, in a few steps for the innermost one.
    #[inline(always)]
    pub(super) fn is_open_at_once<M: PageSource>(&self, memory: &M, handle: u32) -> bool {
        let is_newest = handle == self.top && handle == self.scope && handle != self.root;
        is_newest || self.is_open(memory, handle)
    }

    /// What stands below the scope `handle` in the stack.
    #[inline(always)]
    pub(super) fn below<M: PageSource>(memory: &M, handle: u32) -> u32 {
        // SAFETY: a record.
        unsafe { (*record(memory, handle)).below }
    }

    /// Closes `handle`, which is open, and every scope inside it. What stands below it is said, because by now its
    /// record may be written over.
    #[inline(never)]
    pub(super) fn close<M: PageSource>(&mut self, memory: &M, handle: u32, below: u32) {
        let due = handle.wrapping_add_signed(self.lead());
        self.touch(self.ptr);
        self.ptr = handle;
        // After a misuse it may not be among them.
        let mut left = most_blocks(memory);
        while self.top != handle && left != 0 {
            left -= 1;
            let at = self.top;
            // SAFETY: a record.
            let found = unsafe { &*record(memory, at) };
            self.top = found.below;
            if found.owner != at {
                let (mut end, limit) = (found.end, self.limit);
                if found.lists == WINDOW {
                    self.limit = end;
                    self.end = end;
                    self.due = due;
                    end = limit;
                } else if at == limit {
                    // The newest island of the live window.
                    self.limit = end;
                    continue;
                }
                let bytes = end.wrapping_sub(at);
                self.touch(end);
                scatter(memory, lists_at(memory, self.root), at, bytes);
                self.freed = self.freed.wrapping_add(bytes);
            }
        }
        self.top = below;
        self.scope = owner_of(memory, below);
        self.lists = lists_at(memory, self.scope);
        self.span = 0;
    }

    /// Makes a block of the scope around `handle`, which is open, from `size_bytes` at `source`, and closes `handle`.
    ///
    /// The block stays where it is if it lies near enough to the start of the scope: the parent gets what is
    /// below it. Otherwise it is copied, into a free block of the parent's, or to where the scope began. 0 where
    /// memory was refused; the scope is then open.
    #[inline(never)]
    pub(super) fn lift<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> u32 {
        let parent = owner_of(memory, Self::below(memory, handle));
        let lists = lists_at(memory, parent);
        let bytes = rounded(size_bytes);
        // A copy must not lie over the records of scopes inside, and nothing must be above a block that stays.
        let is_alone = self.top == handle;
        let room = self.limit.wrapping_sub(handle);
        let fits = is_alone && bytes <= room;
        let mut gap = source.wrapping_sub(handle);
        let mut block = source;
        if !fits || gap > size_bytes / GAP || gap > room - bytes || !gap.is_multiple_of(GRAIN) {
            gap = 0;
            block = take(memory, lists, bytes);
            if block != 0 {
                trim(memory, lists, block, bytes);
            } else if fits {
                block = handle;
            } else {
                block = self.obtain(memory, parent, size_bytes);
                if block == 0 {
                    return 0;
                }
            }
        }
        let below = Self::below(memory, handle);
        if block != source {
            // Before anything is written to memory that the scope gives up: the source may lie there (S5).
            memory.copy(block, source, size_bytes);
        }
        self.close(memory, handle, below);
        if block.wrapping_sub(handle) == gap {
            self.ptr = block + bytes;
            self.end = self.end.max(self.ptr);
            if lists != self.nothing() {
                scatter(memory, lists, handle, gap);
            }
        }
        block
    }

    /// Frees every block and closes every scope.
    pub(super) fn clear<M: PageSource>(&mut self, memory: &mut M) {
        self.close(memory, self.root, self.root);
        let lists = self.lists;
        memory.clear(lists, HEADS_BYTES);
        let first = self.root - TO_REGION;
        let mut at = self.regions;
        // Each was grown behind the one before.
        while at > first {
            // SAFETY: a region.
            let found = unsafe { &*region(memory, at) };
            let (next, start) = (found.next, at + RECORD_BYTES);
            self.touch(found.end);
            scatter(memory, lists, start, found.end.wrapping_sub(start));
            at = if next < at { next } else { first };
        }
        // SAFETY: a region.
        self.limit = unsafe { (*region(memory, first)).end };
        self.end = self.limit;
        self.ptr = self.base;
        self.due = self.base;
    }
}
