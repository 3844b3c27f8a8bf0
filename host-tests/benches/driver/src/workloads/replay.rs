//! Workload replay: the calls that a program has made, as they were recorded.
//!
//! They lie in the upper part of the table, a call in the room of a slot: memory that the host would grow for them is more
//! than some allocators can bear.

use crate::{
    peer,
    table::{N_SLOTS, Slot, check, slots},
};

/// How many blocks a program may hold.
const N_HELD: usize = 10_000;

/// What is done, in the upper 2 bits of a call's first word; the others are a slot. The second word is a size.
const ALLOC: usize = 0;
const REALLOC: usize = 1;

/// Where the host writes the calls, and for how many there is room: the address, then the number.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn replay_room(what: u32) -> u32 {
    let room = &slots(N_SLOTS)[N_HELD..];
    if what == 0 {
        room.as_ptr().addr() as u32
    } else {
        room.len() as u32
    }
}

/// `n_turns` of the `n_calls` that the host has written; they leave no block.
///
/// The first byte of each block is written, and checked whenever the block is touched.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn replay(n_calls: u32, n_turns: u32) -> u32 {
    let (slots, calls) = slots(N_SLOTS).split_at_mut(N_HELD);
    let calls = &calls[..n_calls as usize];
    let mut digest = 0u32;
    for _ in 0..n_turns {
        for &Slot { block, size } in calls {
            let call = block.addr();
            let index = call & 0x3fff_ffff;
            let (slot, tag) = (&mut slots[index], index as u8);
            match call >> 30 {
                ALLOC => slot.block = peer::alloc(size),
                REALLOC => {
                    check_tag(slot, tag);
                    slot.block = peer::realloc(slot.block, slot.size, size);
                    check(slot.size.min(size) == 0 || tag_of(slot) == tag);
                }
                _ => {
                    check_tag(slot, tag);
                    digest = digest.wrapping_mul(31).wrapping_add(slot.size as u32);
                    let block = slot.take();
                    peer::free(block.block, block.size);
                    continue;
                }
            }
            slot.size = size;
            if size > 0 {
                // SAFETY: the block's first byte.
                unsafe { slot.block.write(tag) };
            }
        }
    }
    digest
}

#[inline(always)]
fn check_tag(slot: &Slot, tag: u8) {
    check(slot.size == 0 || tag_of(slot) == tag);
}

#[inline(always)]
fn tag_of(slot: &Slot) -> u8 {
    // SAFETY: callers have blocks of a byte at least.
    unsafe { slot.block.read() }
}
