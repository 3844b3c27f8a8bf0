//! What a scope keeps where it begins, and words of memory by address.
//!
//! ```text
//! scope   [size + 1 | 0 | parent | chunk | map | run start | run end | runs | 0 | list 0 … list 63]
//! ```
//!
//! The first two words are the header of a large block (`large`), so that a scope's record stands between its
//! parent's blocks and its own like any block in use. A scope opens without the lists above 48 being cleared: each
//! has a bit in the map, which says that it has a block.

use super::lists::{LAST_EXACT, N_LISTS};
use crate::{PageSource, address::PAGE_LOG2};

/// The distance between two addresses of blocks, in bytes. Every address and size that the heap keeps is a
/// multiple of it.
pub(super) const GRAIN: u32 = 16;

/// A scope's record, at the address that is its handle; the root's stands among the statics.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct Scope {
    /// The size of the record, as a block in use.
    pub(super) size: u32,
    pub(super) zero: u32,
    /// The scope around this one.
    pub(super) parent: u32,
    /// The chunk that the scope begins in.
    pub(super) chunk: u32,
    /// Which of the lists above 48 hold blocks.
    pub(super) map: u64,
    /// What is left of the newest run.
    pub(super) run_start: u32,
    pub(super) run_end: u32,
    /// The newest run, or 0.
    pub(super) runs: u32,
    pub(super) also_zero: u32,
    pub(super) lists: [u32; N_LISTS as usize],
    pub(super) padding: [u32; 2],
}

impl Scope {
    /// The root, without blocks. All zero.
    pub const fn root() -> Self {
        Self {
            size: 0,
            zero: 0,
            parent: 0,
            chunk: 0,
            map: 0,
            run_start: 0,
            run_end: 0,
            runs: 0,
            also_zero: 0,
            lists: [0; N_LISTS as usize],
            padding: [0; 2],
        }
    }
}

/// What a scope takes in the heap, in bytes.
pub(super) const SCOPE_BYTES: u32 = size_of::<Scope>() as u32;
const _: () = assert!(SCOPE_BYTES.is_multiple_of(GRAIN));

/// Where the lists begin in a record, in bytes.
pub(super) const LISTS: u32 = core::mem::offset_of!(Scope, lists) as u32;

/// The part of a record that has to be zero when its scope opens: from the map to a list for which the map speaks.
const CLEARED: core::ops::Range<usize> =
    core::mem::offset_of!(Scope, map)..LISTS as usize + 4 * (LAST_EXACT as usize + 2);
const _: () = assert!(CLEARED.start.is_multiple_of(8) && CLEARED.end.is_multiple_of(8));

#[inline(always)]
pub(super) fn scope<M: PageSource>(memory: &M, at: u32) -> *mut Scope {
    memory.at(at).cast()
}

/// Makes the scope at `at` one without blocks.
///
/// Words, and volatile ones, because engines serve the instruction that fills memory by a call that costs more
/// than all of this.
pub(super) fn empty<M: PageSource>(memory: &M, at: u32) {
    let words = memory.at(at).cast::<u64>();
    for index in CLEARED.start / 8..CLEARED.end / 8 {
        // SAFETY: a record, aligned to 16.
        unsafe { words.add(index).write_volatile(0) };
    }
}

/// More blocks than memory holds: a list that goes on for longer has no end.
pub(super) fn most_blocks<M: PageSource>(memory: &M) -> u32 {
    memory.size_pages() << (PAGE_LOG2 - GRAIN.trailing_zeros())
}

/// The word `offset` bytes behind `at`. Unaligned: misuse may have freed an odd address.
#[inline(always)]
pub(super) fn get<M: PageSource>(memory: &M, at: u32, offset: u32) -> u32 {
    let word = memory.at(at.wrapping_add(offset)).cast::<u32>();
    // SAFETY: a word of the heap's. After a misuse it may be anywhere; wasm then traps.
    unsafe { word.read_unaligned() }
}

#[inline(always)]
pub(super) fn set<M: PageSource>(memory: &M, at: u32, offset: u32, value: u32) {
    let word = memory.at(at.wrapping_add(offset)).cast::<u32>();
    // SAFETY: as for `get`; the bytes are no caller's.
    unsafe { word.write_unaligned(value) };
}
