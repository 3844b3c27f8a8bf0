//! Large blocks: a header each.
//!
//! ```text
//! block                     [size + 1 | 0] bytes …
//! free, up to 4096 bytes    [size + 1 | 0 | next] …
//! free, above               [size | next | link] … size]
//! ```
//!
//! Blocks up to 4096 bytes are freed and taken by their lists (`lists`), and their headers, which say where the
//! next block is, are not looked at. Where no list has what is wanted, a larger block is split; where there is
//! none, all free blocks are joined with their neighbours at once (`join`).
//!
//! Above 4096 bytes sizes seldom repeat, and it is worth to look: such a block is joined at once with free
//! neighbours of its kind. The one behind it is told by a bit in its header (`BELOW`), and reads where the block
//! begins in that one's last word; `link`, the address of what points to the block, takes it out of its list. A
//! header that says "free" is how a second `free` of such a block is seen and ignored.
//!
//! Headers stand at multiples of 16; the bytes of a block begin 8 behind its header, or 16 where an alignment was
//! asked for.

use super::{
    FreeList,
    lists::{EXACT_BYTES, LAST_EXACT, LAST_SMALL, SMALL_BYTES, list, list_of, pop, push, rounded},
    record::{GRAIN, get, scope, set},
};
use crate::PageSource;

/// The bit in a header's size that says: in use, or free and in a list up to 48.
pub(super) const USED: u32 = 1;

/// The bit in a header's size that says: the block below is free, and its last word is its size. Where it is
/// missing, that may be so all the same.
const BELOW: u32 = 2;
pub(super) const FLAGS: u32 = USED | BELOW;

/// What a block takes before its bytes.
pub(super) const HEADER_BYTES: u32 = 8;

/// The most that is not split off a block, in bytes: what no request wants.
const MOST_SPARE: u32 = SMALL_BYTES;

/// How many blocks of a list are looked at for one that is large enough.
const MOST_TRIED: u32 = 4;

/// More than any memory holds.
pub(super) const TOO_MANY_BYTES: u32 = 0u32.wrapping_sub(4 * GRAIN);

pub(super) const SIZE: u32 = 0;
pub(super) const NEXT: u32 = 4;
const LINK: u32 = 8;

/// The size of a block for `size_bytes` that begin `head` behind its header, in bytes.
pub(super) fn block_bytes(size_bytes: u32, head: u32) -> u32 {
    if size_bytes > TOO_MANY_BYTES - 2 * GRAIN {
        return TOO_MANY_BYTES;
    }
    rounded((size_bytes.max(1) + head + GRAIN - 1) & !(GRAIN - 1))
}

/// The header of the large block whose bytes begin at `block`.
#[inline(always)]
pub(super) fn header(block: u32) -> u32 {
    block.wrapping_sub(HEADER_BYTES) & !(GRAIN - 1)
}

/// The size of the block at `at`, whether or not it is in use.
pub(super) fn size_of_block<M: PageSource>(memory: &M, at: u32) -> u32 {
    get(memory, at, SIZE) & !FLAGS
}

/// Makes `bytes` from `at` on a block in use.
#[inline(always)]
pub(super) fn mark<M: PageSource>(memory: &M, at: u32, bytes: u32) {
    set(memory, at, SIZE, bytes | USED);
}

/// Puts the block of `bytes` at `at` into its list of `owner`.
#[inline(never)]
pub(super) fn insert<M: PageSource>(memory: &M, owner: u32, at: u32, bytes: u32) {
    let index = list_of(bytes);
    if index <= LAST_EXACT {
        mark(memory, at, bytes);
        push(memory, owner, index, at.wrapping_add(HEADER_BYTES));
        return;
    }
    let list = list(owner, index);
    // SAFETY: an open scope.
    let map = unsafe { &mut (*scope(memory, owner)).map };
    let mut next = 0;
    if *map >> index & 1 != 0 {
        next = get(memory, list, 0);
        set(memory, next, LINK, at.wrapping_add(NEXT));
    }
    *map |= 1 << index;
    set(memory, list, 0, at);
    set(memory, at, SIZE, bytes);
    set(memory, at, NEXT, next);
    set(memory, at, LINK, list);
    let end = at.wrapping_add(bytes);
    set(memory, end.wrapping_sub(4), 0, bytes);
    set(memory, end, SIZE, get(memory, end, SIZE) | BELOW);
}

/// Takes the free block at `at`, above 4096 bytes, out of its list of `owner`.
#[inline(never)]
fn unlink<M: PageSource>(memory: &M, owner: u32, at: u32) {
    let next = get(memory, at, NEXT);
    let link = get(memory, at, LINK);
    set(memory, link, 0, next);
    if next != 0 {
        set(memory, next, LINK, link);
    } else if link.wrapping_sub(owner) < super::record::SCOPE_BYTES {
        // The only one.
        // SAFETY: an open scope.
        let map = unsafe { &mut (*scope(memory, owner)).map };
        *map &= !(1 << list_of(size_of_block(memory, at)));
    }
    forget_below(memory, at);
}

/// Tells the block behind that the one at `at` is not free any more.
pub(super) fn forget_below<M: PageSource>(memory: &M, at: u32) {
    let end = at.wrapping_add(size_of_block(memory, at));
    set(memory, end, SIZE, get(memory, end, SIZE) & !BELOW);
}

/// Takes a free block of `owner`'s of at least `bytes`, which are rounded; 0 where it has none.
#[inline(never)]
pub(super) fn take<M: PageSource>(memory: &M, owner: u32, bytes: u32) -> u32 {
    let at = seek(memory, owner, bytes);
    if at != 0 {
        // What no request wants stays with the block.
        let whole = size_of_block(memory, at);
        let rest = whole.saturating_sub(bytes);
        let split = rest > MOST_SPARE;
        mark(memory, at, if split { bytes } else { whole });
        if split {
            insert(memory, owner, at.wrapping_add(bytes), rest);
        }
    }
    at
}

/// Takes a free block of at least `bytes` out of its list.
fn seek<M: PageSource>(memory: &M, owner: u32, bytes: u32) -> u32 {
    let first = list_of(bytes);
    let mut index = first.max(LAST_SMALL + 1);
    while index <= LAST_EXACT {
        let block = pop(memory, owner, index);
        if block != 0 {
            return block.wrapping_sub(HEADER_BYTES);
        }
        index += 1;
    }
    // SAFETY: an open scope.
    let mut left = unsafe { (*scope(memory, owner)).map } & u64::MAX << first;
    while left != 0 {
        let mut at = get(memory, list(owner, left.trailing_zeros()), 0);
        for _ in 0..MOST_TRIED {
            if at == 0 {
                break;
            }
            if size_of_block(memory, at) >= bytes {
                unlink(memory, owner, at);
                return at;
            }
            at = get(memory, at, NEXT);
        }
        left &= left - 1;
    }
    0
}

impl FreeList {
    /// Frees the block at `at`, which is `owner`'s.
    #[inline(never)]
    pub(super) fn release<M: PageSource>(&mut self, memory: &M, owner: u32, mut at: u32) {
        let size = get(memory, at, SIZE);
        if size & USED == 0 {
            return;
        }
        let mut end = at.wrapping_add(size & !FLAGS);
        let joins = size > EXACT_BYTES + FLAGS;
        if joins && size & BELOW != 0 {
            at = at.wrapping_sub(get(memory, at.wrapping_sub(4), 0));
            unlink(memory, owner, at);
        }
        if end == self.ptr {
            self.lower(at);
            return;
        }
        if joins && get(memory, end, SIZE) & USED == 0 {
            let above = size_of_block(memory, end);
            unlink(memory, owner, end);
            end = end.wrapping_add(above);
        }
        insert(memory, owner, at, end.wrapping_sub(at));
    }

    /// Moves the bump pointer down to `at`.
    #[inline(always)]
    pub(super) fn lower(&mut self, at: u32) {
        self.touched = self.touched.max(self.ptr);
        self.ptr = at;
    }

    /// Makes of the block in use of `whole` bytes at `start` one of `bytes` at `at`, and frees the rest.
    #[inline(never)]
    pub(super) fn carve<M: PageSource>(
        &mut self,
        memory: &M,
        owner: u32,
        (start, whole): (u32, u32),
        (at, bytes): (u32, u32),
    ) {
        mark(memory, at, bytes);
        let gap = at.wrapping_sub(start);
        let rest = whole.wrapping_sub(gap).wrapping_sub(bytes);
        if rest != 0 {
            let end = at.wrapping_add(bytes);
            mark(memory, end, rest);
            self.release(memory, owner, end);
        }
        if gap != 0 {
            mark(memory, start, gap);
            self.release(memory, owner, start);
        }
    }

    /// Makes the large block at `block` one of `new_bytes` where it stands; says whether that was possible.
    #[inline(never)]
    pub(super) fn resize_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        block: u32,
        new_bytes: u32,
    ) -> bool {
        let at = header(block);
        let bytes = block_bytes(new_bytes, block.wrapping_sub(at));
        let mut whole = size_of_block(memory, at);
        if bytes > whole {
            let end = at.wrapping_add(whole);
            if end == self.ptr {
                let more = bytes - whole;
                let found = self.advance(memory, more, GRAIN);
                if found != end {
                    // Another chunk, or none.
                    if found != 0 {
                        self.release(memory, owner, found);
                    }
                    return false;
                }
                whole = bytes;
            } else {
                let above = get(memory, end, SIZE);
                whole = whole.wrapping_add(above & !FLAGS);
                if above & USED != 0 || whole < bytes {
                    return false;
                }
                unlink(memory, owner, end);
            }
        }
        if whole - bytes <= MOST_SPARE {
            mark(memory, at, whole);
        } else {
            self.carve(memory, owner, (at, whole), (at, bytes));
        }
        true
    }
}
