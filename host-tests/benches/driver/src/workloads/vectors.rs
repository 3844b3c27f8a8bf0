//! Workload c: vectors that double from 16 bytes to 64 KiB, one after the other in each round, and are freed then.

use crate::{
    peer,
    table::{Slot, check, load, slots, store},
};

const FIRST_SIZE: usize = 16;
const LAST_SIZE: usize = 64 << 10;

/// `n_vectors`, freed one by one.
#[cfg(feature = "frees")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn c(n_vectors: u32) -> u32 {
    let slots = slots(n_vectors as usize);
    let digest = grow(slots);
    for slot in slots {
        let vector = slot.take();
        peer::free(vector.block, vector.size);
    }
    digest
}

/// `n_vectors` in one scope.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn c_scopes(n_vectors: u32) -> u32 {
    let scope = peer::enter_scope();
    let digest = grow(slots(n_vectors as usize));
    peer::exit_scope(scope);
    digest
}

fn grow(slots: &mut [Slot]) -> u32 {
    let mut digest = 0u32;
    for (slot, word) in slots.iter_mut().zip(1..) {
        slot.block = peer::alloc(FIRST_SIZE);
        slot.size = FIRST_SIZE;
        mark(slot, word);
    }
    let mut size = FIRST_SIZE;
    while size < LAST_SIZE {
        for (slot, word) in slots.iter_mut().zip(1..) {
            slot.block = peer::realloc(slot.block, size, 2 * size);
            slot.size = size;
            digest = digest.wrapping_mul(31).wrapping_add(marked(slot, word));
            slot.size = 2 * size;
            mark(slot, word);
        }
        size *= 2;
    }
    digest
}

/// Stores `word` at both ends of a vector.
fn mark(slot: &Slot, word: u32) {
    store(slot.block, word);
    store(slot.block.wrapping_add(slot.size - 8), word);
}

/// The word at both ends of a vector, which must be `word`.
fn marked(slot: &Slot, word: u32) -> u32 {
    let found = load(slot.block);
    check(found == word && load(slot.block.wrapping_add(slot.size - 8)) == word);
    found
}
