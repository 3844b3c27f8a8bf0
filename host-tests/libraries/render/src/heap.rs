//! `sigil:allocator` as Rust's global allocator, and as the `cabi_realloc` of the canonical ABI.

use core::alloc::{GlobalAlloc, Layout};

use crate::bindings::sigil::allocator::core as sigil;

/// What the contract aligns every block to (A1).
const ALIGN: usize = 8;

/// The heap that is linked in.
struct Sigil;

#[global_allocator]
static HEAP: Sigil = Sigil;

// SAFETY: the contract's blocks are disjoint (A1), keep their bytes in `realloc` (R2), and are aligned to
// 8. A layout aligned to more gets a larger block with an aligned place inside, which is never given back
// as a block.
unsafe impl GlobalAlloc for Sigil {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            return pointer(sigil::alloc(layout.size() as u32));
        }
        let block = sigil::alloc((layout.size() + layout.align() - ALIGN) as u32) as usize;
        pointer(block.next_multiple_of(layout.align()) as u32)
    }

    /// Blocks end with the instance: the contract frees by scope, not one by one.
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.align() <= ALIGN {
            return pointer(sigil::realloc(
                old as u32,
                layout.size() as u32,
                new_size as u32,
            ));
        }
        // SAFETY: the new size fits a layout, by the caller's promise.
        let new =
            unsafe { self.alloc(Layout::from_size_align_unchecked(new_size, layout.align())) };
        // SAFETY: the caller's block, and one just made that overlaps nothing.
        unsafe { new.copy_from_nonoverlapping(old, layout.size().min(new_size)) };
        new
    }
}

fn pointer(address: u32) -> *mut u8 {
    core::ptr::with_exposed_provenance_mut(address as usize)
}

/// The canonical ABI's allocation function: strings and lists that a host passes in go where this says.
///
/// # Safety
///
/// `old` is 0 or a block of `old_size` bytes that was aligned to `align`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn cabi_realloc(
    old: u32,
    old_size: u32,
    align: u32,
    new_size: u32,
) -> u32 {
    // No type of the component model is aligned to more than 8.
    if align as usize > ALIGN {
        core::arch::wasm32::unreachable();
    }
    sigil::realloc(old, old_size, new_size)
}
