//! Runs that are free as a whole become large blocks again.
//!
//! Only where a request finds nothing: each free small block of the scope is counted in its run, which its address
//! names; then those of runs that are free as a whole leave their lists, and the runs go back. That costs some
//! nanoseconds a free block and a run, so it happens at most once in as many such requests as make up for that; and once more
//! before a request is refused.
//!
//! A block that was freed twice makes a list endless. So no list is followed for longer than memory has blocks.

use super::{
    FreeList,
    lists::{LAST_SMALL, list},
    record::{GRAIN, get, most_blocks, scope, set},
    small::{FIRST_BLOCK, FREE_BYTES, NEXT_RUN, RUN_BYTES},
};
use crate::PageSource;

/// How many free blocks and runs are looked at for each request that found nothing, at most.
const COUNTED: u32 = 32;

impl FreeList {
    /// Gives back the free runs of `owner`, where that is the root and it is time to look or that is `due`; says
    /// whether there were any.
    #[inline(never)]
    pub(super) fn reclaim<M: PageSource>(&mut self, memory: &M, owner: u32, due: bool) -> bool {
        self.waited = self.waited.saturating_add(1);
        if owner != self.root_scope() || !due && self.waited < self.price {
            return false;
        }
        let mut n_seen = sweep(memory, owner, false);
        sweep(memory, owner, true);
        // SAFETY: an open scope.
        let mut run = core::mem::take(unsafe { &mut (*scope(memory, owner)).runs });
        let mut any = false;
        while run != 0 {
            n_seen += 1;
            let next = get(memory, run, NEXT_RUN);
            if is_free(memory, run) {
                self.release(memory, owner, run);
                any = true;
            } else {
                set(memory, run, FREE_BYTES, 0);
                // SAFETY: an open scope.
                let runs = unsafe { &mut (*scope(memory, owner)).runs };
                set(memory, run, NEXT_RUN, *runs);
                *runs = run;
            }
            run = next;
        }
        (self.waited, self.price) = (0, n_seen / COUNTED);
        any
    }
}

/// Whether all blocks of a run have been counted.
fn is_free<M: PageSource>(memory: &M, run: u32) -> bool {
    get(memory, run, FREE_BYTES) == RUN_BYTES - FIRST_BLOCK
}

/// Counts each free block in its run; or takes those out of their lists whose run is free. Returns how many there
/// were.
fn sweep<M: PageSource>(memory: &M, owner: u32, counted: bool) -> u32 {
    let most = most_blocks(memory);
    let (mut n_blocks, mut index) = (0, 1);
    while index <= LAST_SMALL {
        let mut link = list(owner, index);
        loop {
            let block = get(memory, link, 0);
            if block == 0 || n_blocks >= most {
                break;
            }
            n_blocks += 1;
            let run = block & !(RUN_BYTES - 1);
            if !counted {
                let free = get(memory, run, FREE_BYTES);
                set(memory, run, FREE_BYTES, free.wrapping_add(index * GRAIN));
            } else if is_free(memory, run) {
                set(memory, link, 0, get(memory, block, 0));
                continue;
            }
            link = block;
        }
        index += 1;
    }
    n_blocks
}
