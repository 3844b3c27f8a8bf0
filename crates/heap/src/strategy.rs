//! What every allocation strategy can do: the contract's calls, as a trait.

use core::num::NonZeroU32;

use crate::PageSource;

/// Why a call gave up. The heap is as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Memory did not grow for a block of this many bytes (H5, H6).
    Exhausted {
        /// What was asked for, in bytes.
        size_bytes: u32,
    },
    /// The handle is no open scope (S7).
    BadHandle,
    /// The alignment is no power of two (X1).
    BadAlign,
}

/// The calls of `sigil:allocator`, over a memory that is handed in.
///
/// A call that cannot be served yields what [`PageSource::refuse`] makes of the [`Fault`]; the heap is
/// then as it was before the call (H6). Addresses are byte offsets into the memory.
pub trait Strategy {
    /// Returns a block of `size_bytes`, aligned to 8, in the innermost open scope (A1, A2).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`].
    fn alloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal>;

    /// Returns a block of `new_bytes` that begins with the first `min(old_bytes, new_bytes)` bytes of
    /// the block at `old`, or anew where `old` is 0 (R1 to R4).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`]; the old block is intact.
    ///
    /// # Safety
    ///
    /// `old` is 0, or a live block of `old_bytes`, which is dead afterwards unless it is what was
    /// returned.
    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal>;

    /// Opens a scope inside the innermost open one and returns its handle (S1).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`], where a scope takes memory.
    fn enter_scope<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal>;

    /// Frees every block allocated since `handle` was opened and closes every scope inside it (S2).
    ///
    /// # Errors
    ///
    /// [`Fault::BadHandle`] where `handle` is not open, as far as the strategy can see (S7).
    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal>;

    /// Copies `size_bytes` from `source` into a block of the parent of `handle`, ends the scope and
    /// everything inside it, and returns the block (S4, S5).
    ///
    /// # Errors
    ///
    /// [`Fault::Exhausted`], the scope then being still open, and [`Fault::BadHandle`] as above.
    ///
    /// # Safety
    ///
    /// `source` is readable for `size_bytes`.
    unsafe fn promote<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal>;

    /// Frees every block of every scope and closes every scope (B1). The pages stay.
    fn free_all<M: PageSource>(&mut self, memory: &mut M);
}
