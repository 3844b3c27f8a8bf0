//! A linear memory for native runs: 4 GiB of addresses, as many pages as have been grown.
//!
//! The whole range is reserved at once and the operating system backs a page of it only when it is
//! touched, so that blocks beyond 2^31 and heaps that end at 4 GiB cost what they write and no more.
//! Growth can be refused at any size ([`Simulated::limit`]) and can come from somebody else
//! ([`Simulated::grow_foreign`], H3).

extern crate std;

use core::ptr::NonNull;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};

use crate::{Fault, PageSource, address::PAGE_LOG2};

/// The most pages that a memory may have: 4 GiB.
pub const MAX_PAGES: u32 = 1 << 16;

/// A memory that a strategy runs on outside of wasm.
#[derive(Debug)]
pub struct Simulated {
    bytes: NonNull<u8>,
    pages: u32,
    limit_pages: u32,
    refused: u64,
    cleared: u64,
}

impl Simulated {
    // An alignment of 16 keeps the zeroing lazy: beyond what the C allocator gives by itself, the
    // standard library would clear all 4 GiB by hand.
    const RANGE: Layout = match Layout::from_size_align(1 << 32, 16) {
        Ok(range) => range,
        Err(_) => panic!("a simulated memory needs 64-bit addresses"),
    };

    /// A memory of `pages` wasm pages, all zero, that grows up to [`MAX_PAGES`].
    ///
    /// # Panics
    ///
    /// Where `pages` is more than [`MAX_PAGES`].
    pub fn new(pages: u32) -> Self {
        assert!(pages <= MAX_PAGES, "no memory has {pages} pages");
        // SAFETY: the layout's size is not 0.
        let bytes = NonNull::new(unsafe { alloc_zeroed(Self::RANGE) })
            .unwrap_or_else(|| handle_alloc_error(Self::RANGE));
        Self {
            bytes,
            pages,
            limit_pages: MAX_PAGES,
            refused: 0,
            cleared: 0,
        }
    }

    /// Refuses from now on every growth beyond `pages` in all.
    pub fn limit(&mut self, pages: u32) {
        self.limit_pages = pages.min(MAX_PAGES);
    }

    /// Grows by `delta_pages` on behalf of somebody else, and returns the old size in pages. `None`
    /// where the limit refuses; that is not counted as refused.
    pub fn grow_foreign(&mut self, delta_pages: u32) -> Option<u32> {
        let old_pages = self.pages;
        let pages = old_pages.checked_add(delta_pages)?;
        if pages > self.limit_pages {
            return None;
        }
        self.pages = pages;
        Some(old_pages)
    }

    /// How many growths the strategy was refused so far.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How many bytes were cleared so far by [`PageSource::clear`].
    pub fn cleared(&self) -> u64 {
        self.cleared
    }

    /// The memory as it stands, from address 0 to its last page's end.
    pub fn bytes(&mut self) -> &mut [u8] {
        let len = (self.pages as usize) << PAGE_LOG2;
        // SAFETY: the range is ours, zeroed, and at least `pages` long; `self` is borrowed meanwhile.
        unsafe { core::slice::from_raw_parts_mut(self.bytes.as_ptr(), len) }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout, and not yet freed.
        unsafe { dealloc(self.bytes.as_ptr(), Self::RANGE) };
    }
}

// SAFETY: 1. `pages` only ever grows; 2. what lies above it was zeroed in `new` and never handed out;
// 3. the range covers every `u32`.
unsafe impl PageSource for Simulated {
    fn size_pages(&self) -> u32 {
        self.pages
    }

    fn grow(&mut self, delta_pages: u32) -> Option<u32> {
        let grown = self.grow_foreign(delta_pages);
        self.refused += u64::from(grown.is_none());
        grown
    }

    fn at(&self, address: u32) -> *mut u8 {
        // SAFETY: the range covers every `u32`.
        unsafe { self.bytes.as_ptr().add(address as usize) }
    }

    fn clear(&mut self, address: u32, size_bytes: u32) {
        self.cleared += u64::from(size_bytes);
        let start = address as usize;
        self.bytes()[start..start + size_bytes as usize].fill(0);
    }

    type Refusal = Fault;

    fn refuse(&mut self, fault: Fault) -> Fault {
        fault
    }

    fn copy(&mut self, target: u32, source: u32, size_bytes: u32) {
        self.bytes().copy_within(
            source as usize..source as usize + size_bytes as usize,
            target as usize,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_the_limit_or_4_gib_does_not_hold() {
        let mut memory = Simulated::new(1);
        assert_eq!(memory.grow(MAX_PAGES), None);
        assert_eq!(memory.grow(u32::MAX), None);
        memory.limit(2);
        assert_eq!(memory.grow(2), None);
        assert_eq!(memory.grow(1), Some(1));
        assert_eq!(memory.grow_foreign(1), None);
        assert_eq!((memory.refused(), memory.size_pages()), (3, 2));
    }

    #[test]
    fn reaches_the_last_byte_of_4_gib() {
        let mut memory = Simulated::new(MAX_PAGES);
        // SAFETY: in bounds.
        unsafe { memory.at(u32::MAX).write(7) };
        assert_eq!(memory.bytes().last(), Some(&7));
        assert_eq!(memory.bytes()[0], 0);
    }
}
