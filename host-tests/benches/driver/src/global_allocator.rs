//! The peer as Rust's global allocator, for the workloads that are made of Rust's own collections.

use core::alloc::{GlobalAlloc, Layout};

use crate::peer;

#[global_allocator]
static HEAP: Peer = Peer;

struct Peer;

// SAFETY: the peer's blocks have the size asked for and are aligned to 8, and whoever asks for more is stopped.
unsafe impl GlobalAlloc for Peer {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > 8 {
            core::arch::wasm32::unreachable()
        }
        peer::alloc(layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // An arena without `free` gets everything back when the scope is left.
        #[cfg(feature = "frees")]
        peer::free(block, layout.size());
        #[cfg(not(feature = "frees"))]
        let _ = (block, layout);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        peer::realloc(block, layout.size(), new_size)
    }
}
