//! What freelist has of `sigil:allocator-ext`: all of `sized` and `stats`.

use sigil_guest::{LinearMemory, address};
use sigil_heap::{Free, Sizes, Stats};

use crate::{
    Conformer,
    bindings::exports::sigil::allocator_ext::{sized, stats},
    list,
};

impl sized::Guest for Conformer {
    fn free(ptr: u32, size: u32) {
        // SAFETY: the caller's block (F1).
        unsafe { list().free(&mut LinearMemory, ptr, size) };
    }

    fn alloc_aligned(size: u32, align: u32) -> u32 {
        address(list().alloc_aligned(&mut LinearMemory, size, align))
    }

    fn alloc_zeroed(size: u32) -> u32 {
        address(list().alloc_zeroed(&mut LinearMemory, size))
    }

    fn try_alloc(size: u32) -> u32 {
        list()
            .try_alloc(&mut LinearMemory, size)
            .map_or(0, u32::from)
    }

    fn resize_in_place(ptr: u32, old_size: u32, new_size: u32) -> bool {
        // SAFETY: the caller's block (X3).
        unsafe { list().resize_in_place(&mut LinearMemory, ptr, old_size, new_size) }
    }
}

impl stats::Guest for Conformer {
    fn heap_used() -> u32 {
        list().heap_used(&LinearMemory)
    }

    fn heap_base() -> u32 {
        list().heap_base()
    }

    fn scope_used(handle: u32) -> u32 {
        let Ok(used) = list().scope_used(&mut LinearMemory, handle);
        used
    }

    fn high_water() -> u32 {
        list().high_water(&LinearMemory)
    }

    fn pages() -> u32 {
        list().pages(&LinearMemory)
    }
}
