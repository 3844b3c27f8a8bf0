//! Opening and closing scopes: a record where the bump pointer stood.

use core::num::NonZeroU32;

use super::{
    FreeList, NONE, ROOT_SCOPE,
    chunks::chunk,
    lists::{SCOPE_BYTES, give, scope, take},
    size_class::{Fit, GRAIN, LAST_CLASS},
};
use crate::PageSource;

impl FreeList {
    /// Opens a scope; its handle is the address of its record.
    pub(super) fn open<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        let at = self.ptr;
        let handle = if SCOPE_BYTES <= self.end - at {
            self.ptr = at + SCOPE_BYTES;
            at
        } else {
            match self.advance(memory, SCOPE_BYTES) {
                Some(handle) => handle,
                None => return Err(Self::exhausted(memory, SCOPE_BYTES)),
            }
        };
        // SAFETY: bytes of the new scope's, which the heads do not need cleared.
        unsafe {
            let record = scope(memory, handle);
            (*record).map = 0;
            (*record).parent = self.scope;
            (*record).chunk = self.chunk;
        }
        self.set_scope(memory, handle);
        // SAFETY: `ptr` is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(handle) })
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

    /// Closes `handle`, which is open, and every scope inside it.
    #[inline]
    pub(super) fn close<M: PageSource>(&mut self, memory: &M, handle: u32) {
        self.dissolve(memory, handle);
        // SAFETY: an open scope.
        let record = unsafe { &*scope(memory, handle) };
        let chunk = record.chunk;
        self.set_scope(memory, record.parent);
        self.move_to(memory, (chunk, handle), (chunk, handle));
    }

    /// Makes `innermost` the innermost scope.
    #[inline]
    fn set_scope<M: PageSource>(&mut self, memory: &M, innermost: u32) {
        self.scope = innermost;
        self.fence = if self.islands == NONE {
            NONE
        } else {
            self.fence_above(memory, innermost)
        };
    }

    /// The lowest island above `scope`, if that is not the root: all islands of the root are its own.
    pub(super) fn fence_above<M: PageSource>(&self, memory: &M, at: u32) -> u32 {
        if at == self.root_scope() {
            return NONE;
        }
        // SAFETY: an open scope.
        let mut current = unsafe { (*scope(memory, at)).chunk };
        while current != 0 {
            // SAFETY: a chunk.
            let header = unsafe { &*chunk(memory, current) };
            if header.owner != 0 {
                return current;
            }
            current = header.next;
        }
        NONE
    }

    /// Makes a block of the scope around `handle` from `size_bytes` at `source`, and closes `handle`.
    ///
    /// The block stays where it is if it lies in the scope so that what is left below it, which the parent
    /// gets, is no more than the block. Otherwise it is copied, into a free block of the parent's or to where
    /// the scope began. `None` where memory was refused; the scope is then open.
    #[inline(never)]
    pub(super) fn lift<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Option<u32> {
        let fit = Fit::of(size_bytes);
        // SAFETY: an open scope.
        let (parent, start) = unsafe {
            let record = &*scope(memory, handle);
            (record.parent, record.chunk)
        };
        // SAFETY: a chunk.
        let end = unsafe { (*chunk(memory, start)).end };
        let gap = source.wrapping_sub(handle);
        if source.is_multiple_of(GRAIN)
            && source >= handle
            && gap <= fit.bytes
            && u64::from(source) + u64::from(fit.bytes) <= u64::from(end)
        {
            self.close(memory, handle);
            self.ptr = source + fit.bytes;
            give(memory, scope(memory, parent), handle, gap, gap);
            return Some(source);
        }
        if let Some(block) = take(memory, scope(memory, parent), fit, LAST_CLASS) {
            memory.copy(block, source, size_bytes);
            self.close(memory, handle);
            return Some(block);
        }
        let (to, block) = self.seek(memory, start, handle, fit.bytes)?;
        // Before anything is written to memory that the scope gives up: the source may lie there (S5).
        memory.copy(block, source, size_bytes);
        self.dissolve(memory, handle);
        self.set_scope(memory, parent);
        self.move_to(memory, (start, handle), (to, block + fit.bytes));
        Some(block)
    }

    /// Frees every block and closes every scope.
    pub(super) fn clear<M: PageSource>(&mut self, memory: &M) {
        self.dissolve(memory, 0);
        self.set_scope(memory, self.root_scope());
        // SAFETY: the root.
        unsafe { (*scope(memory, self.scope)).map = 0 };
        self.move_to(memory, (self.root, self.base), (self.root, self.base));
    }
}
