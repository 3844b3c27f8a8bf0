//! Size classes: four to a doubling.
//!
//! ```text
//! list       0  1 …   7      8    9   10   11     12 …  30     31     32 …   106
//! bytes     16 32 … 128    160  192  224  256    320 … 7168   8192  10240 … 7 * 2^29
//!           └─ all as large as each other, and as requests are rounded to ─┘ └ or larger ┘
//! ```
//!
//! A request of up to [`INEXACT`] bytes is rounded up to what the blocks of its list have, by a fifth at most. So
//! freeing is a push and allocating a pop, and who frees says how large the block is: no block has a header. Larger
//! requests are rounded to [`GRAIN`].
//!
//! A class is the three highest bits of a size, and how many zeros precede them; below 128 bytes, a multiple of 16.

/// The distance between two addresses of blocks, in bytes. Every address and size that the heap keeps is a multiple
/// of it.
pub(super) const GRAIN: u32 = 16;

/// Up to this size, in bytes, requests are rounded to their list's. From it on, lists hold blocks of several sizes.
pub(super) const INEXACT: u32 = 8192;

/// The largest request whose list holds blocks of one size, in bytes.
pub(super) const MOST_EXACT: u32 = INEXACT / 8 * 7;

/// What [`list_for`] leaves out: it is added where a list is looked up, which costs nothing there.
pub(super) const BIAS: u32 = 100;

/// How many lists there are.
pub(super) const N_LISTS: u32 = list_for(u32::MAX).wrapping_add(BIAS + 1);

/// How many zeros precede the three bits that say which class the byte at the offset `last` is in.
#[inline(always)]
const fn zeros(last: u32) -> u32 {
    (last | (8 * GRAIN - 1)).leading_zeros()
}

/// The list for requests of `size_bytes`, 1 or more; less [`BIAS`].
#[inline(always)]
pub(super) const fn list_for(size_bytes: u32) -> u32 {
    let last = size_bytes.wrapping_sub(1);
    let zeros = zeros(last);
    (last << zeros >> 29).wrapping_sub(4 * zeros)
}

/// The list that a free block of `bytes`, 16 or more, is in: the last one whose requests it serves; less [`BIAS`].
#[inline(always)]
pub(super) const fn list_of(bytes: u32) -> u32 {
    list_for(bytes.wrapping_add(1)).wrapping_sub(1)
}

/// The size of the largest request that a free block of `bytes`, 16 to [`INEXACT`], serves.
#[inline(always)]
pub(super) const fn floor(bytes: u32) -> u32 {
    bytes & !(u32::MAX >> 3 >> zeros(bytes))
}

/// What a request of `size_bytes`, 1 to [`INEXACT`], takes.
#[inline(always)]
pub(super) const fn rounded_exact(size_bytes: u32) -> u32 {
    let last = size_bytes.wrapping_sub(1);
    (last | (u32::MAX >> 3 >> zeros(last))) + 1
}

/// More than memory has beside what the heap keeps of it; a record and a header more are a `u32`, too.
const TOO_MANY: u32 = 0xffff_ff00;

/// What a request of `size_bytes` takes; more than memory has where it can never be served.
#[inline(never)]
pub(super) const fn rounded(size_bytes: u32) -> u32 {
    let last = if size_bytes < TOO_MANY {
        size_bytes.saturating_sub(1)
    } else {
        TOO_MANY
    };
    let mask = if last < INEXACT {
        u32::MAX >> 3 >> zeros(last)
    } else {
        GRAIN - 1
    };
    (last | mask) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list_for(size_bytes: u32) -> u32 {
        super::list_for(size_bytes).wrapping_add(BIAS)
    }

    fn list_of(bytes: u32) -> u32 {
        super::list_of(bytes).wrapping_add(BIAS)
    }

    /// The bytes of the blocks of `list`, at least.
    fn bytes_of(list: u32) -> u32 {
        if list < 8 {
            (list + 1) * GRAIN
        } else {
            (list % 4 + 5) << (list / 4 - 1) << 4
        }
    }

    #[test]
    fn a_request_goes_to_the_first_list_whose_blocks_hold_it() {
        for size in 1..=INEXACT {
            let list = list_for(size);
            assert_eq!(rounded(size), bytes_of(list));
            assert!(list == 0 || bytes_of(list - 1) < size);
            assert!(rounded(size) - size < GRAIN.max(size / 4 + 1), "{size}");
        }
        assert_eq!(list_for(MOST_EXACT) + 1, list_for(INEXACT));
        assert_eq!(rounded(MOST_EXACT), MOST_EXACT);
    }

    #[test]
    fn a_free_block_is_in_the_last_list_whose_requests_it_serves() {
        for grains in 1..=4096 {
            let bytes = grains * GRAIN;
            let list = list_of(bytes);
            assert!(bytes_of(list) <= bytes && bytes < bytes_of(list + 1));
            assert_eq!(floor(bytes), bytes_of(list));
        }
        for bytes in [INEXACT, 1 << 20, 1 << 31, u32::MAX - 15] {
            let list = list_of(bytes);
            assert!((list_for(INEXACT)..N_LISTS).contains(&list));
            assert!(floor(bytes) <= bytes && list_for(floor(bytes)) == list);
        }
    }

    #[test]
    fn no_request_wraps() {
        assert_eq!(rounded(0), GRAIN);
        for size in [u32::MAX, u32::MAX - 14, u32::MAX - 15] {
            assert!(rounded(size) > TOO_MANY && rounded(size).checked_add(2 * GRAIN).is_some());
        }
    }
}
