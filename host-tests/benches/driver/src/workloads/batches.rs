//! Workload a: blocks of 16 bytes, first word stored, in batches.

#[cfg(feature = "scopes")]
use crate::table::check;
use crate::{
    peer,
    table::{Slot, load, slots, store},
};

const BLOCKS_PER_BATCH: usize = 10_000;
const SIZE: usize = 16;

/// `n_batches` of 10,000 blocks, freed in the order in which they were allocated.
#[cfg(feature = "frees")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn a(n_batches: u32) -> u32 {
    let mut digest = 0u32;
    let slots = slots(BLOCKS_PER_BATCH);
    for batch in 0..n_batches {
        fill(slots, batch);
        for slot in &mut *slots {
            digest = digest.wrapping_mul(31).wrapping_add(load(slot.block));
            peer::free(slot.block, SIZE);
        }
    }
    digest
}

/// Blocks that contain `batch` and up.
#[inline(always)]
fn fill(slots: &mut [Slot], batch: u32) {
    for (slot, word) in slots.iter_mut().zip(batch..) {
        slot.block = peer::alloc(SIZE);
        store(slot.block, word);
    }
}

/// `n_batches` of 10,000 blocks, each in a scope of its own. What the blocks contain is checked in one batch more,
/// so that the others are what a program does that uses scopes: it keeps no list of its blocks.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn a_scopes(n_batches: u32) -> u32 {
    let mut digest = 0u32;
    let scope = peer::enter_scope();
    let slots = slots(BLOCKS_PER_BATCH);
    fill(slots, 1);
    for (slot, word) in slots.iter_mut().zip(1..) {
        check(load(slot.block) == word);
        digest = digest.wrapping_mul(31).wrapping_add(word);
        slot.take();
    }
    peer::exit_scope(scope);
    for _ in 0..n_batches {
        let scope = peer::enter_scope();
        for word in 0..BLOCKS_PER_BATCH as u32 {
            store(peer::alloc(SIZE), word);
        }
        peer::exit_scope(scope);
    }
    digest
}
