//! The seam between a strategy and the memory it manages.

use crate::Fault;

/// A linear memory that grows by wasm pages of 64 KiB.
///
/// Implemented by each conformer with `memory.size` and `memory.grow`, and by the tests with a
/// simulated memory. Others may grow the same memory at any time (H3): what a strategy may hand out is
/// only what [`grow`](PageSource::grow) returned to *it*, and what it was given to start with.
///
/// # Safety
///
/// An implementor promises that
/// 1. `size_pages` is the current size and never shrinks;
/// 2. after `grow(delta)` returned `Some(old)`, the bytes from `old` pages to `old + delta` pages are
///    readable, writable and zero, and were nobody's before;
/// 3. `at(address)` is a pointer to that byte of linear memory for every `address` in bounds, and
///    pointers made from adjacent addresses are adjacent.
pub unsafe trait PageSource {
    /// The size of the memory, in wasm pages: 0 to 65,536.
    fn size_pages(&self) -> u32;

    /// Grows the memory by `delta_pages` and returns its old size in pages, or `None` where growth is
    /// refused. Every delta is a legal argument; one that cannot fit 65,536 pages is refused.
    fn grow(&mut self, delta_pages: u32) -> Option<u32>;

    /// The byte at `address`.
    fn at(&self, address: u32) -> *mut u8;

    /// Copies `size_bytes` from `source` to `target`, exact for every overlap.
    fn copy(&mut self, target: u32, source: u32, size_bytes: u32);

    /// Sets `size_bytes` from `address` on to 0.
    fn clear(&mut self, address: u32, size_bytes: u32) {
        // SAFETY: by 3 the bytes are in bounds wherever `copy` could write them.
        unsafe { self.at(address).write_bytes(0, size_bytes as usize) }
    }

    /// What a call yields that cannot be served.
    ///
    /// [`Fault`] where the caller is to be told, [`Infallible`](core::convert::Infallible) where
    /// [`refuse`](PageSource::refuse) traps: then no caller has a failure to check for.
    type Refusal;

    /// Turns down a call. The heap is as it was before it (H6).
    fn refuse(&mut self, fault: Fault) -> Self::Refusal;
}
