//! Coalescing, all at once.
//!
//! Freed blocks go back to the list of their size, and most are used again as they are. Only where a request
//! finds nothing are neighbours joined: every free block of the scope is sorted by address, each run of
//! neighbours becomes one range, and a range that touches the bump pointer goes back below it. That costs some
//! nanoseconds a free block; [`FreeList`](super::FreeList) spreads it over the requests in between.
//!
//! The sort is a radix sort over the links themselves, six bits a pass. Its 64 buckets stand where the heads
//! of the lists do, which are empty meanwhile: each holds the last block of a ring.
//!
//! A block that was freed twice makes a list endless. So no loop here goes on for longer than the number of
//! blocks that was counted, and a range that overlaps the one above it is dropped.

use super::{
    lists::{Scope, bytes, give, set_word, word},
    size_class::{GRAIN, N_CLASSES},
};
use crate::{PageSource, address::PAGE_LOG2};

const DIGIT_BITS: u32 = N_CLASSES.trailing_zeros();

/// Free blocks, taken from their lists and linked in no order, each with its size.
struct Gathered {
    first: u32,
    n_blocks: u32,
    lowest: u32,
    highest: u32,
}

/// Joins the free blocks of `scope`. Returns how many there were, and the start of the range that ended at
/// `top` and is not in the lists any more, or `top` where there was none.
#[inline(never)]
pub(super) fn sweep<M: PageSource>(memory: &M, scope: *mut Scope, top: u32) -> (u32, u32) {
    let gathered = gather(memory, scope);
    let n_blocks = gathered.n_blocks;
    let mut block = sort(memory, scope, gathered);
    let mut lowered = top;
    // From the highest address down, so that the lowest are used first. The last turn ends the last range.
    let (mut start, mut end) = (u32::MAX, u32::MAX);
    for turn in 0..=n_blocks {
        let (mut next, mut block_end) = (0, 0);
        if turn < n_blocks && block != 0 {
            next = word(memory, block, 0);
            block_end = block.wrapping_add(word(memory, block, 1));
            if block_end <= block || block_end > start {
                block = next;
                continue;
            }
        }
        if block_end != start {
            if end == top {
                lowered = start;
            } else {
                give(memory, scope, start, end - start, end - start);
            }
            end = block_end;
        }
        start = block;
        block = next;
    }
    (n_blocks, lowered)
}

/// Empties the lists of `scope`.
fn gather<M: PageSource>(memory: &M, scope: *mut Scope) -> Gathered {
    let mut gathered = Gathered {
        first: 0,
        n_blocks: 0,
        lowest: u32::MAX,
        highest: 0,
    };
    // More free blocks than memory holds: a list has no end.
    let most = memory.size_pages() << (PAGE_LOG2 - GRAIN.trailing_zeros());
    for class in 0..N_CLASSES as u32 {
        // SAFETY: an open scope, which has lists.
        let head = unsafe { &mut (*scope).heads[class as usize] };
        let mut block = core::mem::take(head);
        while block != 0 && gathered.n_blocks < most {
            let next = word(memory, block, 0);
            set_word(memory, block, 1, bytes(memory, class, block));
            set_word(memory, block, 0, gathered.first);
            gathered.first = block;
            gathered.n_blocks += 1;
            gathered.lowest = gathered.lowest.min(block);
            gathered.highest = gathered.highest.max(block);
            block = next;
        }
    }
    gathered
}

/// Sorts by address, highest first, and returns the first block. The heads are 0 before and after.
fn sort<M: PageSource>(memory: &M, scope: *mut Scope, gathered: Gathered) -> u32 {
    // SAFETY: an open scope, whose lists are empty.
    let buckets = unsafe { &mut (*scope).heads };
    let mut first = gathered.first;
    let mut shift = GRAIN.trailing_zeros();
    while shift < u32::BITS && gathered.highest.wrapping_sub(gathered.lowest) >> shift != 0 {
        let mut block = first;
        for _ in 0..gathered.n_blocks {
            if block == 0 {
                break;
            }
            let next = word(memory, block, 0);
            let digit = block.wrapping_sub(gathered.lowest) >> shift;
            let bucket = &mut buckets[digit as usize % N_CLASSES];
            if *bucket == 0 {
                set_word(memory, block, 0, block);
            } else {
                set_word(memory, block, 0, word(memory, *bucket, 0));
                set_word(memory, *bucket, 0, block);
            }
            *bucket = block;
            block = next;
        }
        first = 0;
        for bucket in buckets.iter_mut() {
            let last = core::mem::take(bucket);
            if last != 0 {
                let ring_first = word(memory, last, 0);
                set_word(memory, last, 0, first);
                first = ring_first;
            }
        }
        shift += DIGIT_BITS;
    }
    first
}
