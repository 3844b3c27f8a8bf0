//! Coalescing: all free blocks of a scope at once, because no block has a header to ask for its neighbours.
//!
//! Every list is emptied into one; that is sorted by address, six bits at a time, with the emptied lists as buckets; then
//! neighbours are joined from the top down, and go to the lists of their sizes. What ends at the bump pointer goes back
//! to it. So the lists hold the lowest blocks first, and the next ones taken lie side by side.
//!
//! A sweep takes some twenty nanoseconds a block. It pays where memory would grow otherwise.
//!
//! A block that was freed twice makes a list endless: no loop runs more often than memory has blocks.

use super::{
    FreeList,
    classes::{FIRST_INEXACT, GRAIN, N_LISTS, bytes_of},
    lists::scatter,
    record::{get, most_blocks, set},
};
use crate::PageSource;

/// How many bits of an address are sorted by at a time, and how many buckets that takes; there are as many lists.
const DIGIT_BITS: u32 = 6;
const N_BUCKETS: u32 = 1 << DIGIT_BITS;
const _: () = assert!(N_BUCKETS <= N_LISTS);

/// For how many blocks that a sweep looks at memory grows by a page before the next one.
const BLOCKS_PER_STEP: u32 = 512;

/// Up to how many blocks each is put in its place among those before it: less than it takes to look into all buckets.
const FEW: u32 = 48;

impl FreeList {
    /// Joins the free blocks of `lists`, which belong to one scope, with their neighbours.
    #[inline(never)]
    pub(super) fn sweep<M: PageSource>(&mut self, memory: &M, lists: u32) {
        self.freed = 0;
        if lists == self.nothing() {
            return;
        }
        let mut node = self.gather(memory, lists, FIRST_INEXACT);
        node = if self.wait <= FEW {
            sort_few(memory, lists, node)
        } else {
            self.sort(memory, lists, node)
        };
        self.wait /= BLOCKS_PER_STEP;
        while node != 0 {
            // From the highest block down to the lowest of those that touch.
            let end = node.wrapping_add(get(memory, node, 4));
            let mut at = node;
            loop {
                node = get(memory, at, 0);
                if node >= at {
                    // Nowhere but after a misuse.
                    node = 0;
                }
                if node == 0 || node.wrapping_add(get(memory, node, 4)) != at {
                    break;
                }
                at = node;
            }
            if end == self.ptr && at < end {
                self.stack(at);
                self.soften(1);
            } else {
                scatter(memory, lists, at, end.wrapping_sub(at));
            }
        }
    }

    /// Makes one list of all, the last one first and each in reverse. The blocks of lists below `n_exact` are told their
    /// size. Returns the first block, and leaves in `wait` how many there are.
    #[inline(never)]
    fn gather<M: PageSource>(&mut self, memory: &M, lists: u32, n_exact: u32) -> u32 {
        let most = most_blocks(memory);
        let (mut first, mut left, mut list) = (0, most, 0);
        while list < N_LISTS {
            let head = lists + 4 * list;
            let mut node = get(memory, head, 0);
            if node != 0 {
                set(memory, head, 0, 0);
                while node != 0 && left != 0 {
                    let next = get(memory, node, 0);
                    set(memory, node, 0, first);
                    if list < n_exact {
                        // SAFETY: as many as there are, or none.
                        set(memory, node, 4, unsafe { bytes_of(list) });
                    }
                    first = node;
                    node = next;
                    left -= 1;
                }
            }
            list += 1;
        }
        self.wait = most - left;
        first
    }

    /// Sorts a list by address, the highest first, by way of `lists`, which are empty. Returns the first block.
    #[inline(always)]
    fn sort<M: PageSource>(&mut self, memory: &M, lists: u32, mut node: u32) -> u32 {
        let most = most_blocks(memory);
        let mut shift = 0;
        while most >> shift != 0 {
            let mut left = most;
            while node != 0 && left != 0 {
                let next = get(memory, node, 0);
                let bucket = ((node / GRAIN) >> shift) & (N_BUCKETS - 1);
                let head = lists.wrapping_add(4 * bucket);
                set(memory, node, 0, get(memory, head, 0));
                set(memory, head, 0, node);
                node = next;
                left -= 1;
            }
            // Each bucket is in reverse now, and is turned over again: what was in order by lower bits stays so.
            node = self.gather(memory, lists, 0);
            shift += DIGIT_BITS;
        }
        node
    }
}

/// The same for few blocks, by way of the first list.
#[inline(always)]
fn sort_few<M: PageSource>(memory: &M, lists: u32, mut node: u32) -> u32 {
    let mut left = FEW;
    while node != 0 && left != 0 {
        let next = get(memory, node, 0);
        let (mut link, mut above) = (lists, u32::MAX);
        let mut below = get(memory, link, 0);
        // What is not in order has been freed twice.
        while below > node && below < above {
            (link, above) = (below, below);
            below = get(memory, link, 0);
        }
        set(memory, node, 0, below);
        set(memory, link, 0, node);
        node = next;
        left -= 1;
    }
    let first = get(memory, lists, 0);
    set(memory, lists, 0, 0);
    first
}
