//! The extension `stats`. Counting walks the free blocks, so that nothing else has to.

use super::{
    FreeList,
    chunks::{HEADER_BYTES, chunk},
    lists::{bytes, scope, word},
    size_class::{GRAIN, N_CLASSES},
};
use crate::{Fault, PageSource, Stats, address::PAGE_LOG2};

/// A stretch of memory that the heap owns: a chunk.
pub(super) struct Stretch {
    pub(super) at: u32,
    /// The first address behind its header.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The scope whose island it is, or 0.
    pub(super) owner: u32,
}

impl FreeList {
    /// The chunks, in address order.
    pub(super) fn stretches<M: PageSource>(&self, memory: &M) -> impl Iterator<Item = Stretch> {
        let mut next = self.root;
        core::iter::from_fn(move || {
            if next == 0 {
                return None;
            }
            let at = next;
            // SAFETY: the first chunk, or what `next` names.
            let header = unsafe { &*chunk(memory, at) };
            next = header.next;
            let start = if at == self.root {
                self.base
            } else {
                at + HEADER_BYTES
            };
            Some(Stretch {
                at,
                start,
                end: header.end,
                owner: header.owner,
            })
        })
    }

    /// The bytes below `top` in chunks that scopes from `oldest` on may use.
    fn spanned<M: PageSource>(&self, memory: &M, oldest: u32, bottom: u32) -> u32 {
        let mut sum = 0_u32;
        for stretch in self.stretches(memory) {
            if stretch.owner != 0 {
                if stretch.owner >= oldest {
                    sum += stretch.end - stretch.start;
                }
            } else {
                let end = stretch.end.min(self.ptr);
                sum += end.saturating_sub(stretch.start.max(bottom));
            }
        }
        sum
    }

    /// The free bytes of the scopes from `oldest` on.
    fn free_bytes<M: PageSource>(&self, memory: &M, oldest: u32) -> u32 {
        let mut sum = 0_u32;
        // A list that a misuse has made endless ends here.
        let mut most = memory.size_pages() << (PAGE_LOG2 - GRAIN.trailing_zeros());
        let mut open = self.scope;
        loop {
            // SAFETY: an open scope.
            let record = unsafe { &*scope(memory, open) };
            if record.map != 0 {
                sum = sum.wrapping_add(record.run_end - record.run_start);
                for (class, mut block) in (0..N_CLASSES as u32).zip(record.heads) {
                    while block != 0 && most != 0 {
                        most -= 1;
                        sum = sum.wrapping_add(bytes(memory, class, block));
                        block = word(memory, block, 0);
                    }
                }
            }
            if open <= oldest {
                return sum;
            }
            open = record.parent;
        }
    }
}

impl Stats for FreeList {
    fn heap_used<M: PageSource>(&self, memory: &M) -> u32 {
        self.spanned(memory, 0, 0)
            .saturating_sub(self.free_bytes(memory, self.root_scope()))
    }

    fn heap_base(&self) -> u32 {
        self.base
    }

    fn scope_used<M: PageSource>(&self, memory: &mut M, handle: u32) -> Result<u32, M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        Ok(self
            .spanned(memory, handle, handle)
            .saturating_sub(self.free_bytes(memory, handle)))
    }

    fn high_water<M: PageSource>(&self, memory: &M) -> u32 {
        let high = self.touched.max(self.ptr);
        let stretches = self.stretches(memory);
        stretches
            .map(|stretch| stretch.end.min(high).saturating_sub(stretch.start))
            .sum()
    }

    fn pages<M: PageSource>(&self, memory: &M) -> u32 {
        let (mut pages, mut counted) = (0, 0);
        for stretch in self.stretches(memory) {
            // A chunk owns its header; the first one's is elsewhere.
            let from = if stretch.at == self.root {
                stretch.start
            } else {
                stretch.at
            };
            let first = (from >> PAGE_LOG2).max(counted);
            let behind = (stretch.end.saturating_sub(1) >> PAGE_LOG2) + 1;
            if from < stretch.end && first < behind {
                pages += behind - first;
                counted = behind;
            }
        }
        pages
    }
}
