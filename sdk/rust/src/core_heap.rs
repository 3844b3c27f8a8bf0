//! The global allocator for conformers that cannot free.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr,
};

use crate::{ALIGN, backing, heap::refuse_in_scopes, place::place};

/// Rust's heap over `core` alone, which every conformer has: `#[global_allocator] static HEAP: CoreHeap = CoreHeap;`.
///
/// Nothing is freed; the newest block grows in place where the conformer does that (R3). For programs that end soon, and for
/// instances that serve one request each. Where memory is exhausted the conformer traps (H5), and never returns null.
///
/// Traps: as [`Heap`](crate::Heap), every call but `dealloc` while a [`scope`](crate::scope) is open.
#[derive(Clone, Copy, Debug, Default)]
pub struct CoreHeap;

// SAFETY: blocks have the size asked for, and the alignment (A1, or by a place inside of a larger block); they live to the end,
// because no scope of an arena is open when they are made. Nothing unwinds.
unsafe impl GlobalAlloc for CoreHeap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        refuse_in_scopes();
        place(layout).as_ptr()
    }

    #[inline]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        refuse_in_scopes();
        if layout.align() <= ALIGN {
            // SAFETY: the caller's block, with its size.
            return unsafe { backing::realloc(old, layout.size(), new_size) };
        }
        if new_size <= layout.size() {
            return old;
        }
        // SAFETY: by the caller's promise the new size is no more than a layout can have.
        let layout_now = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        let new = place(layout_now).as_ptr();
        // SAFETY: two blocks of at least so many bytes.
        unsafe { ptr::copy_nonoverlapping(old, new, layout.size()) };
        new
    }
}
