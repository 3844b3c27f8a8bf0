//! Lists of free blocks by size.
//!
//! ```text
//! list          0      1   2 …  16     17  …  24  …  40  …  48     49      50  …  63
//! bytes     < 288     16  32   256    288    512    2048  4096   > 4096  8192   2^27 and more
//!          crumbs     └── small ──┘   └──── 8 to a doubling ──┘   └── 1 to a doubling ──┘
//! ```
//!
//! Up to list 48 a request is rounded up to what all blocks of its list have, by an eighth at most. So freeing is a
//! push and allocating a pop, small or large: neither looks at a header or at a neighbour, and what was freed is as
//! a rule just what a later request takes. A free block's first word is the next one of its list.
//!
//! *Crumbs* are large blocks that are too small for any request, and wait for their neighbours.

use super::{
    large::HEADER_BYTES,
    record::{GRAIN, LISTS, get, set},
};
use crate::PageSource;

/// How many lists a scope has: one for each bit of a map.
pub(super) const N_LISTS: u32 = 64;

/// The list of crumbs.
pub(super) const CRUMBS: u32 = 0;

/// The last list of small blocks, and of those whose blocks fit every request for it.
pub(super) const LAST_SMALL: u32 = 16;
pub(super) const LAST_EXACT: u32 = 48;

/// The largest small block, and the largest block of list [`LAST_EXACT`], in bytes.
pub(super) const SMALL_BYTES: u32 = LAST_SMALL * GRAIN;
pub(super) const EXACT_BYTES: u32 = 4096;

/// The largest size whose block is rounded up to that of its list, in bytes.
pub(super) const MOST_EXACT: u32 = EXACT_BYTES - HEADER_BYTES;

/// What the bytes of a block of `size_bytes` begin behind a multiple of 16: 8 where it has a header.
#[inline(always)]
pub(super) fn skew(size_bytes: u32) -> u32 {
    u32::from(size_bytes > SMALL_BYTES) * HEADER_BYTES
}

/// The list for requests of `size_bytes`, 1 to [`MOST_EXACT`].
#[inline(always)]
pub(super) fn list_for(size_bytes: u32) -> u32 {
    let last = (size_bytes - 1 + skew(size_bytes)) / GRAIN;
    let step = 28 - (last | (LAST_SMALL - 1)).leading_zeros();
    8 * step + (last >> step) + 1
}

/// The list of free large blocks of `bytes`: the last one whose requests they fit, up to [`LAST_EXACT`].
pub(super) fn list_of(bytes: u32) -> u32 {
    let grains = bytes / GRAIN;
    if grains < LAST_SMALL + 2 {
        return CRUMBS;
    }
    let zeros = grains.leading_zeros();
    if bytes <= EXACT_BYTES {
        let step = 28 - zeros;
        8 * step + (grains >> step)
    } else {
        (LAST_EXACT + 24 - zeros).min(N_LISTS - 1)
    }
}

/// `bytes` of a large block rounded up to what all blocks of their list have, where there is such a size.
pub(super) fn rounded(bytes: u32) -> u32 {
    if bytes > EXACT_BYTES {
        return bytes;
    }
    let last = ((bytes - 1) / GRAIN) | LAST_SMALL;
    let mask = (GRAIN << (28 - last.leading_zeros())) - 1;
    (bytes + mask) & !mask
}

/// Where list `index` of `owner` begins.
#[inline(always)]
pub(super) fn list(owner: u32, index: u32) -> u32 {
    owner + LISTS + 4 * index
}

/// Takes the newest block of list `index`, up to [`LAST_EXACT`]; 0 where it has none.
#[inline(always)]
pub(super) fn pop<M: PageSource>(memory: &M, owner: u32, index: u32) -> u32 {
    let list = list(owner, index);
    let block = get(memory, list, 0);
    if block != 0 {
        set(memory, list, 0, get(memory, block, 0));
    }
    block
}

/// Frees `block` into list `index`, up to [`LAST_EXACT`].
#[inline(always)]
pub(super) fn push<M: PageSource>(memory: &M, owner: u32, index: u32, block: u32) {
    let list = list(owner, index);
    set(memory, block, 0, get(memory, list, 0));
    set(memory, list, 0, block);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::free_list::large::block_bytes;

    /// The bytes of a block of `index`, its header among them.
    fn bytes_of(index: u32) -> u32 {
        let index = index - 1;
        if index < 16 {
            (index + 1) * GRAIN
        } else {
            ((9 + index % 8) << (index / 8 - 1)) * GRAIN
        }
    }

    #[test]
    fn a_request_goes_to_the_first_list_whose_blocks_hold_it() {
        for size in 1..=MOST_EXACT {
            let (index, needed) = (list_for(size), size + skew(size));
            assert!((1..=LAST_EXACT).contains(&index));
            assert_eq!(index <= LAST_SMALL, size <= SMALL_BYTES);
            assert!(bytes_of(index) >= needed, "{size}");
            let below = index - 1;
            assert!(
                below == 0 || below == LAST_SMALL || bytes_of(below) < needed,
                "{size}"
            );
            assert!(bytes_of(index) - needed < 16.max(needed / 8 + 1), "{size}");
        }
        assert_eq!(list_for(MOST_EXACT), LAST_EXACT);
    }

    #[test]
    fn a_free_block_holds_every_request_for_its_list_and_is_rounded_to_it() {
        for size in SMALL_BYTES + 1..=MOST_EXACT {
            let bytes = rounded(block_bytes(size, HEADER_BYTES));
            assert_eq!(bytes, bytes_of(list_for(size)));
            assert_eq!(list_of(bytes), list_for(size));
        }
        for grains in 1..=256 {
            let index = list_of(grains * GRAIN);
            let fits = |index| bytes_of(index) <= grains * GRAIN;
            assert!(index == CRUMBS || fits(index));
            assert!(index == LAST_EXACT || !fits((index + 1).max(LAST_SMALL + 1)));
        }
        for (bytes, index) in [(4112, 49), (8192, 50), (1 << 27, 63), (1 << 31, 63)] {
            assert_eq!((list_of(bytes), rounded(bytes)), (index, bytes));
        }
    }
}
