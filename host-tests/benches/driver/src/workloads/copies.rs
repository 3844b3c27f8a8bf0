//! Workload e: copies of 64 KiB, between two buffers in turn.

use crate::{
    peer,
    table::{check, load, store},
};

const SIZE: usize = 64 << 10;

/// `n_copies`.
#[cfg(feature = "frees")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn e(n_copies: u32) -> u32 {
    copies(n_copies)
}

/// The same.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn e_scopes(n_copies: u32) -> u32 {
    copies(n_copies)
}

fn copies(n_copies: u32) -> u32 {
    let (mut from, mut to) = (peer::alloc(SIZE), peer::alloc(SIZE));
    let last = |block: *mut u8| block.wrapping_add(SIZE - 8);
    for i in 0..n_copies {
        store(from, i);
        store(last(from), i);
        peer::mem_copy(to, from, SIZE);
        check(load(to) == i && load(last(to)) == i);
        (from, to) = (to, from);
    }
    load(from)
}
