//! Arithmetic on 32-bit addresses that cannot wrap (H4).
//!
//! Two facts carry all of it. Every boundary that a strategy keeps (a bump pointer, the end of a
//! chunk) is a multiple of [`ALIGN`], so a size that fits between two of them still fits when it is
//! rounded up. And no boundary ever exceeds [`ADDRESS_LIMIT`], so the end of memory is a `u32` even
//! where memory is 4 GiB.

/// The alignment of every block, in bytes (A1).
pub const ALIGN: u32 = 8;

/// The size of a wasm page, in bytes.
pub const PAGE_SIZE: u32 = 1 << PAGE_LOG2;

/// The base-2 logarithm of [`PAGE_SIZE`].
pub const PAGE_LOG2: u32 = 16;

/// The highest address that a heap may end at, in bytes: 2^32 - 8.
///
/// The last eight bytes of a 4 GiB memory are never handed out. Their end, 2^32, is no `u32`: a bump
/// pointer that reached it would read as 0, which H1 forbids to return.
pub const ADDRESS_LIMIT: u32 = 0u32.wrapping_sub(ALIGN);

/// Rounds `size_bytes` up to a multiple of [`ALIGN`].
///
/// The caller has compared `size_bytes` with the distance between two aligned boundaries, so that it
/// is at most [`ADDRESS_LIMIT`]; larger sizes wrap to 0.
#[inline]
pub const fn round_up_fitting(size_bytes: u32) -> u32 {
    debug_assert!(size_bytes <= ADDRESS_LIMIT);
    size_bytes.wrapping_add(ALIGN - 1) & !(ALIGN - 1)
}

/// The address that follows `pages` wasm pages, 1 to 65,536; at most [`ADDRESS_LIMIT`].
#[inline]
pub const fn end_of_pages(pages: u32) -> u32 {
    debug_assert!(pages != 0 && pages <= 1 << PAGE_LOG2);
    match pages << PAGE_LOG2 {
        0 => ADDRESS_LIMIT,
        end => end,
    }
}

/// The first multiple of `align`, a power of two, from `at` on. What began as a `u32` cannot wrap.
#[inline]
pub const fn round_up(at: u64, align: u32) -> u64 {
    let mask = align as u64 - 1;
    (at + mask) & !mask
}
