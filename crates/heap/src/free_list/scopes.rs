//! Opening and closing scopes: a record where the bump pointer stood.

use super::{
    FreeList, NONE, ROOT_SCOPE,
    large::{HEADER_BYTES, block_bytes, take},
    lists::SMALL_BYTES,
    record::{GRAIN, SCOPE_BYTES, empty, scope},
    small::{FIRST_BLOCK, RUN_BYTES, cut, open_run},
};
use crate::{PageSource, address::round_up};

/// A promoted block stays where it is if what lies below it in the scope is at most this part of it.
const GAP: u32 = 8;

impl FreeList {
    /// Opens a scope; its handle is the address of its record. 0 where memory was refused.
    pub(super) fn open<M: PageSource>(&mut self, memory: &mut M) -> u32 {
        let handle = self.advance(memory, SCOPE_BYTES, GRAIN);
        if handle != 0 {
            empty(memory, handle);
            // SAFETY: its record.
            let record = unsafe { &mut *scope(memory, handle) };
            record.parent = self.scope;
            record.chunk = self.chunk;
            self.set_scope(handle);
        }
        handle
    }

    pub(super) fn root_scope(&self) -> u32 {
        self.root + ROOT_SCOPE
    }

    /// Whether `handle` is an open scope. The root is none.
    #[inline]
    pub(super) fn is_open<M: PageSource>(&self, memory: &M, handle: u32) -> bool {
        let mut open = self.scope;
        while open != self.root_scope() {
            if open == handle {
                return true;
            }
            // SAFETY: an open scope.
            open = unsafe { (*scope(memory, open)).parent };
        }
        false
    }

    /// The scope around `handle`, which is open, and the chunk that `handle` begins in.
    pub(super) fn origin<M: PageSource>(memory: &M, handle: u32) -> (u32, u32) {
        // SAFETY: an open scope.
        let record = unsafe { &*scope(memory, handle) };
        (record.parent, record.chunk)
    }

    /// Closes `handle`, which is open, and every scope inside it. Where it comes from is said, because by now its
    /// record may be written over.
    #[inline(never)]
    pub(super) fn close<M: PageSource>(
        &mut self,
        memory: &M,
        handle: u32,
        (parent, start): (u32, u32),
    ) {
        self.dissolve(memory, handle);
        self.chunk = start;
        self.end = self.end_of(memory, start);
        self.set_scope(parent);
        self.lower(handle);
    }

    /// Makes `innermost` the innermost scope.
    pub(super) fn set_scope(&mut self, innermost: u32) {
        self.scope = innermost;
        // Above an island, any owner is possible. But all islands that the root can see are its own.
        let fence = if innermost == self.root_scope() {
            NONE
        } else {
            self.islands
        };
        self.n_grains = fence.saturating_sub(innermost) / GRAIN;
    }

    /// Makes a block of the scope around `handle` from `size_bytes` at `source`, and closes `handle`.
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
        let origin = Self::origin(memory, handle);
        let (parent, start) = origin;
        let end = self.end_of(memory, start);
        let bytes = block_bytes(size_bytes, HEADER_BYTES);
        let at = source.wrapping_sub(HEADER_BYTES);
        let limit = if start == self.chunk {
            self.ptr
        } else {
            end - HEADER_BYTES
        };
        if at.is_multiple_of(GRAIN)
            && at > handle
            && at - handle <= size_bytes / GAP
            && at <= limit
            && bytes <= limit - at
        {
            self.close(memory, handle, origin);
            self.place(memory, at, bytes);
            return source;
        }
        let small = size_bytes <= SMALL_BYTES;
        let mut block = Self::find(memory, parent, size_bytes);
        if block == 0 && !small {
            let free = take(memory, parent, bytes);
            if free != 0 {
                block = free + HEADER_BYTES;
            }
        }
        if block == 0 {
            let (bytes, align, first) = if small {
                (RUN_BYTES, RUN_BYTES, FIRST_BLOCK)
            } else {
                (bytes, GRAIN, HEADER_BYTES)
            };
            let at = round_up(handle.into(), align);
            if at + u64::from(bytes) + u64::from(HEADER_BYTES) <= end.into() {
                let at = at as u32;
                // Before anything is written to memory that the scope gives up: the source may lie there (S5).
                memory.copy(at + first, source, size_bytes);
                self.close(memory, handle, origin);
                self.place(memory, at, bytes);
                if !small {
                    return at + first;
                }
                open_run(memory, parent, at, bytes);
                return cut(memory, parent, size_bytes.max(1));
            }
            block = self.obtain(memory, parent, size_bytes);
        }
        if block != 0 {
            memory.copy(block, source, size_bytes);
            self.close(memory, handle, origin);
        }
        block
    }

    /// Frees every block and closes every scope.
    pub(super) fn clear<M: PageSource>(&mut self, memory: &M) {
        self.dissolve(memory, 0);
        empty(memory, self.root_scope());
        self.set_scope(self.root_scope());
        self.chunk = self.root;
        self.end = self.end_of(memory, self.root);
        self.lower(self.base);
    }
}
