//! What the conformer asks of wasm: the linker's symbols, memory, a trap.

use core::{arch::wasm32, convert::Infallible, ptr};

use sigil_heap::{Fault, PageSource};

unsafe extern "C" {
    #[link_name = "__heap_base"]
    static HEAP_BASE_SYMBOL: u8;
    #[link_name = "__heap_end"]
    static HEAP_END_SYMBOL: u8;
}

/// The first byte that the heap may use (H2), a multiple of 16. The linker fills it in.
pub(crate) const HEAP_BASE: *const u8 = &raw const HEAP_BASE_SYMBOL;

/// The end of memory as it is instantiated, at most 2^32 - 8. The linker fills it in.
pub(crate) const HEAP_END: *const u8 = &raw const HEAP_END_SYMBOL;

/// Memory 0, in which every refusal traps (H5, S7).
pub(crate) struct LinearMemory;

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
