//! Coalescing: all free blocks of a scope at once, because no block has a header to ask for its neighbours.
//!
//! They are sorted by address; then neighbours are joined from the top down, and go to the lists of their sizes. What ends
//! at the bump pointer goes back to it. So the lists hold the lowest blocks first, and the next ones taken lie side by
//! side.
//!
//! Sorting goes through addresses six bits at a time, from low ones to high ones, with the emptied lists as buckets. The
//! last time, each bucket is kept in order: so the lowest bits, five at most, need no turn of their own, and few blocks
//! need no other turn.
//!
//! A sweep takes some 16 nanoseconds a block where there are a thousand, and ten times as long where blocks do not fit a
//! cache. It pays where memory would grow otherwise.
//!
//! A block that was freed twice makes a list a ring. No loop here runs for ever then: none goes round more often than
//! memory has blocks, or it goes nowhere but up, or down.

use super::{
    FreeList,
    classes::{FIRST_INEXACT, GRAIN, HEAD_BYTES, HEADS_BYTES, N_LISTS, bytes_of},
    lists::scatter,
    record::{get, lists_at, most_blocks, set},
};
use crate::{PageSource, address::PAGE_SIZE};

/// How many bits of an address are sorted by at a time: there are as many lists as buckets.
const DIGIT_BITS: u32 = 6;
const _: () = assert!(N_LISTS == 1 << DIGIT_BITS);

/// Up to how many blocks are put in order at once.
const FEW: u32 = 64;

/// The heap grows by this part of what it has, less what is free of that, until free blocks are joined again,
const PART: u32 = 16;

/// and to this size: below it, that is not worth what it would save, in bytes.
const SMALL_BYTES: u32 = 2 * PAGE_SIZE;

impl FreeList {
    /// Joins the free blocks of `lists`, and of the root's, which hold the windows. Returns how many there are then.
    #[inline(never)]
    pub(super) fn join<M: PageSource>(&mut self, memory: &M, lists: u32) -> u32 {
        self.freed = 0;
        let of_root = lists_at(memory, self.root);
        let mut n_blocks = self.sweep(memory, lists);
        if lists != of_root {
            n_blocks += self.sweep(memory, of_root);
        }
        let taken = self.ptr - self.base;
        let more = (taken / PART).saturating_sub(self.freed) + SMALL_BYTES.saturating_sub(taken);
        self.due = self.ptr.wrapping_add(more);
        self.freed = 0;
        self.lists = lists_at(memory, self.scope);
        n_blocks
    }

    /// Joins the free blocks of `lists`, which belong to one scope, with their neighbours. Returns how many there are then,
    /// and adds their bytes to `freed`.
    #[inline(never)]
    fn sweep<M: PageSource>(&mut self, memory: &M, lists: u32) -> u32 {
        let (mut node, mut n_blocks) = (sort(memory, lists), 0);
        while node != 0 {
            // From the highest block down to the lowest of those that touch.
            let end = node.wrapping_add(get(memory, node, 4));
            let mut at;
            loop {
                at = node;
                node = get(memory, at, 0);
                if node >= at {
                    // Nowhere but after a misuse.
                    node = 0;
                }
                if node == 0 || node.wrapping_add(get(memory, node, 4)) != at {
                    break;
                }
            }
            if end == self.ptr {
                self.stack(at);
            } else {
                let bytes = end.wrapping_sub(at);
                scatter(memory, lists, at, bytes);
                self.freed = self.freed.wrapping_add(bytes);
                n_blocks += 1;
            }
        }
        n_blocks
    }
}

/// Empties all lists into one, which begins with the highest block. Blocks are told their size. Returns the first one.
#[inline(always)]
fn sort<M: PageSource>(memory: &M, lists: u32) -> u32 {
    let most = most_blocks(memory);
    // How far the six highest bits of addresses are shifted; those sorted by before are the ones below.
    let last_shift = (u32::BITS - DIGIT_BITS) - most.leading_zeros();
    let mut shift = (last_shift % DIGIT_BITS).wrapping_sub(DIGIT_BITS);
    let (mut node, mut n_exact) = (0, FIRST_INEXACT);
    loop {
        // The last list first, and each in reverse.
        let (mut list, mut n_blocks) = (0, 0);
        while list < HEADS_BYTES {
            let head = lists + list;
            let mut next = get(memory, head, 0);
            set(memory, head, 0, 0);
            while next != 0 && n_blocks != most {
                let at = next;
                next = get(memory, at, 0);
                set(memory, at, 0, node);
                if list < n_exact {
                    // SAFETY: as many as there are, or none.
                    set(memory, at, 4, unsafe { bytes_of(list) });
                }
                node = at;
                n_blocks += 1;
            }
            list += HEAD_BYTES;
        }
        if shift == last_shift {
            return node;
        }
        n_exact = 0;
        shift = if n_blocks > FEW {
            shift.wrapping_add(DIGIT_BITS)
        } else {
            last_shift
        };
        // Each bucket gets them in reverse, and is turned over again above: what was in order by lower bits stays so.
        while node != 0 && n_blocks != 0 {
            n_blocks -= 1;
            let next = get(memory, node, 0);
            let bucket = ((node / GRAIN) >> shift) & (N_LISTS - 1);
            let (mut link, mut low) = (lists + HEAD_BYTES * bucket, 0);
            let mut above = get(memory, link, 0);
            while shift == last_shift && low < above && above < node {
                (link, low) = (above, above);
                above = get(memory, link, 0);
            }
            set(memory, node, 0, above);
            set(memory, link, 0, node);
            node = next;
        }
    }
}
