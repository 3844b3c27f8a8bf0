//! How pages become the layer's: by growth, or because the allocator around it has no use for them.

use crate::{
    PageSource,
    page_layer::{
        GROUP_LOG2, LAST_PAGE, N_GROUPS, PAGE_LOG2, PER_WASM_PAGE, PageLayer, Pages,
        planes::{Plane, RECORDS_BYTES, words},
    },
};

/// The most wasm pages that a memory may have.
const MOST_WASM_PAGES: u32 = 1 << 16;

impl PageLayer {
    /// Grows memory for `n` pages at a multiple of `align` pages; free pages at its end are used first. They
    /// are free then, and the first one is returned.
    pub(super) fn grow_for<M: PageSource>(
        &mut self,
        memory: &mut M,
        n: u32,
        align: u32,
    ) -> Option<u32> {
        let top = memory.size_pages() * PER_WASM_PAGE;
        // Page 0 begins at 0, which is no pointer (H1).
        let start = self.free_below(memory, top).max(1).next_multiple_of(align);
        self.grow_to(memory, start + n).then_some(start)
    }

    /// Where the free pages begin that end at `page`.
    fn free_below<M: PageSource>(&self, memory: &M, mut page: u32) -> u32 {
        while page > 0 {
            let used = !self.get(memory, Plane::Free, (page - 1) >> 6);
            // The last page in question becomes the top bit.
            let used = used << (63 - ((page - 1) & 63));
            if used != 0 {
                return page - used.leading_zeros();
            }
            page = (page - 1) & !63;
        }
        0
    }

    /// Grows memory so that all pages from its end up to `end` are free; or says that it was refused.
    pub(super) fn grow_to<M: PageSource>(&mut self, memory: &mut M, end: u32) -> bool {
        let size = memory.size_pages();
        let top = size * PER_WASM_PAGE;
        // Bitmaps lie behind what is needed, and may make the range reach into one more group.
        let mut all = end;
        while all < end + self.n_missing((top, all.min(LAST_PAGE + 1))) {
            all += 1;
        }
        let delta = if end > LAST_PAGE {
            // It can never be had, and is asked for all the same (H5).
            MOST_WASM_PAGES + 1
        } else {
            (all - top).div_ceil(PER_WASM_PAGE)
        };
        if self.grow(memory, delta).is_none() {
            return false;
        }
        self.give(memory, (top, top + delta * PER_WASM_PAGE), false);
        true
    }

    /// Grows memory, and keeps in mind what that says of its limit (P8).
    pub(crate) fn grow<M: PageSource>(&mut self, memory: &mut M, delta: u32) -> Option<u32> {
        let size = memory.size_pages();
        let old = memory.grow(delta);
        self.ceiling = match old {
            Some(old) => self.ceiling.max(old + delta),
            None => self.ceiling.min(size + delta - 1),
        };
        old
    }

    /// How many groups have a page of `pages` and no bitmaps.
    fn n_missing(&self, pages: Pages) -> u32 {
        groups(pages)
            .filter(|&group| self.groups[group] == 0)
            .count() as u32
    }

    /// Pages that are the layer's from now on, and free. They read zero, unless they are said to be `dirty`, or
    /// were known to be.
    ///
    /// Those that bitmaps are missing for give up a page for each group, at their end.
    pub(crate) fn give<M: PageSource>(
        &mut self,
        memory: &mut M,
        (start, mut end): Pages,
        dirty: bool,
    ) {
        for group in groups((start, end)) {
            if self.groups[group] != 0 || start == end {
                continue;
            }
            end -= 1;
            let records = end << PAGE_LOG2;
            if dirty {
                self.clear_bytes(memory, records, RECORDS_BYTES);
            }
            self.groups[group] = records;
        }
        let start = start.max(1);
        let pages = (start, end.min(LAST_PAGE).max(start));
        for (word, mask) in words(pages) {
            self.put(memory, Plane::Free, word, |old| old | mask);
            if dirty {
                self.put(memory, Plane::Dirty, word, |old| old | mask);
            }
        }
        self.n_free += pages.1 - pages.0;
        self.summarise(memory, pages);
    }

    /// Free pages are somebody's from now on.
    pub(super) fn take<M: PageSource>(&mut self, memory: &mut M, pages: Pages) {
        for (word, mask) in words(pages) {
            self.put(memory, Plane::Free, word, |old| old & !mask);
        }
        self.n_free -= pages.1 - pages.0;
        self.summarise(memory, pages);
    }
}

/// The groups that have a page of `pages`.
fn groups((start, end): Pages) -> impl Iterator<Item = usize> {
    let first = start as usize >> GROUP_LOG2;
    let behind = (end.saturating_sub(1) as usize >> GROUP_LOG2) + 1;
    first..if start < end {
        behind.min(N_GROUPS)
    } else {
        first
    }
}
