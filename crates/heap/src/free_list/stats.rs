//! The extension `stats`. Counting walks the free blocks, so that nothing else has to.

use super::{
    FreeList,
    chunks::{CHUNK_BYTES, chunk},
    large::{NEXT, header, size_of_block},
    lists::{LAST_EXACT, LAST_SMALL},
    record::{GRAIN, get, most_blocks, scope},
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
            Some(Stretch {
                at,
                start: if at == self.root {
                    self.base
                } else {
                    at + CHUNK_BYTES
                },
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
        let mut most = most_blocks(memory);
        let mut open = self.scope;
        loop {
            // SAFETY: an open scope.
            let record = unsafe { &*scope(memory, open) };
            sum = sum.wrapping_add(record.run_end - record.run_start);
            for (index, mut node) in (0..).zip(record.lists) {
                if index > LAST_EXACT && record.map >> index & 1 == 0 {
                    continue;
                }
                while node != 0 && most != 0 {
                    most -= 1;
                    let (bytes, next) = if index > LAST_EXACT {
                        (size_of_block(memory, node), get(memory, node, NEXT))
                    } else if index.wrapping_sub(1) < LAST_SMALL {
                        (index * GRAIN, get(memory, node, 0))
                    } else {
                        (size_of_block(memory, header(node)), get(memory, node, 0))
                    };
                    sum = sum.wrapping_add(bytes);
                    node = next;
                }
            }
            if open <= oldest {
                return sum;
            }
            open = record.parent;
        }
    }

    /// What the scopes from `handle` on use. Apart from the check of the handle, because a trap leaves the shadow
    /// stack where it is: what refuses must not have taken any.
    #[inline(never)]
    fn used_since<M: PageSource>(&self, memory: &M, handle: u32) -> u32 {
        self.spanned(memory, handle, handle)
            .saturating_sub(self.free_bytes(memory, handle))
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
        Ok(self.used_since(memory, handle))
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
