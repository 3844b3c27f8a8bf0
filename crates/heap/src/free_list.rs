//! The free-list strategy: a bump pointer, and per scope a list of free blocks for each size class.
//!
//! ```text
//! alloc(n):      the list of n's class, else the next list that has a block, which is split,
//!                else the bump pointer, else neighbours are joined, else memory grows
//! free(p, n):    onto the list of n's class
//! enter:         a scope's record at the bump pointer; its lists are empty
//! exit(h):       the bump pointer back to the record, whose parent's lists are as they were
//! ```
//!
//! **No headers.** Who frees a block says how large it is, and a size says how much its block takes
//! ([`size_class`](self)). Free blocks are linked through their own bytes. Nothing else is kept of a block,
//! so that two neighbours are joined only when the free blocks are sorted, which is put off until a request
//! finds nothing (`sweep`).
//!
//! **Scopes (S2).** The bump pointer says what is older than what, as in [`Bump`](crate::Bump). Each scope has
//! lists of its own, in a record where it begins. So leaving a scope forgets its blocks, free or not, and no
//! block of an older scope was ever in its lists.
//!
//! **Owners.** A block's address says whose it is: the newest scope whose record lies below it. What is freed
//! goes to the lists of its owner, and a block that grows stays its owner's. Where the owner is not the
//! innermost scope, and its lists have nothing, its memory is an island (`chunks`).
//!
//! **No wrap (H4), foreign growth (H3).** As in [`Bump`](crate::Bump): chunks, and comparisons with the
//! distance between two boundaries.
//!
//! | cost | |
//! |---|---|
//! | per block | 0 bytes; padding to 16, above 256 bytes to an eighth, above 4096 to 16 |
//! | per open scope | 288 bytes |
//! | per chunk but the first | 16 bytes |
//!
//! Undefined, but never an endless loop: a block freed twice, with a wrong size, or that is none. Where such
//! an address or size is seen to be impossible, the call does nothing.

mod chunks;
mod extension;
mod lists;
mod scopes;
mod size_class;
mod stats;
mod sweep;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "simulated"))]
mod walker;

use core::num::NonZeroU32;

use crate::{Fault, PageSource, Strategy};

pub use chunks::Chunk;
pub use lists::Scope;

use chunks::HEADER_BYTES;
use lists::{LAST_SMALL, give, pop, scope, take};
use size_class::{Fit, LAST_CLASS};

/// What a free-list heap keeps below its lowest address: the first chunk's header and the root scope.
#[repr(C)]
#[derive(Debug)]
pub struct Root<W = u32> {
    chunk: Chunk<W>,
    scope: Scope,
}

impl<W> Root<W> {
    /// The root of a heap that ends at `end`.
    pub const fn new(end: W) -> Self {
        Self {
            chunk: Chunk {
                end,
                next: 0,
                owner: 0,
                zero: 0,
            },
            scope: Scope::root(),
        }
    }
}

/// The state of a free-list heap.
///
/// Shape: words; those that a linker knows are a `W`, as in [`Bump`](crate::Bump). Invariant FREE:
/// `ptr <= end`, and `ptr` is a multiple of 16.
#[repr(C)]
#[derive(Debug)]
pub struct FreeList<W = u32> {
    /// The innermost open scope.
    scope: W,
    /// The lowest address that may be an older scope's though it lies above the innermost one.
    fence: u32,
    /// The bump pointer: the next address that was not handed out since the scope began.
    ptr: W,
    /// The end of the chunk that `ptr` lies in: a copy of its header's `end`.
    end: W,
    /// The chunk that `ptr` lies in.
    chunk: W,
    /// The lowest address of the heap, a multiple of 16.
    base: W,
    /// The address of the [`Root`], whose first part is the first chunk's header.
    root: W,
    /// The lowest island, or [`NONE`].
    islands: u32,
    /// Below it, or below `ptr`, bytes may be other than zero.
    touched: W,
    /// How many requests were not served by their own list since the last sweep, and how many the next one
    /// waits for.
    saved: u32,
    price: u32,
}

/// No address.
const NONE: u32 = u32::MAX;

impl<W: Copy> FreeList<W> {
    /// An empty heap over the bytes from `base`, a multiple of 16, to `end`, a multiple of 8.
    ///
    /// `root` is the address of a [`Root::new`] with the same `end`, below `base`; `root_scope` is that of
    /// its second part, [`ROOT_SCOPE`] bytes on.
    pub const fn new(root: W, root_scope: W, base: W, end: W) -> Self {
        Self {
            scope: root_scope,
            fence: NONE,
            ptr: base,
            end,
            chunk: root,
            base,
            root,
            islands: NONE,
            touched: base,
            saved: 0,
            price: 0,
        }
    }
}

/// How far behind the start of a [`Root`] its scope is, in bytes.
pub const ROOT_SCOPE: u32 = HEADER_BYTES;
const _: () = assert!(core::mem::offset_of!(Root, scope) == ROOT_SCOPE as usize);

impl FreeList {
    /// Takes a block for `owner`, the innermost scope or one around it. `None` where memory was refused;
    /// the heap is then as it was.
    #[inline(never)]
    fn obtain<M: PageSource>(&mut self, memory: &mut M, owner: u32, fit: Fit) -> Option<u32> {
        self.saved = self.saved.saturating_add(1);
        let mut swept = self.saved >= self.price;
        if swept {
            self.sweep(memory, owner);
        }
        if let Some(block) = self.find(memory, owner, fit) {
            return Some(block);
        }
        if !swept && self.saved >= self.price / GROWTH {
            swept = true;
            if let Some(block) = self.sweep_and_find(memory, owner, fit) {
                return Some(block);
            }
        }
        let fresh = if owner == self.scope {
            self.advance(memory, fit.bytes)
        } else {
            self.settle(memory, owner, fit.bytes)
        };
        match fresh {
            None if !swept => self.sweep_and_find(memory, owner, fit),
            fresh => fresh,
        }
    }

    /// Takes a free block of `owner`, or where it is the innermost scope, what follows the bump pointer.
    fn find<M: PageSource>(&mut self, memory: &M, owner: u32, fit: Fit) -> Option<u32> {
        let lists = scope(memory, owner);
        // SAFETY: an open scope.
        let record = unsafe { &mut *lists };
        if fit.class <= LAST_SMALL && record.map != 0 {
            if let Some(block) = take(memory, lists, fit, LAST_SMALL) {
                return Some(block);
            }
            let run = Fit::of(RUN_BYTES);
            if record.run_end - record.run_start < fit.bytes
                && let Some(start) = self.find(memory, owner, run)
            {
                let rest = record.run_end - record.run_start;
                give(memory, lists, record.run_start, rest, rest);
                (record.run_start, record.run_end) = (start, start + run.bytes);
            }
            if record.run_end - record.run_start >= fit.bytes {
                let block = record.run_start;
                record.run_start += fit.bytes;
                return Some(block);
            }
        }
        let block = take(memory, lists, fit, LAST_CLASS);
        if block.is_none() && owner == self.scope && fit.bytes <= self.end - self.ptr {
            let block = self.ptr;
            self.ptr += fit.bytes;
            return Some(block);
        }
        block
    }

    fn sweep_and_find<M: PageSource>(&mut self, memory: &M, owner: u32, fit: Fit) -> Option<u32> {
        self.sweep(memory, owner);
        self.find(memory, owner, fit)
    }

    /// Joins the free blocks of `owner`.
    fn sweep<M: PageSource>(&mut self, memory: &M, owner: u32) {
        let lists = scope(memory, owner);
        // SAFETY: an open scope.
        if unsafe { (*lists).map } == 0 {
            return;
        }
        let (n_blocks, ptr) = sweep::sweep(memory, lists, self.ptr);
        self.touched = self.touched.max(self.ptr);
        self.ptr = ptr;
        (self.saved, self.price) = (0, LEAST_SAVED + n_blocks / SWEPT);
    }

    /// Whether the block is surely the innermost scope's, if it is one.
    #[inline(always)]
    fn is_innermost(&self, block: u32) -> bool {
        block.wrapping_sub(self.scope) < self.fence.wrapping_sub(self.scope)
    }

    /// Whose the block is, as far as that can be seen.
    fn owner_of<M: PageSource>(&self, memory: &M, block: u32, bytes: u32) -> Option<u32> {
        if self.is_innermost(block) {
            Some(self.scope)
        } else {
            self.owner(memory, block, bytes)
        }
    }

    /// Resizes a block of `owner` where it stands, from `old` to `new`; says whether that was possible.
    fn resize<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        block: u32,
        old: Fit,
        new: Fit,
    ) -> bool {
        let end = block.wrapping_add(old.bytes);
        let newest = owner == self.scope && end == self.ptr && block < end;
        if newest && new.bytes > old.bytes {
            match self.seek(memory, self.chunk, block, new.bytes) {
                Some((_, at)) if at == block => {}
                _ => return false,
            }
            // Chunks above may have been joined to this one.
            self.move_to(memory, (self.chunk, block), (self.chunk, block + new.bytes));
            return true;
        }
        if newest {
            self.move_to(memory, (self.chunk, block), (self.chunk, block + new.bytes));
        } else if new.bytes > old.bytes {
            return false;
        } else {
            give(
                memory,
                scope(memory, owner),
                block.wrapping_add(new.bytes),
                old.bytes - new.bytes,
                old.bytes,
            );
        }
        true
    }

    /// Frees a block of any size and any open scope.
    #[inline(never)]
    fn release<M: PageSource>(&mut self, memory: &M, block: u32, fit: Fit) {
        let Some(owner) = self.owner(memory, block, fit.bytes) else {
            return;
        };
        if owner == self.scope && block.wrapping_add(fit.bytes) == self.ptr {
            self.move_to(memory, (self.chunk, block), (self.chunk, block));
        } else {
            give(memory, scope(memory, owner), block, fit.bytes, fit.bytes);
        }
    }

    /// What a call yields that found no memory.
    fn exhausted<M: PageSource>(memory: &mut M, size_bytes: u32) -> M::Refusal {
        memory.refuse(Fault::Exhausted { size_bytes })
    }
}

/// How many blocks are swept for each request that its own list could not serve, at most.
const SWEPT: u32 = 10;

/// Memory grows only behind a sweep, unless the last one is more recent than this part of the usual distance.
const GROWTH: u32 = 5;

/// How many requests lie between two sweeps, at least.
const LEAST_SAVED: u32 = 48;

/// What is set aside for small blocks at a time, in bytes.
const RUN_BYTES: u32 = 2048;

impl Strategy for FreeList {
    #[inline(always)]
    fn alloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if let Some(fit) = Fit::small(size_bytes)
            && let Some(block) = pop(memory, scope(memory, self.scope), fit.class)
        {
            // SAFETY: what is in a list is not at 0.
            return Ok(unsafe { NonZeroU32::new_unchecked(block) });
        }
        match self.obtain(memory, self.scope, Fit::of(size_bytes)) {
            // SAFETY: a block lies above `base`, which is not 0.
            Some(block) => Ok(unsafe { NonZeroU32::new_unchecked(block) }),
            None => Err(Self::exhausted(memory, size_bytes)),
        }
    }

    #[inline]
    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let Some(address) = NonZeroU32::new(old) else {
            return self.alloc(memory, new_bytes);
        };
        let (from, to) = (Fit::of(old_bytes), Fit::of(new_bytes));
        if from == to {
            return Ok(address);
        }
        let owner = self.owner_of(memory, old, from.bytes).unwrap_or(self.scope);
        if self.resize(memory, owner, old, from, to) {
            return Ok(address);
        }
        let Some(block) = self.obtain(memory, owner, to) else {
            return Err(Self::exhausted(memory, new_bytes));
        };
        memory.copy(block, old, old_bytes);
        give(memory, scope(memory, owner), old, from.bytes, from.bytes);
        // SAFETY: a block lies above `base`, which is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(block) })
    }

    #[inline]
    fn enter_scope<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        self.open(memory)
    }

    #[inline]
    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        self.close(memory, handle);
        Ok(())
    }

    #[inline]
    unsafe fn promote<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        match self.lift(memory, handle, source, size_bytes) {
            // SAFETY: a block lies above `base`, which is not 0.
            Some(block) => Ok(unsafe { NonZeroU32::new_unchecked(block) }),
            None => Err(Self::exhausted(memory, size_bytes)),
        }
    }

    #[inline]
    fn free_all<M: PageSource>(&mut self, memory: &mut M) {
        self.clear(memory);
    }
}
