//! A place for a value of any alignment, by `alloc` alone.

use core::{alloc::Layout, ptr::NonNull};

use crate::{ALIGN, backing};

/// A place that `layout` fits, in the innermost open scope. None of it is ever freed by itself: it may lie inside of a block.
///
/// Traps: where memory is exhausted (H5).
#[inline]
pub(crate) fn place(layout: Layout) -> NonNull<u8> {
    if layout.size() == 0 {
        return layout.dangling_ptr();
    }
    // Both are less than 2^31: no sum wraps.
    align(
        backing::alloc(layout.size() + spare(layout.align())),
        layout.align(),
    )
}

/// How many bytes more a block has to have for a place that is aligned to `align` to be in it.
#[inline]
pub(crate) const fn spare(align: usize) -> usize {
    align.saturating_sub(ALIGN)
}

/// The first place in a block that is aligned to `align`.
#[inline]
pub(crate) fn align(block: *mut u8, align: usize) -> NonNull<u8> {
    let place = if align <= ALIGN {
        block
    } else {
        block.map_addr(|address| address.next_multiple_of(align))
    };
    // SAFETY: no block is at 0 (H1), and a block ends within the address space.
    unsafe { NonNull::new_unchecked(place) }
}
