//! What a conformer written in Rust asks of wasm: memory, the linker's symbols, statics, a trap.
//!
//! On other targets the crate is empty.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "the wasm edge of a heap")]

use core::{
    arch::wasm32, cell::UnsafeCell, convert::Infallible, mem::ManuallyDrop, num::NonZeroU32, ptr,
};

use sigil_heap::{Fault, PageSource};

unsafe extern "C" {
    #[link_name = "__heap_base"]
    static HEAP_BASE_SYMBOL: u8;
    #[link_name = "__heap_end"]
    static HEAP_END_SYMBOL: u8;
}

/// The first byte that the heap may use (H2), a multiple of 16. The linker fills it in.
pub const HEAP_BASE: *const u8 = &raw const HEAP_BASE_SYMBOL;

/// The end of memory as it is instantiated, at most 2^32 - 8. The linker fills it in.
pub const HEAP_END: *const u8 = &raw const HEAP_END_SYMBOL;

/// Memory 0, in which every refusal traps (H5, S7).
#[derive(Debug)]
pub struct LinearMemory;

// SAFETY: 1. wasm memories never shrink; 2. `memory.grow` delivers fresh zero pages; 3. an address is
// a pointer.
unsafe impl PageSource for LinearMemory {
    type Refusal = Infallible;

    fn refuse(&mut self, _: Fault) -> Infallible {
        wasm32::unreachable()
    }

    fn size_pages(&self) -> u32 {
        wasm32::memory_size::<0>() as u32
    }

    fn grow(&mut self, delta_pages: u32) -> Option<u32> {
        match wasm32::memory_grow::<0>(delta_pages as usize) {
            usize::MAX => None,
            old_pages => Some(old_pages as u32),
        }
    }

    fn at(&self, address: u32) -> *mut u8 {
        ptr::with_exposed_provenance_mut(address as usize)
    }

    /// One `memory.copy`: exact for every overlap (M1), out of bounds it traps before it writes (M2).
    fn copy(&mut self, target: u32, source: u32, size_bytes: u32) {
        // SAFETY: wasm itself checks both ranges.
        unsafe { ptr::copy(self.at(source), self.at(target), size_bytes as usize) }
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    wasm32::unreachable()
}

/// A static that wasm's one thread may change.
#[repr(transparent)]
#[derive(Debug)]
pub struct Single<T>(pub UnsafeCell<T>);

// SAFETY: a conformer is linked into modules without shared memory: there is one thread.
unsafe impl<T> Sync for Single<T> {}

/// A heap as the linker writes it, and as it runs: the same words, of which some are symbols at first.
#[repr(C)]
pub union State<L, R> {
    linked: ManuallyDrop<L>,
    running: ManuallyDrop<R>,
}

impl<L, R> Single<State<L, R>> {
    /// A static heap whose initial words are those of `linked`.
    pub const fn heap(linked: L) -> Self {
        const { assert!(size_of::<L>() == size_of::<R>()) };
        Self(UnsafeCell::new(State {
            linked: ManuallyDrop::new(linked),
        }))
    }

    /// The heap.
    ///
    /// # Safety
    ///
    /// `L` and `R` have the same words on wasm32, and no other reference to the heap is alive.
    #[inline(always)]
    #[allow(clippy::mut_from_ref, reason = "a cell; see Safety")]
    pub unsafe fn running(&'static self) -> &'static mut R {
        // SAFETY: as above; the linker has filled in every word.
        unsafe { &mut (*self.0.get()).running }
    }
}

/// The address of a block, which no call comes back without.
#[inline(always)]
pub fn address(Ok(block): Result<NonZeroU32, Infallible>) -> u32 {
    block.get()
}
