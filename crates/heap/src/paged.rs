//! Blocks over pages: small ones side by side in chunks, large ones in page ranges of their own.
//!
//! ```text
//! alloc(n):   n < 128 KiB: the chunk's next bytes           enter:    a record in the chunk
//!             else: page ranges from the page layer         exit(h):  chunks and ranges since h go back
//! ```
//!
//! **Small blocks** stand one behind the other in a *chunk*. A chunk that is full goes on into the pages behind
//! it, if they are free; else a new one begins wherever the page layer has room; and only then memory grows. The first
//! one is the memory between the heap base and the end of memory, so that a program that allocates little never
//! meets the page layer, and pays 8 bytes for it on no block.
//!
//! **Large blocks** begin at a page, and end with 16 bytes that say whose they are; zeroed ones are cleared where
//! a page is dirty, and nowhere else (Z1). A block is large by its size alone, so that no block needs a header.
//!
//! **Scopes.** `enter` puts a record into the chunk: where the chunk was, and where its list of large blocks began.
//! The handle is the record's address; a handle that is not in the list of open scopes is refused, stale ones
//! included (S7). What a scope had goes back to the page layer when it ends, as chunks and ranges, for blocks and
//! for [`reserve`](PageLayer::reserve) alike.
//!
//! **Refusals.** A refusal traps in a conformer, in the middle of whatever was going on, and what was on the shadow stack
//! stays there. So calls are refused where nothing is: the functions of [`Strategy`] that refuse keep nothing on it,
//! and leave what does to others that return.
//!
//! | cost | |
//! |---|---|
//! | per small block | 0 bytes, padding to 8 |
//! | per large block | 16 bytes, padding to 16 KiB |
//! | per scope | 24 bytes |
//! | per chunk but the first | 16 bytes |

use core::num::NonZeroU32;

use crate::{
    Fault, PageLayer, PageSource, Strategy,
    address::{ALIGN, round_up_fitting},
};

mod chunks;
mod extension;
mod large;
mod scopes;
#[cfg(test)]
mod tests;

/// A block of this size or more has pages of its own.
pub const LARGE_BYTES: u32 = 128 << 10;

/// More than this is not kept behind the newest block when somebody wants pages, or a scope ends.
const MOST_IDLE_BYTES: u32 = 1 << 20;

/// What is kept then.
const KEPT_BYTES: u32 = 256 << 10;

/// Blocks over pages.
///
/// Shape: five words that change together (`Top`), the heap base, and the page layer. A conformer's static
/// initialiser is a `Paged<*const u8>`, whose addresses are symbols that a linker relocates (H8).
#[repr(C)]
#[derive(Debug)]
pub struct Paged<W = u32> {
    top: Top<W>,
    /// The lowest address of the heap.
    base: W,
    /// Above this, no block has ever been in the first chunk.
    high: u32,
    /// All other memory.
    layer: PageLayer,
}

/// Where the next block goes, and what is to be undone when the innermost scope ends.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Top<W = u32> {
    /// The next free address. Invariant FREE: `ptr <= end`, both multiples of 8.
    ptr: W,
    /// The end of the chunk that `ptr` lies in.
    end: W,
    /// The header of that chunk; 0 for the first one, which has none.
    chunk: u32,
    /// The record of the innermost scope; 0 for the root.
    scope: u32,
    /// The newest of the large blocks and the scopes.
    newest: u32,
}

/// What a scope had that is not in use any more.
#[derive(Clone, Copy, Debug)]
struct Left {
    /// Where the heap stood.
    top: Top,
    /// The chunk in which it goes on.
    kept: u32,
}

impl<W: Copy> Paged<W> {
    /// An empty heap over the bytes from `base` to `end`, both multiples of 8.
    pub const fn new(base: W, end: W) -> Self {
        Self {
            top: Top {
                ptr: base,
                end,
                chunk: 0,
                scope: 0,
                newest: 0,
            },
            base,
            high: 0,
            layer: PageLayer::new(),
        }
    }
}

impl Paged {
    /// The page layer.
    pub fn pages(&mut self) -> &mut PageLayer {
        &mut self.layer
    }

    /// The page layer, for those who want more pages: what the newest chunk does not need is part of it.
    pub fn more_pages<M: PageSource>(&mut self, memory: &mut M) -> &mut PageLayer {
        self.trim(memory);
        &mut self.layer
    }

    /// Returns `size_bytes` at a multiple of `align`, a power of two of at least 8; `None` where memory is
    /// exhausted.
    #[inline(never)]
    fn obtain<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Option<NonZeroU32> {
        let block = if size_bytes < LARGE_BYTES {
            self.small(memory, size_bytes, align)?
        } else {
            self.large(memory, size_bytes, align, false)?
        };
        // A heap lies above 0.
        NonZeroU32::new(block)
    }

    /// What [`obtain`](Self::obtain) returns, or a refusal.
    fn demand<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if size_bytes >= LARGE_BYTES {
            self.trim(memory);
        }
        match self.obtain(memory, size_bytes, align) {
            Some(block) => Ok(block),
            None => Err(memory.refuse(Fault::Exhausted { size_bytes })),
        }
    }

    /// Whether a small block is the newest one, so that its end can move.
    fn is_newest(&self, block: u32, size_bytes: u32) -> bool {
        size_bytes < LARGE_BYTES && block.wrapping_add(round_up_fitting(size_bytes)) == self.top.ptr
    }

    /// Moves the end of the newest block, which begins at `block`; `false` where there is no room.
    fn move_end<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) -> bool {
        if size_bytes > self.top.end - block
            && !self.lengthen(memory, u64::from(block) + u64::from(size_bytes), true)
        {
            return false;
        }
        self.remember();
        self.top.ptr = block + round_up_fitting(size_bytes);
        true
    }

    /// Ends the life of a block that is not 0.
    fn end<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        if size_bytes >= LARGE_BYTES {
            self.free_large(memory, block, size_bytes);
            return;
        }
        // Only a caller who lies about the size could ask for the scope's record, or what lies below it.
        let lowest = match self.top.chunk {
            0 => self.base,
            chunk => chunk + chunks::HEADER_BYTES,
        };
        let is_above_scope = !(block..self.top.ptr).contains(&self.top.scope);
        if self.is_newest(block, size_bytes) && block >= lowest && is_above_scope {
            self.remember();
            self.top.ptr = block;
        }
    }
}

impl Strategy for Paged {
    #[inline(always)]
    fn alloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let at = self.top.ptr;
        if size_bytes > self.top.end - at || size_bytes >= LARGE_BYTES {
            return self.demand(memory, size_bytes, ALIGN);
        }
        self.top.ptr = at + round_up_fitting(size_bytes);
        // SAFETY: by FREE `at` is at least `base`, which is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(at) })
    }

    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let old_bytes = if old == 0 { 0 } else { old_bytes };
        if old != 0 && self.resize(memory, old, old_bytes, new_bytes) {
            // SAFETY: checked.
            return Ok(unsafe { NonZeroU32::new_unchecked(old) });
        }
        let block = self.demand(memory, new_bytes, ALIGN)?;
        if old != 0 {
            memory.copy(block.get(), old, old_bytes.min(new_bytes));
            self.end(memory, old, old_bytes);
        }
        Ok(block)
    }

    fn enter_scope<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        self.open(memory)
    }

    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        self.close(memory, handle);
        Ok(())
    }

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
        match self.close_and_copy(memory, handle, source, size_bytes) {
            Some(block) => Ok(block),
            None => Err(memory.refuse(Fault::Exhausted { size_bytes })),
        }
    }

    fn free_all<M: PageSource>(&mut self, memory: &mut M) {
        self.close_all(memory);
    }
}
