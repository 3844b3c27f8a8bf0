//! What the heap writes into memory: what it keeps below its lowest address, what stands where a scope or a window begins,
//! and words by address.

use super::{
    classes::{GRAIN, HEADS_BYTES},
    lists::Heads,
};
use crate::{PageSource, address::PAGE_LOG2};

/// What a free-list heap keeps below its lowest address: lists that are always empty, the first region, the root scope
/// and its lists.
///
/// Everything is found from the address of the root scope, [`ROOT`] bytes from the start.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct Root<W = u32> {
    nothing: Heads,
    region: Region<W>,
    scope: Record<W>,
    heads: Heads,
}

/// Where the root scope is in a [`Root`], where its first region is, and where its lists are; in bytes.
pub const ROOT: usize = core::mem::offset_of!(Root, scope);
/// See [`ROOT`].
pub const ROOT_REGION: usize = core::mem::offset_of!(Root, region);
/// See [`ROOT`].
pub const ROOT_LISTS: usize = core::mem::offset_of!(Root, heads);

impl<W: Copy> Root<W> {
    /// The root of a heap that ends at `end`; `root` and `lists` are the addresses [`ROOT`] and [`ROOT_LISTS`] bytes from
    /// where it will be.
    pub const fn new(root: W, lists: W, end: W) -> Self {
        Self {
            nothing: [0; _],
            region: Region {
                next: 0,
                end,
                zero: [0; 2],
            },
            scope: Record {
                below: 0,
                owner: root,
                end,
                lists,
            },
            heads: [0; _],
        }
    }
}

/// How far below the root scope the lists are that are always empty, and the first region; in bytes.
pub(super) const TO_NOTHING: u32 = ROOT as u32;
pub(super) const TO_REGION: u32 = (ROOT - ROOT_REGION) as u32;

/// Memory without gaps, at its lowest address: what the heap had to begin with, or grew.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Region<W = u32> {
    /// The region grown before, or 0.
    pub(super) next: u32,
    /// The first address behind it.
    pub(super) end: W,
    pub(super) zero: [u32; 2],
}

/// A scope, at the address that is its handle; or a window or an island of one.
///
/// All that are open are a stack. Which kind one is: a scope is its own owner, and an island has lists, at 1.
#[repr(C)]
#[derive(Debug)]
pub struct Record<W = u32> {
    /// The one below it in the stack: the one opened before, or an island of that one's scope; 0 for the root.
    pub(super) below: u32,
    /// The scope.
    pub(super) owner: W,
    /// Of a window, the end of the one that it follows; of an island, its own end; of a scope, nothing.
    pub(super) end: W,
    /// The scope's lists; until it frees something, those that are always empty.
    pub(super) lists: W,
}

/// [`Record::lists`] of windows and islands.
pub(super) const WINDOW: u32 = 0;
pub(super) const ISLAND: u32 = 1;

/// What a record takes, and the header of a region, in bytes.
pub(super) const RECORD_BYTES: u32 = size_of::<Record>() as u32;
const _: () = assert!(RECORD_BYTES == GRAIN && size_of::<Region>() == size_of::<Record>());
const _: () = assert!(HEADS_BYTES.is_multiple_of(GRAIN));

/// The record at `at`.
#[inline(always)]
pub(super) fn record<M: PageSource>(memory: &M, at: u32) -> *mut Record {
    memory.at(at).cast()
}

/// The scope that the record at `at` is, or belongs to.
#[inline(always)]
pub(super) fn owner_of<M: PageSource>(memory: &M, at: u32) -> u32 {
    // SAFETY: a record.
    unsafe { (*record(memory, at)).owner }
}

/// The lists of the scope at `at`.
#[inline(always)]
pub(super) fn lists_at<M: PageSource>(memory: &M, at: u32) -> u32 {
    // SAFETY: a record.
    unsafe { (*record(memory, at)).lists }
}

/// More blocks than memory holds: a list that goes on for longer has no end, after a misuse.
#[inline(always)]
pub(super) fn most_blocks<M: PageSource>(memory: &M) -> u32 {
    memory.size_pages() << (PAGE_LOG2 - GRAIN.trailing_zeros())
}

/// The word `offset` bytes behind `at`. Unaligned: misuse may have freed an odd address.
#[inline(always)]
pub(super) fn get<M: PageSource>(memory: &M, at: u32, offset: u32) -> u32 {
    // SAFETY: a word of the heap's. After a misuse it may be anywhere; wasm then traps.
    unsafe {
        memory
            .at(at)
            .add(offset as usize)
            .cast::<u32>()
            .read_unaligned()
    }
}

/// Sets that word.
#[inline(always)]
pub(super) fn set<M: PageSource>(memory: &M, at: u32, offset: u32, value: u32) {
    // SAFETY: as for `get`; the bytes are no caller's.
    unsafe {
        let word = memory.at(at).add(offset as usize).cast::<u32>();
        word.write_unaligned(value);
    }
}

/// A word of the heap's state, read here and now. Where a loop goes on from it, compilers make its *address* the loop's
/// variable; what has an address is memory, and nobody's global any more (`sigil link`).
#[inline(always)]
pub(super) fn word(state: &u32) -> u32 {
    // SAFETY: a reference.
    unsafe { core::ptr::from_ref(state).read_volatile() }
}
