//! Small blocks: no header, 16 bytes apart, in runs.
//!
//! ```text
//! run          [header of a large block | free bytes | next run] block block …
//! free block   [next]
//! ```
//!
//! A small block among large ones would keep its neighbours from ever being joined; that is what fragments a
//! heap. So small blocks have large ones to themselves, cut from the front. Freed, they wait in a list for their
//! size, and are used again as they are.
//!
//! Runs of the root are 2048 bytes at a multiple of 2048, and go back when all of them is free (`reclaim`). Those of
//! other scopes lie at the bump pointer and end where that address is such a multiple; the first one is short, so
//! that scopes can be many. While nothing else is taken at the bump pointer, the newest one grows, and only leaves
//! out the grain at such a multiple. They go back with their scope.
//!
//! The address tells a small block from a large one that was shrunk: small blocks stand at multiples of 16, and
//! the bytes of large ones 8 behind, or where an alignment was asked for that runs have themselves.

use super::{
    FreeList,
    large::{HEADER_BYTES, mark},
    lists::{MOST_EXACT, SMALL_BYTES, push, skew},
    record::{GRAIN, scope, set},
};
use crate::PageSource;

/// What a run takes, and what its address is a multiple of, in bytes.
pub(super) const RUN_BYTES: u32 = 2048;

/// What the first run of a scope takes, where it is not the root.
const SHORT_BYTES: u32 = 512;

/// How far behind a run's header its first block is.
pub(super) const FIRST_BLOCK: u32 = GRAIN;

/// Behind a run's header: how many of its bytes are free, which is 0 but while runs are being reclaimed; and
/// the run that was the scope's newest before, or 0.
pub(super) const FREE_BYTES: u32 = 8;
pub(super) const NEXT_RUN: u32 = 12;

/// Whether `block` is not where a run's header would be: a block there had to have that alignment.
#[inline(always)]
pub(super) fn in_run(block: u32) -> bool {
    !block.is_multiple_of(RUN_BYTES)
}

/// Whether `block`, of `size_bytes`, is a small one.
#[inline(always)]
pub(super) fn is_small(block: u32, size_bytes: u32) -> bool {
    size_bytes <= SMALL_BYTES && block.is_multiple_of(GRAIN) && in_run(block)
}

/// Whether `block`, of `size_bytes`, is free by being in its list: it stands as those that come from there do.
#[inline(always)]
pub(super) fn is_listed(block: u32, size_bytes: u32) -> bool {
    size_bytes <= MOST_EXACT
        && block.wrapping_sub(skew(size_bytes)).is_multiple_of(GRAIN)
        && in_run(block)
}

/// The list of small blocks of `size_bytes`: the first one for a block of no bytes as well.
#[inline(always)]
pub(super) fn small_list(size_bytes: u32) -> u32 {
    size_bytes.saturating_sub(1) / GRAIN + 1
}

/// Takes a small block of `size_bytes`, 1 or more, from the newest run; 0 where it has no room.
#[inline(always)]
pub(super) fn cut<M: PageSource>(memory: &M, owner: u32, size_bytes: u32) -> u32 {
    // SAFETY: an open scope.
    let record = unsafe { &mut *scope(memory, owner) };
    let block = record.run_start;
    if record.run_end.wrapping_sub(block) < size_bytes {
        return 0;
    }
    // SAFETY: a run has room, so there is one, and no run begins at address 0.
    unsafe { core::hint::assert_unchecked(block != 0) };
    record.run_start = block.wrapping_add((size_bytes + GRAIN - 1) & !(GRAIN - 1));
    block
}

/// Frees `bytes` from `start` on in a run, in pieces where that is more than a small block.
pub(super) fn scatter<M: PageSource>(memory: &M, owner: u32, mut start: u32, mut bytes: u32) {
    while bytes != 0 {
        let piece = bytes.min(SMALL_BYTES);
        push(memory, owner, piece / GRAIN, start);
        start = start.wrapping_add(piece);
        bytes -= piece;
    }
}

/// Makes the large block of `bytes` at `at` the newest run of `owner`.
#[inline(never)]
pub(super) fn open_run<M: PageSource>(memory: &M, owner: u32, at: u32, bytes: u32) {
    // SAFETY: an open scope.
    let record = unsafe { &mut *scope(memory, owner) };
    let (start, end) = (record.run_start, record.run_end);
    set(memory, at, FREE_BYTES, 0);
    set(memory, at, NEXT_RUN, record.runs);
    record.runs = at;
    record.run_start = at.wrapping_add(FIRST_BLOCK);
    record.run_end = at.wrapping_add(bytes);
    scatter(memory, owner, start, end.wrapping_sub(start));
}

impl FreeList {
    /// Makes the innermost scope's newest run longer where it ends at the bump pointer, up to where no block may
    /// stand, and from there on to the next such address. Says whether it did.
    pub(super) fn extend_run<M: PageSource>(&mut self, memory: &M) -> bool {
        // SAFETY: an open scope.
        let record = unsafe { &mut *scope(memory, self.scope) };
        let end = record.run_end;
        let new_end = u64::from(end | (RUN_BYTES - 1)) + 1;
        if end != self.ptr || new_end + u64::from(HEADER_BYTES) > self.end.into() {
            return false;
        }
        if !in_run(end) {
            let start = record.run_start;
            record.run_start = end.wrapping_add(GRAIN);
            scatter(memory, self.scope, start, end.wrapping_sub(start));
        }
        self.ptr = new_end as u32;
        record.run_end = self.ptr;
        mark(memory, record.runs, self.ptr.wrapping_sub(record.runs));
        true
    }

    /// Takes a run with room for `size_bytes` at the bump pointer, for the innermost scope; 0 where that has no room.
    pub(super) fn run_at_hand<M: PageSource>(&mut self, memory: &M, size_bytes: u32) -> u32 {
        let needed = FIRST_BLOCK + small_list(size_bytes) * GRAIN;
        let mut at = self.ptr;
        let mut room = RUN_BYTES - at % RUN_BYTES;
        if room < needed {
            at = at.wrapping_add(room);
            room = RUN_BYTES;
        }
        // SAFETY: an open scope.
        if unsafe { (*scope(memory, self.scope)).runs } == 0 {
            room = room.min(SHORT_BYTES);
        }
        let end = u64::from(at) + u64::from(room + HEADER_BYTES);
        if at < self.ptr || end > self.end.into() {
            return 0;
        }
        self.place(memory, at, room);
        at
    }
}
