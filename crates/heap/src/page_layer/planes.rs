//! What is known of each page: five bits, each in a bitmap of its own.
//!
//! | free | reserved | committed | dirty | the page is |
//! |---|---|---|---|---|
//! | 1 | 0 | 0 | 0 | free-zero |
//! | 1 | 0 | 0 | 1 | free-dirty |
//! | 0 | 1 | 1 | 1 | live |
//! | 0 | 1 | 0 | 0 | decommitted-zero |
//! | 0 | 1 | 0 | 1 | decommitted-dirty |
//! | 0 | 0 | 0 | any | foreign: somebody else's, or taken by the allocator around the layer |
//!
//! A live page is dirty: its owner may write to it at any time, and is not asked. The fifth bit marks the first
//! page of each reservation.
//!
//! The bitmaps of a *group*, 256 MiB, lie in one page, 64 pages to a word:
//!
//! ```text
//! 0        256        2304           …                       10496
//! │ summaries │ free    │ reserved │ committed │ dirty │ start │
//! ```
//!
//! A group without that page has no bits set.

use crate::{
    PageSource,
    page_layer::{GROUP_LOG2, PAGE_BYTES, PageLayer, Pages},
};

/// A bitmap.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plane {
    Free,
    Reserved,
    Committed,
    Dirty,
    /// The first page of a reservation.
    Start,
}

/// The bytes of a group's summaries.
const SUMMARIES_BYTES: u32 = 4 << (GROUP_LOG2 - super::search::REGION_LOG2);
/// The bytes of a bitmap.
const PLANE_BYTES: u32 = 1 << (GROUP_LOG2 - 3);
/// How many words a bitmap has.
const WORDS_LOG2: u32 = GROUP_LOG2 - 6;

/// What of the page the bitmaps take.
pub(super) const RECORDS_BYTES: u32 = SUMMARIES_BYTES + 5 * PLANE_BYTES;
const _: () = assert!(RECORDS_BYTES <= PAGE_BYTES);

impl PageLayer {
    /// 64 bits of a bitmap: those of the pages from `word * 64` on.
    pub(super) fn get<M: PageSource>(&self, memory: &M, plane: Plane, word: u32) -> u64 {
        match self.groups[(word >> WORDS_LOG2) as usize] {
            0 => 0,
            // SAFETY: a group's page is in bounds and holds its bitmaps, aligned to 8.
            records => unsafe { memory.at(at(records, plane, word)).cast::<u64>().read() },
        }
    }

    /// Changes 64 bits of a bitmap. Their group has a page, unless nothing changes.
    pub(super) fn put<M: PageSource>(
        &self,
        memory: &mut M,
        plane: Plane,
        word: u32,
        change: impl Fn(u64) -> u64,
    ) {
        let records = self.groups[(word >> WORDS_LOG2) as usize];
        if records != 0 {
            let bits = memory.at(at(records, plane, word)).cast::<u64>();
            // SAFETY: as in `get`; nobody else knows the page.
            unsafe { bits.write(change(bits.read())) }
        }
    }

    /// One bit.
    pub(super) fn bit<M: PageSource>(&self, memory: &M, plane: Plane, page: u32) -> bool {
        self.get(memory, plane, page >> 6) >> (page & 63) & 1 != 0
    }

    /// The first page from `from` on whose bit is `set`; `end` where there is none below.
    pub(super) fn next<M: PageSource>(
        &self,
        memory: &M,
        plane: Plane,
        mut from: u32,
        end: u32,
        set: bool,
    ) -> u32 {
        while from < end {
            let bits = self.get(memory, plane, from >> 6);
            let bits = if set { bits } else { !bits } >> (from & 63);
            if bits != 0 {
                return end.min(from + bits.trailing_zeros());
            }
            from = (from | 63) + 1;
        }
        end
    }
}

/// The address of a word in a group's page.
fn at(records: u32, plane: Plane, word: u32) -> u32 {
    let word = word & ((1 << WORDS_LOG2) - 1);
    records + SUMMARIES_BYTES + plane as u32 * PLANE_BYTES + word * 8
}

/// The words that have bits of `pages`, each with these bits set.
pub(super) fn words((start, end): Pages) -> impl Iterator<Item = (u32, u64)> {
    let mut page = start;
    core::iter::from_fn(move || {
        if page >= end {
            return None;
        }
        let word = page >> 6;
        let behind = end.min((page | 63) + 1);
        let mask = u64::MAX >> (64 - (behind - page)) << (page & 63);
        page = behind;
        Some((word, mask))
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_cover_their_pages_and_no_others() {
        for (start, end) in [
            (0, 0),
            (5, 5),
            (0, 64),
            (63, 65),
            (3, 200),
            (64, 128),
            (7, 8),
        ] {
            let covered: Vec<u32> = words((start, end))
                .flat_map(|(word, mask)| {
                    let bits = (0..64).filter(move |bit| mask >> bit & 1 != 0);
                    bits.map(move |bit| word * 64 + bit)
                })
                .collect();
            assert_eq!(covered, (start..end).collect::<Vec<_>>());
        }
    }
}
