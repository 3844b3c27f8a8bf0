//! The bump strategy: a pointer, an end, and nothing per block.
//!
//! ```text
//! alloc(n):   if n > end - ptr { find or grow a chunk }     enter:    handle = ptr
//!             block = ptr                                   exit(h):  ptr = h
//!             ptr += round_up(n, 8)                         promote:  exit, alloc, copy
//! ```
//!
//! **No wrap (H4).** `ptr` and `end` are multiples of 8 and `ptr <= end`, so `end - ptr` is exact, the
//! unrounded `n` is compared with it, and an `n` that fits still fits rounded up.
//!
//! **Foreign growth (H3).** What this heap obtained is a list of *chunks* in address order. The last
//! one is extended where `memory.grow` continues it; where somebody else grew in between, a new chunk
//! begins. Links are never undone: a chunk that an exit left behind is filled again before memory grows
//! (S3, B1). The list is walked from its root on every path but the fast one; it is one chunk long
//! unless somebody else grows the memory too, and its length never depends on the number of blocks (S2).
//!
//! **Scopes.** Addresses only ever rise, also from chunk to chunk, so the bump pointer alone says what
//! is older than what: it is the handle. Entering is one load. A handle outside the heap, above the
//! pointer or not aligned is seen to be none (S7); a stale handle below the pointer is not.
//!
//! `sizes` and `stats` are what it does beyond the contract.
//!
//! | cost | |
//! |---|---|
//! | per block | 0 bytes, padding to 8 |
//! | per scope | 0 bytes |
//! | per chunk but the first | 8 bytes |

use core::num::NonZeroU32;

use crate::{
    Fault, PageSource, Strategy,
    address::{ALIGN, PAGE_LOG2, end_of_pages, round_up_fitting},
};

/// The state of a bump heap: four words.
///
/// Shape: `[ptr | end | base | root]`, each a `W`: `u32` where the heap runs. A
/// conformer's static initialiser is a `Bump<*const u8>`, whose words are symbols that a linker
/// relocates, so that the first call finds the heap ready (H8).
#[repr(C)]
#[derive(Debug)]
pub struct Bump<W = u32> {
    /// The next free address. Invariant FREE: `ptr <= end`, both multiples of 8.
    ptr: W,
    /// The end of the chunk that `ptr` lies in: a copy of its header's `end`.
    end: W,
    /// The lowest address of the heap.
    base: W,
    /// The address of the root chunk's header, which lies below the heap.
    root: W,
}

/// What a chunk begins with; the root chunk's stands among the conformer's statics instead.
///
/// Shape: `[end | next]`, 8 bytes: the first address behind the chunk, and the header of the chunk
/// above it or 0. Invariant LIST: following `next` from the root visits every chunk once, in address
/// order; only the last one's `end` ever changes.
#[repr(C)]
#[derive(Debug)]
pub struct Chunk<W = u32> {
    end: W,
    next: W,
}

mod sizes;
mod stats;
#[cfg(test)]
mod tests;

const HEADER_BYTES: u32 = size_of::<Chunk>() as u32;
const _: () = assert!(HEADER_BYTES == ALIGN);

impl<W: Copy> Chunk<W> {
    /// The root chunk's header: a chunk that ends at `end` with none above it (`zero`).
    pub const fn root(end: W, zero: W) -> Self {
        Self { end, next: zero }
    }
}

impl<W: Copy> Bump<W> {
    /// An empty heap over the bytes from `base` to `end`, both multiples of 8.
    ///
    /// `root` is the address of a [`Chunk::root`] with the same `end`, below `base`.
    pub const fn new(root: W, base: W, end: W) -> Self {
        Self {
            ptr: base,
            end,
            base,
            root,
        }
    }
}

impl Bump {
    /// Makes `at` the bump pointer, or the start of the first chunk above it that has room, or else that
    /// of memory that grows; then takes `size_bytes` from there.
    ///
    /// Nothing is written before the request is served (H6), except that the last chunk may have grown.
    #[inline(never)]
    fn place<M: PageSource>(
        &mut self,
        memory: &mut M,
        mut at: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let mut chunk = self.root;
        loop {
            // SAFETY: the root, or by LIST what `next` names, or memory that has just grown.
            let header = unsafe { &mut *memory.at(chunk).cast::<Chunk>() };
            let end = header.end;
            if at <= chunk {
                at = chunk + HEADER_BYTES;
            }
            if u64::from(at) + u64::from(size_bytes) <= u64::from(end) {
                self.ptr = at + round_up_fitting(size_bytes);
                self.end = end;
                // SAFETY: `at` lies above a header.
                return Ok(unsafe { NonZeroU32::new_unchecked(at) });
            }
            if header.next != 0 {
                chunk = header.next;
                continue;
            }
            // What is missing in pages, counted from `free` bytes that are there. The sum cannot reach
            // 2^32 where the chunk continues; behind foreign pages it can, and the next turn refuses.
            let top = memory.size_pages() << PAGE_LOG2;
            let foreign = top != end;
            let free = if foreign {
                0u32.wrapping_sub(HEADER_BYTES)
            } else {
                top - at
            };
            if memory
                .grow((size_bytes.wrapping_sub(free + 1) >> PAGE_LOG2) + 1)
                .is_none()
            {
                return Err(memory.refuse(Fault::Exhausted { size_bytes }));
            }
            if foreign {
                header.next = top;
                chunk = top;
            }
            // SAFETY: the last chunk, or memory that has just grown; there `next` is 0 already.
            unsafe { (*memory.at(chunk).cast::<Chunk>()).end = end_of_pages(memory.size_pages()) };
        }
    }

    /// Ends the scope `handle` and everything inside it, and takes `size_bytes` for its parent where it
    /// stood.
    #[inline(never)]
    fn close<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        self.check(memory, handle)?;
        self.place(memory, handle, size_bytes)
    }

    /// Refuses what can be seen to be no open scope (S7), by one branch for the three ways.
    #[inline(always)]
    fn check<M: PageSource>(&self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        if u32::from(handle < self.base) | u32::from(handle > self.ptr) | (handle % ALIGN) != 0 {
            return Err(memory.refuse(Fault::BadHandle));
        }
        Ok(())
    }
}

impl Strategy for Bump {
    #[inline(always)]
    fn alloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let at = self.ptr;
        if size_bytes > self.end - at {
            return self.place(memory, at, size_bytes);
        }
        self.ptr = at + round_up_fitting(size_bytes);
        // SAFETY: by FREE `at` is at least `base`, which is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(at) })
    }

    #[inline]
    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        mut old: u32,
        mut old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if old == 0 {
            // No block is an empty block, and the bump pointer is the place of one (A2).
            old = self.ptr;
            old_bytes = 0;
        }
        let mut block = old;
        if new_bytes > old_bytes {
            // The newest block gives up its place, and as a rule gets it again.
            let newest = self.ptr.wrapping_sub(old).wrapping_sub(old_bytes) < ALIGN;
            let at = if newest { old } else { self.ptr };
            block = self.place(memory, at, new_bytes)?.get();
            if block != old {
                memory.copy(block, old, old_bytes);
            }
        }
        // SAFETY: no block is at 0.
        Ok(unsafe { NonZeroU32::new_unchecked(block) })
    }

    #[inline]
    fn enter_scope<M: PageSource>(&mut self, _: &mut M) -> Result<NonZeroU32, M::Refusal> {
        // SAFETY: by FREE `ptr` is at least `base`, which is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(self.ptr) })
    }

    #[inline]
    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        self.close(memory, handle, 0).map(|_| ())
    }

    #[inline]
    unsafe fn promote<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let block = self.close(memory, handle, size_bytes)?;
        memory.copy(block.get(), source, size_bytes);
        Ok(block)
    }

    #[inline]
    fn free_all<M: PageSource>(&mut self, memory: &mut M) {
        // Nothing always fits where the heap begins.
        _ = self.place(memory, self.base, 0);
    }
}
