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
}

/// The calls of `sigil:allocator`, over a memory that is handed in.
///
/// A call that cannot be served tells the memory why, by [`PageSource::fault`], and returns `None`; the
/// heap is then as it was before the call (H6). Addresses are byte offsets into the memory.
pub trait Strategy {
    /// Returns a block of `size_bytes`, aligned to 8, in the innermost open scope (A1, A2).
    fn alloc(&mut self, memory: &mut impl PageSource, size_bytes: u32) -> Option<NonZeroU32>;

    /// Returns a block of `new_bytes` that begins with the first `min(old_bytes, new_bytes)` bytes of
    /// the block at `old` (R1 to R4). Where it returns `None`, the old block is intact.
    ///
    /// # Safety
    ///
    /// `old` is 0, or a live block of `old_bytes`, which is dead afterwards unless it is what was
    /// returned.
    unsafe fn realloc(
        &mut self,
        memory: &mut impl PageSource,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Option<NonZeroU32>;

    /// Opens a scope inside the innermost open one and returns its handle (S1).
    fn enter_scope(&mut self, memory: &mut impl PageSource) -> Option<NonZeroU32>;

    /// Frees every block allocated since `handle` was opened and closes every scope inside it (S2).
    /// `None` where `handle` is not open, as far as the strategy can see (S7).
    fn exit_scope(&mut self, memory: &mut impl PageSource, handle: u32) -> Option<()>;

    /// Copies `size_bytes` from `source` into a block of the parent of `handle`, ends the scope and
    /// everything inside it, and returns the block (S4, S5). `None` where memory is exhausted, the
    /// scope then being still open, and where `handle` is not open (S7).
    ///
    /// # Safety
    ///
    /// `source` is readable for `size_bytes`.
    unsafe fn promote(
        &mut self,
        memory: &mut impl PageSource,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Option<NonZeroU32>;

    /// Frees every block of every scope and closes every scope (B1). The pages stay.
    fn free_all(&mut self, memory: &mut impl PageSource);
}
