//! The calls of `sigil:allocator-ext`, as traits: what a strategy can do beyond the contract.
//!
//! A strategy implements what it has. [`Sizes`] is everything of the interface `sized` but `free`, which
//! stands alone in [`Free`]: an allocator that never takes back single blocks can offer the rest.

use core::num::NonZeroU32;

use crate::{PageSource, Strategy};

/// Blocks by alignment, zeroed, without a trap, and resized where they stand.
pub trait Sizes: Strategy {
    /// Returns a block of `size_bytes` whose address is a multiple of `align`, and of 8 (X1).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`](crate::Fault::Exhausted), and [`Fault::BadAlign`](crate::Fault::BadAlign)
    /// where `align` is no power of two.
    fn alloc_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Result<NonZeroU32, M::Refusal>;

    /// Returns a block of `size_bytes` zero bytes; pages that have just grown are not cleared (Z1).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`](crate::Fault::Exhausted).
    fn alloc_zeroed<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal>;

    /// Returns a block of `size_bytes`, or `None` where memory is exhausted: nothing is then changed, and
    /// [`PageSource::refuse`] is not called (X2).
    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32>;

    /// Makes the block at `block` one of `new_bytes` without moving it, and says whether that was
    /// possible; nothing is changed otherwise (X3). Memory may grow, and a refused growth is a `false`.
    ///
    /// # Safety
    ///
    /// `block` is a live block of `old_bytes`.
    unsafe fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool;
}

/// Blocks that are given back one by one.
pub trait Free: Sizes {
    /// Ends the life of a block; its bytes may be handed out again (F1). A `block` of 0 is nothing.
    ///
    /// # Safety
    ///
    /// `block` is 0, or a live block of `size_bytes`, which is dead afterwards.
    unsafe fn free<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32);
}

/// What a heap knows about itself, in bytes and pages. No call changes anything.
pub trait Stats: Strategy {
    /// The bytes that are taken: live blocks, their padding, and what the heap needs beside them (T1).
    fn heap_used<M: PageSource>(&self, memory: &M) -> u32;

    /// The lowest address of the heap (T2).
    fn heap_base(&self) -> u32;

    /// The part of [`heap_used`](Stats::heap_used) that ending the scope `handle` would give back (T3).
    ///
    /// # Errors
    ///
    /// [`Fault::BadHandle`](crate::Fault::BadHandle), as for
    /// [`exit_scope`](Strategy::exit_scope).
    fn scope_used<M: PageSource>(&self, memory: &mut M, handle: u32) -> Result<u32, M::Refusal>;

    /// The most that [`heap_used`](Stats::heap_used) has been, or more: what the heap has touched (T4).
    fn high_water<M: PageSource>(&self, memory: &M) -> u32;

    /// How many pages of memory this heap owns, in part or as a whole (T5).
    fn pages<M: PageSource>(&self, memory: &M) -> u32;
}
