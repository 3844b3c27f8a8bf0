//! What it has of `sized`: all of it.

use sigil_guest::{LinearMemory, address};
use sigil_heap::{Free, Sizes};

use crate::{Conformer, bindings::exports::sigil::allocator_ext::sized, paged};

impl sized::Guest for Conformer {
    fn free(ptr: u32, size: u32) {
        // SAFETY: the caller's block (F1).
        unsafe { paged().free(&mut LinearMemory, ptr, size) };
    }

    fn alloc_aligned(size: u32, align: u32) -> u32 {
        address(paged().alloc_aligned(&mut LinearMemory, size, align))
    }

    fn alloc_zeroed(size: u32) -> u32 {
        address(paged().alloc_zeroed(&mut LinearMemory, size))
    }

    fn try_alloc(size: u32) -> u32 {
        paged()
            .try_alloc(&mut LinearMemory, size)
            .map_or(0, u32::from)
    }

    fn resize_in_place(ptr: u32, old_size: u32, new_size: u32) -> bool {
        // SAFETY: the caller's block (X3).
        unsafe { paged().resize_in_place(&mut LinearMemory, ptr, old_size, new_size) }
    }
}
