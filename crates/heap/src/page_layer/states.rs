//! How pages go from one state to the next, and the one place where they are cleared.

use crate::{
    PageSource,
    page_layer::{
        PAGE_LOG2, PageLayer, Pages,
        planes::{Plane, words},
    },
};

impl PageLayer {
    /// Clears those of the pages that may hold something. They belong to the caller.
    pub(crate) fn clear_dirty<M: PageSource>(&mut self, memory: &mut M, pages: Pages) {
        for (word, mask) in words(pages) {
            let dirty = self.get(memory, Plane::Dirty, word) & mask;
            self.clear_pages(memory, word, dirty);
        }
    }

    /// Clears bytes, and counts them (P9): all clearing goes through here.
    pub(crate) fn clear_bytes<M: PageSource>(&mut self, memory: &mut M, at: u32, bytes: u32) {
        self.cleared += u64::from(bytes);
        memory.clear(at, bytes);
    }

    /// Pages that were taken become reserved ones.
    pub(super) fn hold<M: PageSource>(
        &mut self,
        memory: &mut M,
        pages: Pages,
        committed: bool,
        zero: bool,
    ) {
        self.n_reserved += pages.1 - pages.0;
        for (word, mask) in words(pages) {
            self.put(memory, Plane::Reserved, word, |old| old | mask);
        }
        if committed {
            self.commit_pages(memory, pages, zero);
        }
    }

    /// Commits reserved pages; those that were not committed are `zero` then, if that is asked for.
    pub(super) fn commit_pages<M: PageSource>(&mut self, memory: &mut M, pages: Pages, zero: bool) {
        for (word, mask) in words(pages) {
            let unseen = mask & !self.get(memory, Plane::Committed, word);
            if zero {
                let dirty = unseen & self.get(memory, Plane::Dirty, word);
                self.clear_pages(memory, word, dirty);
            }
            self.put(memory, Plane::Committed, word, |old| old | mask);
            self.put(memory, Plane::Dirty, word, |old| old | mask);
        }
    }

    /// Clears those of the 64 pages of `word` whose bits are set, runs in one go.
    fn clear_pages<M: PageSource>(&mut self, memory: &mut M, word: u32, mut bits: u64) {
        while bits != 0 {
            let first = bits.trailing_zeros();
            let n = (bits >> first).trailing_ones();
            bits &= !(u64::MAX >> (64 - n) << first);
            self.clear_bytes(memory, (word << 6 | first) << PAGE_LOG2, n << PAGE_LOG2);
        }
    }

    /// Frees those of the pages that are reserved.
    pub(super) fn free_reserved<M: PageSource>(&mut self, memory: &mut M, pages: Pages) {
        for (word, mask) in words(pages) {
            let mine = mask & self.get(memory, Plane::Reserved, word);
            if mine == 0 {
                continue;
            }
            for plane in [Plane::Reserved, Plane::Committed, Plane::Start] {
                self.put(memory, plane, word, |old| old & !mine);
            }
            self.put(memory, Plane::Free, word, |old| old | mine);
            self.n_reserved -= mine.count_ones();
            self.n_free += mine.count_ones();
        }
        self.summarise(memory, pages);
    }
}
