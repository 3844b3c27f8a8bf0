//! Coalescing of all free blocks at once.

use super::{
    FreeList, JOINED,
    large::{FLAGS, HEADER_BYTES, NEXT, SIZE, USED, forget_below, insert, size_of_block},
    lists::{LAST_EXACT, LAST_SMALL, N_LISTS, list},
    record::{get, most_blocks, scope, set},
};
use crate::PageSource;

/// How many requests to wait where there was nothing to join.
const PAUSE: u32 = 16;

/// The part of all free blocks that is joined each time, where that happens as often as it may.
const FEW: u32 = 8;

impl FreeList {
    /// Joins the free large blocks of `owner` with their neighbours.
    ///
    /// First all lists become one, of blocks whose headers say that they are free; then each block takes in what
    /// follows it, and what was taken in has no size any more; then those that have one go to their lists. No list
    /// is followed for longer than memory has blocks: a misuse may have made one endless.
    #[inline(never)]
    pub(super) fn join<M: PageSource>(&mut self, memory: &M, owner: u32) {
        let most = most_blocks(memory);
        let (mut first, mut n_blocks) = (0, 0);
        let mut index = 0;
        while index < N_LISTS {
            // What no longer has a bit has no list; and small blocks are no neighbours of large ones.
            let exact = index <= LAST_EXACT;
            // SAFETY: an open scope.
            let map = unsafe { (*scope(memory, owner)).map };
            let list = list(owner, index);
            let mut node = 0;
            if exact || map >> index & 1 != 0 {
                node = get(memory, list, 0);
                set(memory, list, 0, 0);
            }
            while node != 0 && n_blocks < most {
                let mut at = node;
                let mut next = NEXT;
                if exact {
                    at = node.wrapping_sub(HEADER_BYTES);
                    set(memory, at, SIZE, size_of_block(memory, at));
                    next = 0;
                } else {
                    forget_below(memory, node);
                }
                node = get(memory, node, next);
                set(memory, at, NEXT, first);
                first = at;
                n_blocks += 1;
            }
            index += 1;
            if index == 1 {
                index += LAST_SMALL;
            }
        }
        // SAFETY: an open scope.
        unsafe { (*scope(memory, owner)).map = 0 };
        let (mut at, mut left) = (first, n_blocks);
        while at != 0 && left != 0 {
            let mut end = at;
            // No header stands at the bump pointer.
            while end != self.ptr || end == at {
                let bytes = get(memory, end, SIZE);
                if bytes & USED != 0 || bytes == 0 {
                    break;
                }
                set(memory, end, SIZE, 0);
                end = end.wrapping_add(bytes & !FLAGS);
            }
            set(memory, at, SIZE, end.wrapping_sub(at));
            at = get(memory, at, NEXT);
            left -= 1;
        }
        left = n_blocks;
        let mut n_joined = 1;
        while first != 0 && left != 0 {
            let next = get(memory, first, NEXT);
            let bytes = get(memory, first, SIZE);
            if bytes == 0 {
                n_joined += 1;
            } else if first.wrapping_add(bytes) == self.ptr {
                self.lower(first);
            } else {
                insert(memory, owner, first, bytes);
            }
            first = next;
            left -= 1;
        }
        self.missed = 0;
        self.worth = if n_blocks == 0 {
            PAUSE * JOINED
        } else {
            // More, where few of many were neighbours.
            n_blocks.saturating_mul((n_blocks / (FEW * n_joined)).max(1))
        };
    }
}
