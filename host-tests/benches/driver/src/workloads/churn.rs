//! Workload d: random calls over many slots, two thirds of which hold a block at any time.

use crate::{
    peer,
    random::Random,
    sizes,
    table::{Slot, check, slots},
};

/// `n_calls` over `n_slots`; what is left stays.
///
/// An empty slot is filled; a full one is resized or emptied, as a coin says. Sizes are uniform in their logarithm.
/// The first and the last byte of each block are written, and checked whenever the block is touched.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn d(n_slots: u32, n_calls: u32, seed: u32) -> u32 {
    let slots = slots(n_slots as usize);
    let mut random = Random::new(seed);
    let mut digest = 0u32;
    for _ in 0..n_calls {
        let bits = random.next();
        let index = ((bits >> 32) * u64::from(n_slots)) >> 32;
        let slot = &mut slots[index as usize];
        let tag = index as u8;
        let size = sizes::size(bits as u32);
        if slot.block.is_null() {
            slot.block = peer::alloc(size);
        } else if bits & (1 << 24) == 0 {
            check_tags(slot, tag);
            let kept = slot.size.min(size);
            let last = tag_at(slot, kept - 1);
            slot.block = peer::realloc(slot.block, slot.size, size);
            check(tag_at(slot, 0) == tag && tag_at(slot, kept - 1) == last);
        } else {
            check_tags(slot, tag);
            let slot = slot.take();
            digest = digest.wrapping_mul(31).wrapping_add(slot.size as u32);
            peer::free(slot.block, slot.size);
            continue;
        }
        slot.size = size;
        set_tag(slot, 0, tag);
        set_tag(slot, size - 1, tag);
    }
    digest
}

/// Fills the heap with `n_blocks` of almost a page, which stay.
#[cfg(not(feature = "many"))]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn fill(n_blocks: u32) -> u32 {
    const SIZE: usize = 60_000;
    for i in 0..n_blocks {
        // The compiler knows `malloc`, and leaves out one whose block nobody sees.
        crate::table::store(core::hint::black_box(peer::alloc(SIZE)), i);
    }
    n_blocks
}

/// How many bytes live, in the blocks that `d` has left; it can be called again and goes on with them.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn d_live(n_slots: u32) -> u32 {
    let live = |(slot, tag): (&mut Slot, u32)| {
        if slot.block.is_null() {
            return 0;
        }
        check_tags(slot, tag as u8);
        slot.size as u32
    };
    slots(n_slots as usize).iter_mut().zip(0..).map(live).sum()
}

#[inline(always)]
fn check_tags(slot: &Slot, tag: u8) {
    check(tag_at(slot, 0) == tag && tag_at(slot, slot.size - 1) == tag);
}

#[inline(always)]
fn tag_at(slot: &Slot, offset: usize) -> u8 {
    // SAFETY: callers stay within the block.
    unsafe { slot.block.add(offset).read() }
}

#[inline(always)]
fn set_tag(slot: &Slot, offset: usize, tag: u8) {
    // SAFETY: callers stay within the block.
    unsafe { slot.block.add(offset).write(tag) }
}
