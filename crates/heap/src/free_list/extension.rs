//! The extension `sized`: alignment, zeros, calls that do not trap, and `free`.

use core::num::NonZeroU32;

use super::{
    FreeList,
    large::{HEADER_BYTES, TOO_MANY_BYTES, block_bytes, size_of_block},
    lists::{SMALL_BYTES, push, rounded},
    record::{GRAIN, scope},
    small::{RUN_BYTES, in_run, open_run, scatter, small_list},
};
use crate::{Fault, Free, PageSource, Sizes, address::round_up};

impl FreeList {
    /// Takes a block at a multiple of `align`; 0 where memory was refused.
    fn obtain_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> u32 {
        let owner = self.scope;
        if size_bytes <= SMALL_BYTES && align < RUN_BYTES {
            return self.cut_aligned(memory, owner, small_list(size_bytes) * GRAIN, align);
        }
        let bytes = block_bytes(size_bytes, GRAIN);
        let whole = bytes.checked_add(align).map_or(TOO_MANY_BYTES, rounded);
        let start = self.obtain_large(memory, owner, whole, GRAIN);
        if start == 0 {
            return 0;
        }
        let whole = size_of_block(memory, start);
        let block = round_up((start + GRAIN).into(), align) as u32;
        self.carve(memory, owner, (start, whole), (block - GRAIN, bytes));
        block
    }

    /// Takes a small block at a multiple of `align` from the newest run.
    fn cut_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        bytes: u32,
        align: u32,
    ) -> u32 {
        loop {
            // SAFETY: an open scope.
            let record = unsafe { &mut *scope(memory, owner) };
            let start = record.run_start;
            let end = round_up(start.into(), align) as u32 + bytes;
            if end <= record.run_end {
                record.run_start = end;
                scatter(memory, owner, start, end - bytes - start);
                return end - bytes;
            }
            let run = self.obtain_large(memory, owner, RUN_BYTES, RUN_BYTES);
            if run == 0 {
                return 0;
            }
            open_run(memory, owner, run, RUN_BYTES);
        }
    }
}

impl Sizes for FreeList {
    fn alloc_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if !align.is_power_of_two() {
            return Err(memory.refuse(Fault::BadAlign));
        }
        let block = if align <= HEADER_BYTES {
            self.obtain(memory, self.scope, size_bytes)
        } else {
            self.obtain_aligned(memory, size_bytes, align)
        };
        Self::block_or_refusal(memory, block, size_bytes)
    }

    fn alloc_zeroed<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        // Whatever is handed out below is recycled, or has been the place of a header; above, nothing was ever
        // written.
        let dirty_end = self.touched.max(self.ptr).saturating_add(HEADER_BYTES);
        let block = self.obtain(memory, self.scope, size_bytes);
        if block != 0 {
            let dirty = dirty_end.saturating_sub(block).min(size_bytes);
            // SAFETY: part of the block.
            unsafe { memory.at(block).write_bytes(0, dirty as usize) };
        }
        Self::block_or_refusal(memory, block, size_bytes)
    }

    #[inline(always)]
    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        let at_hand = self.at_hand(memory, size_bytes);
        at_hand.or_else(|| NonZeroU32::new(self.obtain(memory, self.scope, size_bytes)))
    }

    #[inline]
    unsafe fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        let owner = self.owner(memory, block);
        owner != 0 && self.resize(memory, owner, block, old_bytes, new_bytes)
    }
}

impl Free for FreeList {
    #[inline(always)]
    unsafe fn free<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        let last = size_bytes.wrapping_sub(1);
        if last < SMALL_BYTES && self.is_innermost(block) && in_run(block) {
            push(memory, self.scope, last / GRAIN + 1, block);
        } else {
            self.free_slowly(memory, block, size_bytes);
        }
    }
}
