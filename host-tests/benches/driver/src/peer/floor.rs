//! No allocator: blocks come from a static, by the least work that keeps them apart in one workload, inlined.
//!
//! Workloads that free in the order of allocation, or in the opposite one, hold few blocks at any time: a ring is
//! enough. `d` frees in no order, and no block of it is larger than a cell.

use core::cell::UnsafeCell;

/// A cell's size: not a power of two, which would put all cells in a few lines of the cache.
const CELL: usize = 4096 + 64;
/// As many cells as `d` has slots with 2,000 live blocks.
const N_CELLS: usize = 3_000;
const SIZE: usize = CELL * N_CELLS;

#[repr(align(16))]
struct Floor(UnsafeCell<State>);

struct State {
    memory: [u8; SIZE],
    /// The next byte to give out.
    next: usize,
    /// Cells that were freed, and how many.
    freed: [*mut u8; N_CELLS],
    n_freed: usize,
}

// SAFETY: one thread.
unsafe impl Sync for Floor {}

static FLOOR: Floor = Floor(UnsafeCell::new(State {
    memory: [0; SIZE],
    next: 0,
    freed: [core::ptr::null_mut(); N_CELLS],
    n_freed: 0,
}));

#[inline(always)]
pub(crate) fn alloc(size: usize) -> *mut u8 {
    // SAFETY: one thread, and nothing else holds a reference.
    let state = unsafe { &mut *FLOOR.0.get() };
    let size = if cfg!(feature = "cells") {
        if state.n_freed > 0 {
            state.n_freed -= 1;
            return state.freed[state.n_freed];
        }
        CELL
    } else {
        size.next_multiple_of(8)
    };
    let mut at = state.next;
    if SIZE - at < size {
        at = 0;
    }
    state.next = at + size;
    state.memory.as_mut_ptr().wrapping_add(at)
}

#[inline(always)]
pub(crate) fn free(block: *mut u8, _: usize) {
    if cfg!(feature = "cells") {
        // SAFETY: one thread, and nothing else holds a reference.
        let state = unsafe { &mut *FLOOR.0.get() };
        state.freed[state.n_freed] = block;
        state.n_freed += 1;
    }
}

/// In place where blocks are cells; a copy where they are not.
#[inline(always)]
pub(crate) fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    if cfg!(feature = "cells") {
        return old;
    }
    let block = alloc(new_size);
    // SAFETY: the caller's block, with its size, and a new one.
    unsafe { block.copy_from(old, old_size.min(new_size)) };
    block
}

/// The instruction itself.
#[inline(always)]
pub(crate) fn mem_copy(to: *mut u8, from: *const u8, size: usize) {
    // SAFETY: the caller's blocks, of that size.
    unsafe { to.copy_from(from, size) }
}
