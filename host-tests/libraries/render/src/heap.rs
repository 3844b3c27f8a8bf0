//! `sigil:allocator` as Rust's global allocator, and as the `cabi_realloc` of the canonical ABI.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr,
};

use sigil_alloc::CoreHeap;

/// Over `core` alone, so that every conformer serves; blocks end with the instance.
#[global_allocator]
static HEAP: CoreHeap = CoreHeap;

/// The canonical ABI's allocation function: strings and lists that a host passes in go where this says.
///
/// # Safety
///
/// `old` is null or a block of `old_size` bytes that was aligned to `align`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    new_size: usize,
) -> *mut u8 {
    if new_size == 0 {
        return ptr::without_provenance_mut(align);
    }
    let size = if old.is_null() { new_size } else { old_size };
    let Ok(layout) = Layout::from_size_align(size, align) else {
        core::arch::wasm32::unreachable()
    };
    // SAFETY: no block of 0 bytes; the caller's block, with its size and alignment.
    unsafe {
        if old.is_null() {
            HEAP.alloc(layout)
        } else {
            HEAP.realloc(old, layout, new_size)
        }
    }
}
