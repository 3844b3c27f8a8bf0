//! What bump has of `sigil:allocator-ext`: all of `stats`, and of `sized` all but `free`.
//!
//! A component exports whole interfaces. So the functions of `sized` are exports of the core module only,
//! by the names that they would have if there were a `free`: that is where a link looks for them.

use sigil_guest::{LinearMemory, address};
use sigil_heap::{Sizes, Stats};

use crate::{Conformer, bindings::exports::sigil::allocator_ext::stats, bump};

#[unsafe(export_name = "sigil:allocator-ext/sized@0.1.0#alloc-aligned")]
extern "C" fn alloc_aligned(size: u32, align: u32) -> u32 {
    address(bump().alloc_aligned(&mut LinearMemory, size, align))
}

#[unsafe(export_name = "sigil:allocator-ext/sized@0.1.0#alloc-zeroed")]
extern "C" fn alloc_zeroed(size: u32) -> u32 {
    address(bump().alloc_zeroed(&mut LinearMemory, size))
}

#[unsafe(export_name = "sigil:allocator-ext/sized@0.1.0#try-alloc")]
extern "C" fn try_alloc(size: u32) -> u32 {
    bump()
        .try_alloc(&mut LinearMemory, size)
        .map_or(0, u32::from)
}

#[unsafe(export_name = "sigil:allocator-ext/sized@0.1.0#resize-in-place")]
extern "C" fn resize_in_place(ptr: u32, old_size: u32, new_size: u32) -> u32 {
    // SAFETY: the caller's block (X3).
    unsafe { bump().resize_in_place(&mut LinearMemory, ptr, old_size, new_size) }.into()
}

impl stats::Guest for Conformer {
    fn heap_used() -> u32 {
        bump().heap_used(&LinearMemory)
    }

    fn heap_base() -> u32 {
        bump().heap_base()
    }

    fn scope_used(handle: u32) -> u32 {
        let Ok(used) = bump().scope_used(&mut LinearMemory, handle);
        used
    }

    fn high_water() -> u32 {
        bump().high_water(&LinearMemory)
    }

    fn pages() -> u32 {
        bump().pages(&LinearMemory)
    }
}
