//! Lists of free blocks.
//!
//! ```text
//! free block   [next | bytes] …        the second word where blocks of a list are of several sizes
//! ```
//!
//! Where `lists` is passed, it is the address of the head of the first one.

use super::{
    classes::{FIRST_INEXACT, GRAIN, HEAD_BYTES, HEADS_BYTES, bytes_of, list_of},
    record::{get, set},
};
use crate::PageSource;

/// The heads of all lists, 0 where one is empty.
pub(super) type Heads = [u32; (HEADS_BYTES / HEAD_BYTES) as usize];

/// How many blocks of a list are looked at for one that is large enough. In all lists but the first one the first block is.
const MOST_TRIED: u32 = 1024;

/// How many blocks of a list are looked at for a neighbour.
const MOST_NEIGHBOURS: u32 = 8;

/// Takes the newest block of `list`; 0 where it has none.
#[inline(always)]
pub(super) fn pop<M: PageSource>(memory: &M, lists: u32, list: u32) -> u32 {
    let head = lists + list;
    let block = get(memory, head, 0);
    if block != 0 {
        set(memory, head, 0, get(memory, block, 0));
    }
    block
}

/// Frees `block` into `list`, which it has the size for.
#[inline(always)]
pub(super) fn push<M: PageSource>(memory: &M, lists: u32, list: u32, block: u32) {
    let head = lists + list;
    set(memory, block, 0, get(memory, head, 0));
    set(memory, head, 0, block);
}

/// Frees the `bytes` at `at`, in as many blocks as it takes for each to be as large as others of its list.
#[inline(never)]
pub(super) fn scatter<M: PageSource>(memory: &M, lists: u32, mut at: u32, mut bytes: u32) {
    while bytes >= GRAIN {
        let list = list_of(bytes);
        let mut piece = bytes;
        if list < FIRST_INEXACT {
            // SAFETY: just compared.
            piece = unsafe { bytes_of(list) };
        }
        push(memory, lists, list, at);
        set(memory, at, 4, piece);
        at = at.wrapping_add(piece);
        bytes -= piece;
    }
}

/// Takes a block of `bytes` or more, which its second word says then, from the first list that has one; 0 where none has.
#[inline(never)]
pub(super) fn take<M: PageSource>(memory: &M, lists: u32, bytes: u32) -> u32 {
    seek(memory, lists, list_of(bytes), MOST_TRIED, bytes, 0, 0)
}

/// Takes the neighbours of the `bytes` at `at` out of their lists, as far as they are as large as it is by then, and among the
/// newest: looking at more is not worth the reads from memory that has been left long ago. Returns where all of it lies, and
/// how many bytes that is.
#[inline(always)]
pub(super) fn merge<M: PageSource>(
    memory: &M,
    lists: u32,
    mut at: u32,
    mut bytes: u32,
) -> (u32, u32) {
    // Two, unless what lies between others that were not joined yet is freed last; after a misuse there might be no end.
    for _ in 0..MOST_NEIGHBOURS {
        let (most, end) = (MOST_NEIGHBOURS, at.wrapping_add(bytes));
        let block = seek(memory, lists, list_of(bytes), most, u32::MAX, at, end);
        if block == 0 {
            break;
        }
        at = at.min(block);
        bytes = bytes.wrapping_add(get(memory, block, 4));
    }
    (at, bytes)
}

/// Whether the four lists are empty whose heads begin at `head`.
#[inline(always)]
fn are_empty<M: PageSource>(memory: &M, head: u32) -> bool {
    let heads = memory.at(head).cast::<u64>();
    // SAFETY: as for `get`.
    unsafe { heads.read_unaligned() | heads.add(1).read_unaligned() == 0 }
}

/// Takes a block of `bytes` or more, or one that ends at `at` or begins at `end`, from the first list from `list` on that has
/// one among the `most` newest. 0 where none has.
#[inline(never)]
fn seek<M: PageSource>(
    memory: &M,
    lists: u32,
    mut list: u32,
    most: u32,
    bytes: u32,
    at: u32,
    end: u32,
) -> u32 {
    while list < HEADS_BYTES {
        let (mut link, mut left) = (lists + list, most);
        // Most are empty. There are a multiple of four.
        if list.is_multiple_of(4 * HEAD_BYTES) && are_empty(memory, link) {
            list += 4 * HEAD_BYTES;
            continue;
        }
        loop {
            let block = get(memory, link, 0);
            if block == 0 || left == 0 {
                break;
            }
            left -= 1;
            if list < FIRST_INEXACT {
                // SAFETY: just compared.
                set(memory, block, 4, unsafe { bytes_of(list) });
            }
            let size = get(memory, block, 4);
            if size >= bytes || block == end || block.wrapping_add(size) == at {
                set(memory, link, 0, get(memory, block, 0));
                return block;
            }
            link = block;
        }
        list += HEAD_BYTES;
    }
    0
}

/// Frees what a block that was taken has beyond `bytes`.
#[inline(always)]
pub(super) fn trim<M: PageSource>(memory: &M, lists: u32, block: u32, bytes: u32) {
    let rest = get(memory, block, 4) - bytes;
    scatter(memory, lists, block.wrapping_add(bytes), rest);
}
