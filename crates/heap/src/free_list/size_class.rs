//! Sizes and the lists that they belong to.
//!
//! ```text
//! class        1  2 … 16 17 … 24 … 40 … 48     49      50  …  63
//! bytes       16 32  256 288  512  2048  4096   > 4096  8192   2^27 and more
//!             └ 16 apart ┘└ 8 to a doubling ┘   └ 1 to a doubling ┘
//! ```
//!
//! Up to class 48 every block of a class has exactly its size, and a request is rounded up to one: by an
//! eighth at most. So the size that a caller hands back says how large its block is, without a header, and
//! a block from the list of a class fits without a look at it. Above that nothing is rounded but to 16, and
//! a free block keeps its own size.

/// Every block starts and ends at a multiple of this, in bytes.
pub(super) const GRAIN: u32 = 16;

const GRAIN_LOG2: u32 = GRAIN.trailing_zeros();

/// How many classes there are, the unused class 0 included: one for each bit of a map.
pub(super) const N_CLASSES: usize = 64;

/// The class of the largest blocks.
pub(super) const LAST_CLASS: u32 = N_CLASSES as u32 - 1;

/// The largest class whose blocks all have the same size.
pub(super) const LAST_EXACT: u32 = 48;

/// The size of the blocks of class [`LAST_EXACT`], in grains.
const EXACT_GRAINS: u32 = 256;

/// The most that a block can take: no heap has as much.
const MAX_BYTES: u32 = 0u32.wrapping_sub(GRAIN);

/// Where a block of some size comes from, and how much it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// The class of the smallest blocks that are large enough; above [`LAST_EXACT`] some of them are not.
    pub(super) class: u32,
    /// What the block takes, in bytes: a multiple of [`GRAIN`], not 0.
    pub(super) bytes: u32,
}

impl Fit {
    /// The fit for 1 to 4096 bytes; `None` for all other sizes, 0 among them.
    #[inline(always)]
    pub(super) const fn small(size_bytes: u32) -> Option<Self> {
        let grains_less_1 = size_bytes.wrapping_sub(1) >> GRAIN_LOG2;
        if grains_less_1 >= EXACT_GRAINS {
            return None;
        }
        let grains = grains_less_1 + 1;
        let step_log2 = 28 - (grains | 8).leading_zeros();
        // Rounding up to the next doubling carries into the first class of that one.
        let steps = (grains + (1 << step_log2) - 1) >> step_log2;
        Some(Self {
            class: step_log2 * 8 + steps,
            bytes: steps << (step_log2 + GRAIN_LOG2),
        })
    }

    /// The fit for any size. One that no heap has room for stays so.
    #[inline]
    pub(super) const fn of(size_bytes: u32) -> Self {
        let size_bytes = if size_bytes == 0 { 1 } else { size_bytes };
        match Self::small(size_bytes) {
            Some(fit) => fit,
            None if size_bytes > MAX_BYTES => Self::large(MAX_BYTES),
            None => Self::large(size_bytes.wrapping_add(GRAIN - 1) & !(GRAIN - 1)),
        }
    }

    /// The fit for `bytes`, a multiple of [`GRAIN`], which is not rounded further.
    pub(super) const fn exactly(bytes: u32) -> Self {
        match Self::small(bytes) {
            Some(fit) => Self { bytes, ..fit },
            None => Self::large(bytes),
        }
    }

    /// What the front of a free range of `bytes`, a multiple of [`GRAIN`] and not 0, becomes a free block of.
    pub(super) const fn free(bytes: u32) -> Self {
        let grains = bytes >> GRAIN_LOG2;
        if grains > EXACT_GRAINS {
            return Self::large(bytes);
        }
        let step_log2 = 28 - (grains | 8).leading_zeros();
        let steps = grains >> step_log2;
        Self {
            class: step_log2 * 8 + steps,
            bytes: steps << (step_log2 + GRAIN_LOG2),
        }
    }

    const fn large(bytes: u32) -> Self {
        let log2 = 31 - bytes.leading_zeros();
        let class = LAST_EXACT + 1 + log2 - 12;
        Self {
            class: if class < 63 { class } else { 63 },
            bytes,
        }
    }
}

/// The size of the blocks of `class`, which is at most [`LAST_EXACT`] and not 0, in bytes.
pub(super) const fn exact_bytes(class: u32) -> u32 {
    if class < 16 {
        class << GRAIN_LOG2
    } else {
        (8 + class % 8) << (class / 8 - 1 + GRAIN_LOG2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_the_smallest_of_its_class_that_holds_the_size() {
        for size in 1..=4096 {
            let fit = Fit::small(size).unwrap();
            assert_eq!(fit, Fit::of(size));
            assert_eq!(fit.bytes, exact_bytes(fit.class), "{size}");
            assert!(fit.bytes >= size && fit.class <= LAST_EXACT, "{size}");
            assert!(
                fit.class == 1 || exact_bytes(fit.class - 1) < size,
                "{size}"
            );
            assert!(fit.bytes - size < 16.max(size / 8 + 1), "{size}");
        }
        assert_eq!(Fit::small(0), None);
        assert_eq!(Fit::small(4097), None);
    }

    #[test]
    fn a_free_block_is_the_largest_that_a_range_holds() {
        for grains in 1..=EXACT_GRAINS {
            let bytes = grains * GRAIN;
            let fit = Fit::free(bytes);
            assert_eq!(fit.bytes, exact_bytes(fit.class));
            assert!(fit.bytes <= bytes);
            assert!(fit.class == LAST_EXACT || exact_bytes(fit.class + 1) > bytes);
        }
        assert_eq!(Fit::free(4112), Fit::of(4112));
    }

    #[test]
    fn large_sizes_are_rounded_to_a_grain_and_never_wrap() {
        assert_eq!(Fit::of(0), Fit::of(1));
        for (size, class, bytes) in [
            (4097, 49, 4112),
            (8192, 50, 8192),
            (1 << 31, 63, 1 << 31),
            (u32::MAX - 16, 63, u32::MAX - 15),
            (u32::MAX - 15, 63, u32::MAX - 15),
            (u32::MAX, 63, u32::MAX - 15),
        ] {
            assert_eq!(Fit::of(size), Fit { class, bytes }, "{size}");
        }
    }
}
