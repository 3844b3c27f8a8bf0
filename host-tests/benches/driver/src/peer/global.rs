//! Any implementation of `GlobalAlloc`. Every block is aligned to 8, as ours are.

use core::alloc::{GlobalAlloc, Layout};

#[cfg(feature = "dlmalloc")]
static PEER: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

// SAFETY: one thread.
#[cfg(feature = "lol")]
static PEER: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

// talc uses the crate `alloc`, which wants one.
#[cfg(feature = "talc")]
#[cfg_attr(feature = "alone", global_allocator)]
static PEER: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(feature = "rlsf")]
static PEER: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(feature = "wee")]
static PEER: wee_alloc::WeeAlloc<'_> = wee_alloc::WeeAlloc::INIT;

#[cfg(feature = "mini")]
static PEER: mini_alloc::MiniAlloc = mini_alloc::MiniAlloc::INIT;

/// A page source is the user's to write: this one grows by what is missing, rounded up to pages. A block lies at a
/// multiple of its size, so what is larger than a page needs almost twice as many to hold one.
#[cfg(feature = "buddy")]
static PEER: buddy_system_allocator::LockedHeapWithRescue<32> =
    buddy_system_allocator::LockedHeapWithRescue::new(|heap, layout| {
        const PAGE: usize = 1 << 16;
        let n_pages = 2 * layout.size().next_power_of_two().div_ceil(PAGE) - 1;
        let old_pages = core::arch::wasm32::memory_grow::<0>(n_pages);
        if old_pages != usize::MAX {
            // SAFETY: fresh pages.
            unsafe { heap.add_to_heap(old_pages * PAGE, (old_pages + n_pages) * PAGE) };
        }
    });

#[inline(always)]
fn layout(size: usize) -> Layout {
    // SAFETY: a power of two; no workload asks for 2 GiB.
    unsafe { Layout::from_size_align_unchecked(size, 8) }
}

#[inline(always)]
pub(crate) fn alloc(size: usize) -> *mut u8 {
    // SAFETY: no workload asks for 0 bytes.
    unsafe { PEER.alloc(layout(size)) }
}

#[inline(always)]
pub(crate) fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    // SAFETY: the caller's block, with its size.
    unsafe { PEER.realloc(old, layout(old_size), new_size) }
}

#[inline(always)]
pub(crate) fn free(block: *mut u8, size: usize) {
    // SAFETY: the caller's block, with its size.
    unsafe { PEER.dealloc(block, layout(size)) }
}
