//! The global allocator for conformers that free.

use core::{
    alloc::{GlobalAlloc, Layout},
    ptr,
};

use crate::{ALIGN, backing};

/// Rust's heap over `core` and `sized`: `#[global_allocator] static HEAP: Heap = Heap;`.
///
/// Where memory is exhausted, `alloc` and `realloc` return null, so that `try_reserve` fails and everything else
/// ends in Rust's handler for failed allocations; [`report_exhaustion`](crate::report_exhaustion) makes that a trap which a host can
/// tell from others. For alignments above 8, and zeroed memory, the conformer traps by itself (H5, X1, Z1).
///
/// Traps: every call but `dealloc` while a [`scope`](crate::scope) is open, since the block would end with it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap;

// SAFETY: blocks have the size and alignment that was asked for (A1, X1) and live until `dealloc` (F1), because no scope of an
// arena is open when they are made; every `Layout` comes back with the size that the block was last given. Nothing unwinds.
unsafe impl GlobalAlloc for Heap {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        refuse_in_scopes();
        obtain(layout.size(), layout.align())
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's block, with its layout.
        unsafe { backing::free(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        refuse_in_scopes();
        if layout.align() <= ALIGN {
            return backing::alloc_zeroed(layout.size());
        }
        let block = backing::alloc_aligned(layout.size(), layout.align());
        // Never on wasm; what stands in for a conformer elsewhere says so.
        if !block.is_null() {
            // SAFETY: the new block, all of it.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    /// In place where that can be (X3), for any alignment; else a new block, which `core`'s `realloc` would align to 8 only,
    /// and trap where there is none.
    #[inline]
    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        refuse_in_scopes();
        // SAFETY: the caller's block, with its size.
        if unsafe { backing::resize_in_place(old, layout.size(), new_size) } {
            return old;
        }
        let new = obtain(new_size, layout.align());
        if !new.is_null() {
            // SAFETY: two blocks of at least so many bytes; then the caller's block, with its size.
            unsafe {
                ptr::copy_nonoverlapping(old, new, layout.size().min(new_size));
                backing::free(old, layout);
            }
        }
        new
    }
}

/// A block; where memory is exhausted null, or a trap for alignments above 8.
#[inline]
fn obtain(size: usize, align: usize) -> *mut u8 {
    if align <= ALIGN {
        backing::try_alloc(size)
    } else {
        backing::alloc_aligned(size, align)
    }
}

/// See the crate's argument, 6.
#[inline]
pub(crate) fn refuse_in_scopes() {
    if backing::is_open() {
        global_allocation_while_a_scope_is_open();
    }
}

#[cold]
#[inline(never)]
fn global_allocation_while_a_scope_is_open() -> ! {
    backing::stop(
        "the global allocator was called while a scope of an arena is open, which would free the block\n\
         help: allocate before the scope, or in its arena; or take a global allocator with pages of its own",
    )
}
