//! Size classes: four to a doubling.
//!
//! ```text
//! class      0  1 …   7      8    9   10   11     12 …  30     31     32 …      62       63
//! bytes     16 32 … 128    160  192  224  256    320 … 7168   8192  10240 … 1835008  2097152
//!           └─ all as large as each other, and as requests are rounded to ─┘ └ or larger ┘
//! ```
//!
//! A request of up to [`MOST_EXACT`] bytes is rounded up to what the blocks of its list have: to a multiple of 16, and above
//! 128 bytes by less than a quarter. So freeing is a push and allocating a pop, and who frees says how large the block is: no
//! block has a header. Larger requests are rounded to [`GRAIN`], and to [`INEXACT`] at least, and searched for.
//!
//! The list of a class is a number of bytes: how far its head lies behind the first one's, four for each class before it. So
//! it is added to an address as it is.
//!
//! A class is the three highest bits of a size, and how many zeros precede them; below 128 bytes, a multiple of 16.

/// The distance between two addresses of blocks, in bytes. Every address and size that the heap keeps is a multiple
/// of it.
pub(super) const GRAIN: u32 = 16;

/// From this size on, in bytes, lists hold blocks of several sizes.
pub(super) const INEXACT: u32 = 8192;

/// The largest request that is rounded to what its list's blocks have, in bytes.
pub(super) const MOST_EXACT: u32 = INEXACT / 8 * 7;

/// How many lists there are.
pub(super) const N_LISTS: u32 = 64;

/// What the head of a list takes, in bytes.
pub(super) const HEAD_BYTES: u32 = 4;

/// What the heads of all lists take, in bytes: behind the last list.
pub(super) const HEADS_BYTES: u32 = N_LISTS * HEAD_BYTES;

/// The first list whose blocks are of several sizes.
pub(super) const FIRST_INEXACT: u32 = list_of(INEXACT);

/// How many zeros precede the three bits that say which class the byte at the offset `last` is in.
#[inline(always)]
const fn zeros(last: u32) -> u32 {
    (last | (8 * GRAIN - 1)).leading_zeros()
}

/// The list that a free block of `bytes`, 16 or more, is in: the last one whose requests it serves.
pub(super) const fn list_of(bytes: u32) -> u32 {
    let zeros = zeros(bytes);
    let class = (bytes << zeros >> 29) + 99 - 4 * zeros;
    HEAD_BYTES * if class < N_LISTS { class } else { N_LISTS - 1 }
}

/// What the blocks of each list before [`FIRST_INEXACT`] have.
static SIZES: [u32; (FIRST_INEXACT / HEAD_BYTES) as usize] = {
    let mut sizes = [0; _];
    let mut bytes = GRAIN;
    while bytes < INEXACT {
        sizes[(list_of(bytes) / HEAD_BYTES) as usize] = bytes;
        bytes = rounded_exact(bytes + 1);
    }
    sizes
};

/// What the blocks of `list` have.
///
/// # Safety
///
/// `list` is one of those before [`FIRST_INEXACT`].
#[inline(always)]
pub(super) unsafe fn bytes_of(list: u32) -> u32 {
    debug_assert!(list < FIRST_INEXACT && list.is_multiple_of(HEAD_BYTES));
    // SAFETY: as above; a list is as far behind the first as its size is in the table.
    unsafe { SIZES.as_ptr().byte_add(list as usize).read() }
}

/// The list for requests of up to so many grains: one load is less than what [`list_of`] does.
static LISTS: [u8; (MOST_EXACT / GRAIN) as usize + 1] = {
    let mut lists = [0; _];
    let mut grains = 1;
    while grains < lists.len() {
        lists[grains] = (list_of(rounded_exact(grains as u32 * GRAIN))) as u8;
        grains += 1;
    }
    lists
};

/// The list for requests of `size_bytes`, which is before [`FIRST_INEXACT`].
///
/// # Safety
///
/// `size_bytes` is at most [`MOST_EXACT`].
#[inline(always)]
pub(super) unsafe fn list_for(size_bytes: u32) -> u32 {
    debug_assert!(size_bytes <= MOST_EXACT);
    // Not `div_ceil`, which may not add first.
    let grains = (size_bytes + (GRAIN - 1)) >> GRAIN.trailing_zeros();
    // SAFETY: as above.
    u32::from(unsafe { *LISTS.get_unchecked(grains as usize) })
}

/// All ones where `size_bytes` is more than [`MOST_EXACT`], or else 0: no branch.
#[inline(always)]
pub(super) const fn above_exact(size_bytes: u32) -> u32 {
    // Less than 0, or too large for the difference to be.
    let sign = MOST_EXACT.wrapping_sub(size_bytes) | size_bytes;
    (sign.cast_signed() >> (u32::BITS - 1)).cast_unsigned()
}

/// What a request of `size_bytes`, 1 to [`MOST_EXACT`], takes; and what the next list has above that.
const fn rounded_exact(size_bytes: u32) -> u32 {
    let last = size_bytes - 1;
    (last | (u32::MAX >> 3 >> zeros(last))) + 1
}

/// More than memory has beside what the heap keeps of it; records and a header more are a `u32`, too.
const TOO_MANY: u32 = 0xffff_ff00;

/// What a request of `size_bytes` takes; more than memory has where it can never be served.
#[inline(never)]
pub(super) fn rounded(size_bytes: u32) -> u32 {
    if size_bytes <= MOST_EXACT {
        // SAFETY: just compared; what `list_for` returns.
        return unsafe { bytes_of(list_for(size_bytes)) };
    }
    let bytes = (size_bytes.min(TOO_MANY) + (GRAIN - 1)) & !(GRAIN - 1);
    // A block of less would be freed as one of the class below, and a rest.
    bytes.max(INEXACT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The least that the blocks of `list` have.
    fn least_of(list: u32) -> u32 {
        if list < FIRST_INEXACT {
            // SAFETY: just compared.
            unsafe { bytes_of(list) }
        } else {
            (list / HEAD_BYTES % 4 + 5) << (list / HEAD_BYTES / 4 + 3)
        }
    }

    #[test]
    fn a_request_goes_to_the_first_list_whose_blocks_hold_it() {
        for size in 0..=MOST_EXACT {
            // SAFETY: one of those sizes.
            let list = unsafe { list_for(size) };
            assert_eq!(rounded(size), least_of(list));
            assert!(list == 0 || least_of(list - HEAD_BYTES) < size);
            assert!(
                rounded(size) - size.max(1) < GRAIN.max(size / 4 + 1),
                "{size}"
            );
        }
        assert_eq!(list_of(MOST_EXACT) + HEAD_BYTES, FIRST_INEXACT);
        assert_eq!(rounded(MOST_EXACT), MOST_EXACT);
        assert_eq!(rounded(INEXACT), INEXACT);
        assert_eq!(rounded(MOST_EXACT + 1), INEXACT);
    }

    #[test]
    fn a_free_block_is_in_the_last_list_whose_requests_it_serves() {
        for grains in 1..=4096 {
            let bytes = grains * GRAIN;
            let list = list_of(bytes);
            assert!(least_of(list) <= bytes);
            assert!(list + HEAD_BYTES == HEADS_BYTES || bytes < least_of(list + HEAD_BYTES));
        }
        for bytes in [INEXACT, 1 << 20, 1 << 31, u32::MAX - 15] {
            assert!((FIRST_INEXACT..HEADS_BYTES).contains(&list_of(bytes)));
        }
    }

    #[test]
    fn a_size_is_above_the_exact_ones_also_where_the_difference_has_another_sign() {
        let near = |by: u32| [by, (1 << 31) - by, (1 << 31) + by, by.wrapping_neg()];
        for size in (0..=2 * MOST_EXACT).flat_map(near) {
            let expected = if size > MOST_EXACT { u32::MAX } else { 0 };
            assert_eq!(above_exact(size), expected, "{size}");
        }
    }

    #[test]
    fn no_request_wraps() {
        assert_eq!(rounded(0), GRAIN);
        for size in [u32::MAX, u32::MAX - 14, u32::MAX - 15] {
            assert!(rounded(size) >= TOO_MANY && rounded(size).checked_add(2 * GRAIN).is_some());
        }
    }
}
