//! The driver's own memory: which blocks it holds.

use core::cell::UnsafeCell;

/// How many blocks the driver can hold: a batch of `a`; or those of `d` with 200,000 live blocks, which has half as many
/// slots again. Programs are small as a rule, and some allocators grow memory by a part of what is there.
pub(crate) const N_SLOTS: usize = if cfg!(feature = "many") {
    300_000
} else {
    10_000
};

/// A block and its size; the pointer is null where there is none.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    pub(crate) block: *mut u8,
    pub(crate) size: usize,
}

struct Table(UnsafeCell<[Slot; N_SLOTS]>);

// SAFETY: wasm without shared memory has one thread.
unsafe impl Sync for Table {}

static TABLE: Table = Table(UnsafeCell::new(
    [Slot {
        block: core::ptr::null_mut(),
        size: 0,
    }; N_SLOTS],
));

/// The first `n` slots. A workload calls this once.
#[allow(clippy::mut_from_ref, reason = "a cell; see above")]
pub(crate) fn slots(n: usize) -> &'static mut [Slot] {
    // SAFETY: one thread, and a workload calls this once.
    unsafe { &mut (&mut *TABLE.0.get())[..n] }
}

impl Slot {
    /// The block, which is none from now on.
    #[inline(always)]
    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(
            self,
            Self {
                block: core::ptr::null_mut(),
                size: 0,
            },
        )
    }
}

/// Stores a word at the beginning of a block.
#[cfg(not(feature = "many"))]
#[inline(always)]
pub(crate) fn store(block: *mut u8, word: u32) {
    // SAFETY: blocks are aligned to 8, and callers have blocks of at least 8 bytes.
    unsafe { block.cast::<u32>().write(word) }
}

/// The word at the beginning of a block.
#[cfg(not(feature = "many"))]
#[inline(always)]
pub(crate) fn load(block: *mut u8) -> u32 {
    // SAFETY: as above.
    unsafe { block.cast::<u32>().read() }
}

/// Traps unless `right`: a block has lost its contents.
#[inline(always)]
pub(crate) fn check(right: bool) {
    if !right {
        core::arch::wasm32::unreachable()
    }
}
