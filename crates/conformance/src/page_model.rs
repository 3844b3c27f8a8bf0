//! The oracle's book of pages: which are reserved, which of them are committed, and what they hold.
//!
//! One entry per page and no cleverness. Of a committed page every byte is compared after every call; of one that
//! is not committed, none is anybody's business until it is committed again, when all have to be 0.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use crate::{Clause, contents::Contents, model::Wrong};

/// A reserved page.
#[derive(Clone, Debug, Default)]
struct Page {
    committed: bool,
    /// What it holds, as far as that is known. Nothing is, where it is not committed.
    contents: Contents,
}

/// The reserved pages, and where reservations begin.
#[derive(Debug, Default)]
pub struct PageModel {
    /// The bytes of a page; 0 before anything was reserved.
    page_bytes: u32,
    pages: BTreeMap<u32, Page>,
    starts: BTreeSet<u32>,
    paints: u32,
}

impl PageModel {
    /// The numbers of the pages that have a byte of the range; `None` where it leaves 32 bits.
    pub fn covered(&self, ptr: u32, bytes: u32) -> Option<Range<u32>> {
        if bytes == 0 || self.page_bytes == 0 {
            return (bytes == 0).then_some(0..0);
        }
        let last = ptr.checked_add(bytes - 1)?;
        Some(ptr / self.page_bytes..last / self.page_bytes + 1)
    }

    /// Says how large a page is.
    pub fn set_page_bytes(&mut self, page_bytes: u32) {
        self.page_bytes = page_bytes;
    }

    /// The bytes of a page.
    pub fn page_bytes(&self) -> u32 {
        self.page_bytes
    }

    /// The bytes of all reserved pages.
    pub fn used(&self) -> u64 {
        self.pages.len() as u64 * u64::from(self.page_bytes)
    }

    /// The first reserved page that has a byte of the range.
    pub fn overlapping(&self, bytes: &Range<u64>) -> Option<u32> {
        if self.page_bytes == 0 || bytes.is_empty() {
            return None;
        }
        let page_bytes = u64::from(self.page_bytes);
        let first = (bytes.start / page_bytes) as u32;
        let last = ((bytes.end - 1) / page_bytes) as u32;
        self.pages.range(first..=last).next().map(|(page, _)| *page)
    }

    /// The pages of a range are a reservation from now on; nothing of it is committed.
    pub fn reserve(&mut self, pages: Range<u32>) {
        self.starts.insert(pages.start);
        self.extend(pages);
    }

    /// More pages of a reservation, which are not committed.
    pub fn extend(&mut self, pages: Range<u32>) {
        self.pages.extend(pages.map(|page| (page, Page::default())));
    }

    /// Whether all are reserved.
    pub fn are_reserved(&self, mut pages: Range<u32>) -> bool {
        pages.all(|page| self.pages.contains_key(&page))
    }

    /// Whether a page is committed.
    pub fn is_committed(&self, page: u32) -> bool {
        self.pages.get(&page).is_some_and(|page| page.committed)
    }

    /// Where the reservation that begins at `ptr` ends, as a page; `None` where none begins there.
    pub fn reservation(&self, ptr: u32) -> Option<Range<u32>> {
        if self.page_bytes == 0 || !ptr.is_multiple_of(self.page_bytes) {
            return None;
        }
        let start = ptr / self.page_bytes;
        if !self.starts.contains(&start) {
            return None;
        }
        let end =
            (start + 1..).find(|page| self.starts.contains(page) || !self.pages.contains_key(page));
        Some(start..end?)
    }

    /// Some of the pages are free from now on, if they were reserved. What is left behind them is a reservation.
    pub fn free(&mut self, pages: Range<u32>) {
        if pages.is_empty() {
            return;
        }
        if self.pages.contains_key(&pages.end) {
            self.starts.insert(pages.end);
        }
        for page in pages {
            self.pages.remove(&page);
            self.starts.remove(&page);
        }
    }

    /// The pages are committed from now on. Those that were not have to be zero, unless they may hold
    /// `anything`; they are painted.
    ///
    /// # Errors
    ///
    /// Where one is not.
    pub fn commit(
        &mut self,
        pages: Range<u32>,
        anything: bool,
        mut memory: Option<&mut [u8]>,
    ) -> Result<(), Wrong> {
        let page_bytes = self.page_bytes;
        for page in pages {
            let Some(state) = self.pages.get_mut(&page) else {
                continue;
            };
            if state.committed {
                continue;
            }
            state.committed = true;
            let Some(memory) = memory.as_deref_mut() else {
                continue;
            };
            let address = page * page_bytes;
            let zero = Contents::zero(page_bytes);
            if let Some(wrong) = zero.mismatch(memory, address).filter(|_| !anything) {
                let (offset, found) = (wrong.offset, wrong.found);
                let what = format!(
                    "byte {offset} of the page at {address:#x} is {found:#04x} where it is seen first, and should be 0"
                );
                return Err((Clause::A1, what));
            }
            self.paints += 1;
            state.contents = Contents::painted(self.paints.wrapping_mul(77), page_bytes);
            state.contents.write(memory, address);
        }
        Ok(())
    }

    /// The pages are reserved and not committed.
    pub fn decommit(&mut self, pages: Range<u32>) {
        self.extend(pages);
    }

    /// The pages are committed and hold anything; they are painted anew.
    pub fn drop_contents(&mut self, pages: Range<u32>, memory: Option<&mut [u8]>) {
        self.decommit(pages.clone());
        // Whatever they hold is right.
        _ = self.commit(pages, true, memory);
    }

    /// Compares every committed page.
    ///
    /// # Errors
    ///
    /// Where a byte is not what it should be.
    pub fn verify(&self, memory: &[u8]) -> Result<(), Wrong> {
        for (page, state) in &self.pages {
            let address = page * self.page_bytes;
            if let Some(wrong) = state.contents.mismatch(memory, address) {
                let (offset, expected, found) = (wrong.offset, wrong.expected, wrong.found);
                let what = format!(
                    "byte {offset} of the committed page at {address:#x} is {found:#04x} and should be {expected:#04x}"
                );
                return Err((Clause::A1, what));
            }
        }
        Ok(())
    }
}
