//! Workload b: 4 levels, one inside the other, of 25 blocks of 8 to 256 bytes each.

#[cfg(feature = "scopes")]
use crate::table::check;
use crate::{
    peer,
    random::Random,
    table::{Slot, load, slots, store},
};

const N_LEVELS: usize = 4;
const BLOCKS_PER_LEVEL: usize = 25;
/// How many sizes there are: all of them are drawn before the first block, so that a block costs no draw.
const N_SIZES: usize = 4096;

/// `n_turns` of 100 blocks, the last one freed first.
#[cfg(feature = "frees")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn b(n_turns: u32) -> u32 {
    let (held, sizes) = tables();
    let mut digest = 0u32;
    let mut next = 0;
    for turn in 0..n_turns {
        for (slot, word) in held.iter_mut().zip(turn..) {
            slot.size = sizes[next % N_SIZES].size;
            next += 1;
            slot.block = peer::alloc(slot.size);
            store(slot.block, word);
        }
        for slot in held.iter_mut().rev() {
            digest = digest.wrapping_mul(31).wrapping_add(load(slot.block));
            peer::free(slot.block, slot.size);
        }
    }
    digest
}

/// `n_turns` of 100 blocks, in 4 scopes, one inside the other. What the blocks contain is checked in one turn
/// more, as in `a_scopes`.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn b_scopes(n_turns: u32) -> u32 {
    let (held, sizes) = tables();
    let outer = peer::enter_scope();
    for (slot, word) in held.iter_mut().zip(1..) {
        if word % BLOCKS_PER_LEVEL as u32 == 0 {
            peer::enter_scope();
        }
        slot.block = peer::alloc(sizes[word as usize].size);
        store(slot.block, word);
    }
    let mut digest = 0u32;
    for (slot, word) in held.iter_mut().zip(1..) {
        check(load(slot.take().block) == word);
        digest = digest.wrapping_mul(31).wrapping_add(word);
    }
    peer::exit_scope(outer);

    let mut next = 0;
    for turn in 0..n_turns {
        let mut scopes = [0; N_LEVELS];
        for scope in &mut scopes {
            *scope = peer::enter_scope();
            for _ in 0..BLOCKS_PER_LEVEL {
                store(peer::alloc(sizes[next % N_SIZES].size), turn);
                next += 1;
            }
        }
        for scope in scopes.into_iter().rev() {
            peer::exit_scope(scope);
        }
    }
    digest
}

/// Slots for the blocks of one turn, and the sizes.
fn tables() -> (&'static mut [Slot], &'static [Slot]) {
    let (held, sizes) =
        slots(N_LEVELS * BLOCKS_PER_LEVEL + N_SIZES).split_at_mut(N_LEVELS * BLOCKS_PER_LEVEL);
    let mut random = Random::new(7);
    for slot in &mut *sizes {
        slot.size = 8 + (((random.next() >> 32) * 249) >> 32) as usize;
    }
    (held, sizes)
}
