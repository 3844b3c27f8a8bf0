//! The extension `sized`: alignment, zeros, calls that do not trap, and `free`.

use core::num::NonZeroU32;

use super::{
    FreeList,
    lists::{give, push, scope},
    size_class::{Fit, GRAIN},
};
use crate::{Fault, Free, PageSource, Sizes};

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
        let fit = Fit::of(size_bytes);
        // The block and what may lie before it, which goes back.
        let spare = align.max(GRAIN) - GRAIN;
        let range = match fit.bytes.checked_add(spare) {
            Some(bytes) if spare != 0 => Fit::exactly(bytes),
            None => Fit::of(u32::MAX),
            _ => fit,
        };
        let Some(start) = self.obtain(memory, self.scope, range) else {
            return Err(Self::exhausted(memory, size_bytes));
        };
        let block = start.wrapping_add(align - 1) & !(align - 1);
        let block = if spare == 0 { start } else { block };
        let lists = scope(memory, self.scope);
        give(memory, lists, start, block - start, range.bytes);
        let end = block + fit.bytes;
        let range_end = start + range.bytes;
        if range_end == self.ptr {
            self.move_to(memory, (self.chunk, end), (self.chunk, end));
        } else {
            give(memory, lists, end, range_end - end, range.bytes);
        }
        // SAFETY: a block lies above `base`, which is not 0.
        Ok(unsafe { NonZeroU32::new_unchecked(block) })
    }

    fn alloc_zeroed<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        // Whatever is handed out below is recycled; above, it was never written to.
        let dirty_end = self.touched.max(self.ptr);
        let Some(block) = self.try_alloc(memory, size_bytes) else {
            return Err(Self::exhausted(memory, size_bytes));
        };
        let dirty = dirty_end.saturating_sub(block.get()).min(size_bytes);
        // SAFETY: part of the block.
        unsafe { memory.at(block.get()).write_bytes(0, dirty as usize) };
        Ok(block)
    }

    #[inline]
    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        let block = self.obtain(memory, self.scope, Fit::of(size_bytes))?;
        // SAFETY: a block lies above `base`, which is not 0.
        Some(unsafe { NonZeroU32::new_unchecked(block) })
    }

    #[inline]
    unsafe fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        let (old, new) = (Fit::of(old_bytes), Fit::of(new_bytes));
        old == new
            || self
                .owner_of(memory, block, old.bytes)
                .is_some_and(|owner| self.resize(memory, owner, block, old, new))
    }
}

impl Free for FreeList {
    #[inline(always)]
    unsafe fn free<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        if let Some(fit) = Fit::small(size_bytes)
            && self.is_innermost(block)
            && push(memory, scope(memory, self.scope), fit.class, block)
        {
            return;
        }
        self.release(memory, block, Fit::of(size_bytes));
    }
}
