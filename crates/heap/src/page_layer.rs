//! Memory by pages: reserve, commit, decommit, release, as operating systems have them, over a memory that
//! only grows.
//!
//! ```text
//!              reserve                    commit: cleared here, if dirty
//!  free-zero ──────────> decommitted-zero ─────┐
//!      ^                                       v
//!   memory.grow                              live ──── decommit ──> decommitted-dirty ──┐
//!                                              │  ^                                     │
//!  free-dirty <─────────── release ────────────┘  └────────────── commit ───────────────┘
//!      └── reserve ──> decommitted-dirty
//! ```
//!
//! A page is in one of six states, of which foreign is the sixth: not this layer's. The states stand in bitmaps
//! (`planes`) beside the memory that they are about, never in it, and no byte of a page is ever read to find out
//! what it holds. *Dirty* means that somebody may have written to the page since it was zero. Pages are
//! cleared by one function, `clear_pages`, and only those that are dirty and that somebody gets to see now: so
//! fresh ones never are, and each other one once for every time that it is seen anew.
//!
//! **Search.** Each region of 256 pages has a summary: how many free pages it begins with, ends with, and has in
//! a row at most (`search`). A first fit adds up neighbours from summaries and looks at single bits in the one
//! region where the run lies. In 4 GiB there are 1,024 regions, and those at the bottom that have nothing free
//! are not looked at again. Free neighbours merge by being neighbours: bits have no borders. (Go's page allocator
//! summarises its heap so.)
//!
//! **Records.** The bitmaps of 256 MiB take one page, and lie in a page of the memory that made them necessary
//! (`growth`). Statics are 96 bytes whatever the size of memory.
//!
//! **Foreign growth (H3).** The layer owns what its own `memory.grow` returned or what it was given, and bits say
//! so. Whatever else memory has, and however it came there, has no bits: there is nothing to notice.
//!
//! | cost | |
//! |---|---|
//! | per page of 16 KiB | 5 bits, and an eighth of one for the summary |
//! | reserve | a search, and the words of the bitmaps that the range covers |
//! | decommit, release | the words of the bitmaps that the range covers: 64 pages each |

use crate::{PageSource, address::PAGE_LOG2 as WASM_PAGE_LOG2};

mod growth;
mod planes;
mod search;
mod states;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "simulated"))]
mod walker;

use planes::{Plane, words};

/// The base-2 logarithm of [`PAGE_BYTES`].
pub const PAGE_LOG2: u32 = 14;

/// The size of a page of this layer (P1).
pub const PAGE_BYTES: u32 = 1 << PAGE_LOG2;

/// How many pages a wasm page holds.
const PER_WASM_PAGE: u32 = 1 << (WASM_PAGE_LOG2 - PAGE_LOG2);

/// The page that is never handed out: the last one of 4 GiB, whose end is no `u32`.
const LAST_PAGE: u32 = u32::MAX >> PAGE_LOG2;

/// How many pages the bitmaps of one page are about: 256 MiB.
const GROUP_LOG2: u32 = 14;

/// The most groups that there are.
const N_GROUPS: usize = 1 << (32 - PAGE_LOG2 - GROUP_LOG2);

/// `reserve`: nothing is committed.
pub const LAZY: u32 = 1;

/// `reserve`: what is committed holds anything.
pub const NO_ZERO: u32 = 2;

/// Pages of a linear memory, and what they hold.
///
/// All words are 0 to begin with, but for the ceiling: a static of this type is ready for its first call (H8).
#[repr(C)]
#[derive(Debug)]
pub struct PageLayer {
    /// Bytes cleared so far.
    cleared: u64,
    /// Where each group's bitmaps lie; 0 for a group of which no page has ever been ours.
    groups: [u32; N_GROUPS],
    /// No region below this has a free page.
    low_region: u32,
    /// No region from this on has ever had one.
    top_region: u32,
    /// How many pages are free.
    n_free: u32,
    /// How many pages are reserved.
    n_reserved: u32,
    /// Up to how many wasm pages memory may grow, as far as refusals have told.
    ceiling: u32,
}

/// Pages one after the other, the second number being the first one behind them.
type Pages = (u32, u32);

impl Default for PageLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl PageLayer {
    /// A layer that owns nothing yet.
    pub const fn new() -> Self {
        Self {
            cleared: 0,
            groups: [0; N_GROUPS],
            low_region: 0,
            top_region: 0,
            n_free: 0,
            n_reserved: 0,
            ceiling: 1 << 16,
        }
    }

    /// Reserves pages for `bytes` bytes at a multiple of `align` and returns their address; 0 where that is
    /// not possible (P1, P2). `flags` are [`LAZY`] and [`NO_ZERO`].
    pub fn reserve<M: PageSource>(
        &mut self,
        memory: &mut M,
        bytes: u32,
        align: u32,
        flags: u32,
    ) -> u32 {
        if bytes == 0 || align & align.wrapping_sub(1) != 0 || flags > LAZY | NO_ZERO {
            return 0;
        }
        let n = n_pages(bytes);
        let Some(start) = self.place(memory, n, align) else {
            return 0;
        };
        let pages = (start, start + n);
        self.put(memory, Plane::Start, start >> 6, |old| {
            old | 1 << (start & 63)
        });
        self.hold(memory, pages, flags & LAZY == 0, flags & NO_ZERO == 0);
        start << PAGE_LOG2
    }

    /// Commits a range; `false` where a page of it is not reserved (P3).
    pub fn commit<M: PageSource>(&mut self, memory: &mut M, ptr: u32, bytes: u32) -> bool {
        let Some(pages) = self.within(memory, Plane::Reserved, ptr, bytes) else {
            return false;
        };
        self.commit_pages(memory, pages, true);
        true
    }

    /// Takes a range back that stays reserved; `false` where a page of it is not reserved (P4).
    pub fn decommit<M: PageSource>(&mut self, memory: &mut M, ptr: u32, bytes: u32) -> bool {
        let Some(pages) = self.within(memory, Plane::Reserved, ptr, bytes) else {
            return false;
        };
        for (word, mask) in words(pages) {
            self.put(memory, Plane::Committed, word, |old| old & !mask);
        }
        true
    }

    /// `false`: wasm has no way to give back what a page holds and keep the page, so that what it held
    /// stays (P5).
    pub fn reset<M: PageSource>(&mut self, _: &mut M, _: u32, _: u32) -> bool {
        false
    }

    /// Ends the reservation that begins at `ptr`, if one does (P6).
    pub fn release<M: PageSource>(&mut self, memory: &mut M, ptr: u32) {
        if let Some(pages) = self.reservation(memory, ptr) {
            self.free_reserved(memory, pages);
        }
    }

    /// Ends what is reserved of a range; what is left behind it becomes a reservation of its own (P6).
    pub fn unmap<M: PageSource>(&mut self, memory: &mut M, ptr: u32, bytes: u32) {
        let Some(pages) = range(ptr, bytes).filter(|pages| pages.0 < pages.1) else {
            return;
        };
        let behind = pages.1;
        if behind <= LAST_PAGE && self.bit(memory, Plane::Reserved, behind) {
            self.put(memory, Plane::Start, behind >> 6, |old| {
                old | 1 << (behind & 63)
            });
        }
        self.free_reserved(memory, pages);
    }

    /// Makes a reservation larger or smaller where it stands, and says whether it did (P7).
    pub fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        ptr: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        let Some((start, end)) = self.reservation(memory, ptr) else {
            return false;
        };
        if new_bytes == 0 || n_pages(old_bytes) != end - start {
            return false;
        }
        let new_end = start + n_pages(new_bytes);
        if new_end <= end {
            self.free_reserved(memory, (new_end, end));
            return true;
        }
        if !self.make_room(memory, (end, new_end), true) {
            return false;
        }
        let committed = self.bit(memory, Plane::Committed, end - 1);
        self.hold(memory, (end, new_end), committed, true);
        true
    }

    /// The most bytes that memory may have, as far as is known (P8).
    pub fn limit<M: PageSource>(&self, memory: &M) -> u64 {
        u64::from(self.ceiling.max(memory.size_pages())) << WASM_PAGE_LOG2
    }

    /// The bytes of all reserved pages (P8).
    pub fn used(&self) -> u64 {
        u64::from(self.n_reserved) << PAGE_LOG2
    }

    /// The bytes of free pages, and those that memory may still grow by (P8).
    pub fn available<M: PageSource>(&self, memory: &M) -> u64 {
        let growable = self.ceiling.saturating_sub(memory.size_pages());
        (u64::from(growable) << WASM_PAGE_LOG2) + (u64::from(self.n_free) << PAGE_LOG2)
    }

    /// How many bytes have been cleared (P9).
    pub fn cleared(&self) -> u64 {
        self.cleared
    }

    /// Takes `n` pages at a multiple of `align` bytes: they are not free any more, nor anything else. `None`
    /// where they cannot be had; growth was refused then.
    pub(crate) fn place<M: PageSource>(
        &mut self,
        memory: &mut M,
        n: u32,
        align: u32,
    ) -> Option<u32> {
        let align = (align >> PAGE_LOG2).max(1);
        let start = match self.find(memory, n, align) {
            Some(start) => start,
            None => self.grow_for(memory, n, align)?,
        };
        self.take(memory, (start, start + n));
        Some(start)
    }

    /// Takes `wanted` free pages at a multiple of `align` bytes, or `enough` of them; returns the first one, and
    /// the one behind them.
    pub(crate) fn place_free<M: PageSource>(
        &mut self,
        memory: &mut M,
        wanted: u32,
        enough: u32,
        align: u32,
    ) -> Option<Pages> {
        let align = (align >> PAGE_LOG2).max(1);
        for n in [wanted, enough] {
            if let Some(start) = self.find(memory, n, align) {
                self.take(memory, (start, start + n));
                return Some((start, start + n));
            }
        }
        None
    }

    /// Takes exactly these pages, growing memory for those beyond its end if it `may_grow`; or nothing.
    pub(crate) fn make_room<M: PageSource>(
        &mut self,
        memory: &mut M,
        pages: Pages,
        may_grow: bool,
    ) -> bool {
        let free = self.next(memory, Plane::Free, pages.0, pages.1, false);
        if free < pages.1 {
            let is_end = free == memory.size_pages() * PER_WASM_PAGE;
            if !may_grow || !is_end || !self.grow_to(memory, pages.1) {
                return false;
            }
        }
        self.take(memory, pages);
        true
    }

    /// The pages of the reservation that begins at `ptr`.
    fn reservation<M: PageSource>(&self, memory: &M, ptr: u32) -> Option<Pages> {
        let start = ptr >> PAGE_LOG2;
        if !ptr.is_multiple_of(PAGE_BYTES) || !self.bit(memory, Plane::Start, start) {
            return None;
        }
        let end = self.next(memory, Plane::Reserved, start, LAST_PAGE, false);
        Some((start, self.next(memory, Plane::Start, start + 1, end, true)))
    }

    /// The pages of a range, if the bits of all of them are set.
    fn within<M: PageSource>(
        &self,
        memory: &M,
        plane: Plane,
        ptr: u32,
        bytes: u32,
    ) -> Option<Pages> {
        let pages = range(ptr, bytes)?;
        words(pages)
            .all(|(word, mask)| self.get(memory, plane, word) & mask == mask)
            .then_some(pages)
    }
}

/// How many pages hold `bytes` bytes.
pub(crate) const fn n_pages(bytes: u32) -> u32 {
    bytes.div_ceil(PAGE_BYTES)
}

/// The pages that have a byte of the range; `None` where it leaves 32 bits.
fn range(ptr: u32, bytes: u32) -> Option<Pages> {
    if bytes == 0 {
        return Some((0, 0));
    }
    let last = ptr.checked_add(bytes - 1)?;
    Some((ptr >> PAGE_LOG2, (last >> PAGE_LOG2) + 1))
}
