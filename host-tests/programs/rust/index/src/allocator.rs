//! Rust's global allocator, by the imports of `sigil:allocator` and `sigil:allocator-ext`.

use core::alloc::{GlobalAlloc, Layout};

/// What every block is aligned to without being asked.
const ALIGN: usize = 8;

#[link(wasm_import_module = "sigil:allocator/core@0.1.0")]
unsafe extern "C" {
    safe fn alloc(size: usize) -> *mut u8;
    fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
}

#[link(wasm_import_module = "sigil:allocator-ext/sized@0.1.0")]
unsafe extern "C" {
    fn free(ptr: *mut u8, size: usize);
    #[link_name = "alloc-aligned"]
    safe fn alloc_aligned(size: usize, align: usize) -> *mut u8;
    #[link_name = "alloc-zeroed"]
    safe fn alloc_zeroed(size: usize) -> *mut u8;
}

/// Rust's heap. It never returns null: exhaustion traps, and the host reports it.
pub(crate) struct Sigil;

// SAFETY: blocks have the size and alignment asked for (A1, X1), and live until `dealloc` (F1); every
// `Layout` comes back with the size that the block was last given.
unsafe impl GlobalAlloc for Sigil {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            alloc(layout.size())
        } else {
            alloc_aligned(layout.size(), layout.align())
        }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller's block, with its size.
        unsafe { free(ptr, layout.size()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= ALIGN {
            return alloc_zeroed(layout.size());
        }
        let block = alloc_aligned(layout.size(), layout.align());
        // SAFETY: the new block, all of it.
        unsafe { block.write_bytes(0, layout.size()) };
        block
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if layout.align() <= ALIGN {
            // SAFETY: the caller's block, with its size.
            return unsafe { realloc(ptr, layout.size(), new_size) };
        }
        // A `realloc` that moves the block aligns it to 8 only.
        let block = alloc_aligned(new_size, layout.align());
        // SAFETY: two blocks, of at least so many bytes; then the caller's block, with its size.
        unsafe {
            block.copy_from_nonoverlapping(ptr, layout.size().min(new_size));
            free(ptr, layout.size());
        }
        block
    }
}
