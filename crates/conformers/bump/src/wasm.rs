//! What the conformer asks of wasm: memory, the linker's symbols, a trap.

use sigil_heap::{Fault, PageSource};

unsafe extern "C" {
    #[link_name = "__heap_base"]
    static LINKER_HEAP_BASE: u8;
    #[link_name = "__heap_end"]
    static LINKER_HEAP_END: u8;
}

pub(crate) const HEAP_BASE: *const u8 = &raw const LINKER_HEAP_BASE;
pub(crate) const HEAP_END: *const u8 = &raw const LINKER_HEAP_END;

/// Memory 0.
pub(crate) struct LinearMemory;

// SAFETY: 1. wasm memories never shrink; 2. `memory.grow` delivers fresh zero pages; 3. addresses are
// pointers.
#[cfg(target_arch = "wasm32")]
unsafe impl PageSource for LinearMemory {
    fn size_pages(&self) -> u32 {
        core::arch::wasm32::memory_size(0) as u32
    }

    fn grow(&mut self, delta_pages: u32) -> Option<u32> {
        match core::arch::wasm32::memory_grow(0, delta_pages as usize) {
            usize::MAX => None,
            old_pages => Some(old_pages as u32),
        }
    }

    /// H5, H6: the trap comes before anything has changed.
    fn fault(&mut self, _fault: Fault) {
        trap()
    }

    fn at(&self, address: u32) -> *mut u8 {
        core::ptr::with_exposed_provenance_mut(address as usize)
    }
}

pub(crate) fn trap() -> ! {
    core::arch::wasm32::unreachable()
}

/// `memory.copy`: exact for every overlap (M1), traps before it writes (M2).
pub(crate) fn copy(dst: u32, src: u32, n_bytes: u32) {
    // SAFETY: wasm checks the bounds of both ranges.
    unsafe { core::ptr::copy(src as *const u8, dst as *mut u8, n_bytes as usize) }
}

#[cfg(not(test))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    trap()
}
