//! The extension `stats`. Counting walks the free blocks, so that nothing else has to.

use super::{
    FreeList,
    classes::{FIRST_INEXACT, HEAD_BYTES, HEADS_BYTES, bytes_of},
    record::{RECORD_BYTES, TO_REGION, WINDOW, get, lists_at, most_blocks, record},
    windows::region,
};
use crate::{Fault, PageSource, Stats, address::PAGE_LOG2};

impl FreeList {
    /// The regions, the newest first: where the heap's part of each starts, and where it ends.
    pub(super) fn each_region<M: PageSource>(
        &self,
        memory: &M,
    ) -> impl Iterator<Item = (u32, u32)> {
        let first = self.root - TO_REGION;
        let mut next = self.regions;
        core::iter::from_fn(move || {
            let at = next;
            if at == 0 {
                return None;
            }
            // SAFETY: the newest region, or what `next` names.
            let found = unsafe { &*region(memory, at) };
            // Each was grown behind the one before; after a misuse there might be no end.
            next = if found.next < at { found.next } else { 0 };
            let start = if at == first {
                self.base
            } else {
                at + RECORD_BYTES
            };
            Some((start, found.end))
        })
    }

    /// Calls `found` with the list, the address and the bytes of each free block of the scope `open`, or of the first
    /// `most`: a list that a misuse has made endless ends there. Takes from `most` how many there were.
    pub(super) fn each_free<M: PageSource>(
        memory: &M,
        open: u32,
        most: &mut u32,
        mut found: impl FnMut(u32, u32, u32),
    ) {
        for list in (0..HEADS_BYTES).step_by(HEAD_BYTES as usize) {
            let mut block = get(memory, lists_at(memory, open).wrapping_add(list), 0);
            while block != 0 && *most != 0 {
                let bytes = if list < FIRST_INEXACT {
                    // SAFETY: just compared.
                    unsafe { bytes_of(list) }
                } else {
                    get(memory, block, 4)
                };
                found(list, block, bytes);
                block = get(memory, block, 0);
                *most -= 1;
            }
        }
    }

    /// The free bytes of the scope `open`, in as many blocks as [`Self::each_free`] finds.
    fn free_bytes<M: PageSource>(memory: &M, open: u32, most: &mut u32) -> u32 {
        let mut sum = 0_u32;
        Self::each_free(memory, open, most, |_, _, bytes| {
            sum = sum.wrapping_add(bytes);
        });
        sum
    }

    /// What the stack holds from the record `to` on, which is a scope: the bytes of all windows and islands above it, the
    /// free bytes of all scopes, and where the window of `to` ends.
    fn stacked<M: PageSource>(&self, memory: &M, to: u32) -> (u32, u32, u32) {
        let (mut taken, mut free) = (0_u32, 0_u32);
        let (mut at, mut end) = (self.top, self.limit);
        // More than there can be, of records and free blocks together.
        let mut most = most_blocks(memory);
        while most != 0 {
            most -= 1;
            // SAFETY: a record.
            let found = unsafe { &*record(memory, at) };
            if found.owner == at {
                free = free.wrapping_add(Self::free_bytes(memory, at, &mut most));
            } else if found.lists == WINDOW {
                taken = taken.wrapping_add(end.wrapping_sub(at));
                end = found.end;
            } else {
                taken = taken.wrapping_add(found.end.wrapping_sub(at));
            }
            if at == to {
                break;
            }
            at = found.below;
        }
        (taken, free, end)
    }

    /// What the scopes from `handle` on use. Apart from the check of the handle, because a trap leaves the shadow stack
    /// where it is: what refuses must not have taken any.
    #[inline(never)]
    fn used_since<M: PageSource>(&self, memory: &M, handle: u32) -> u32 {
        let (taken, free, end) = self.stacked(memory, handle);
        let window = (end - handle).wrapping_sub(self.limit - self.ptr);
        taken.wrapping_add(window).wrapping_sub(free)
    }
}

impl Stats for FreeList {
    fn heap_used<M: PageSource>(&self, memory: &M) -> u32 {
        let owned: u32 = self
            .each_region(memory)
            .map(|(start, end)| end - start)
            .sum();
        let (_, free, _) = self.stacked(memory, self.root);
        owned
            .saturating_sub(free)
            .saturating_sub(self.limit - self.ptr)
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
        self.each_region(memory)
            .map(|(start, end)| end.min(high).saturating_sub(start))
            .sum()
    }

    fn pages<M: PageSource>(&self, memory: &M) -> u32 {
        let pages = |(start, end): (u32, u32)| {
            if start == end {
                return 0;
            }
            ((end - 1) >> PAGE_LOG2) - (start >> PAGE_LOG2) + 1
        };
        self.each_region(memory).map(pages).sum()
    }
}
