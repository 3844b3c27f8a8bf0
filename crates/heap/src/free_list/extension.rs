//! The extension `sized`.

use core::num::NonZeroU32;

use super::{
    FreeList,
    classes::{GRAIN, above_exact, bytes_of, list_for, rounded},
    lists::push,
};
use crate::{Fault, Free, PageSource, Sizes, address::round_up};

impl FreeList {
    /// Takes a block at a multiple of `align`, 32 or more, and frees what lies before it; 0 where memory was refused.
    fn obtain_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> u32 {
        let bytes = rounded(size_bytes);
        let whole = bytes.saturating_add(align);
        let start = self.obtain(memory, self.scope, whole);
        if start == 0 {
            return 0;
        }
        let block = round_up(start.into(), align) as u32;
        let end = start + rounded(whole);
        self.discard(memory, self.scope, start, block - start);
        self.discard(memory, self.scope, block + bytes, end - block - bytes);
        block
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
        let block = if align <= GRAIN {
            self.get_called(memory, size_bytes)
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
        // Whatever is handed out below is recycled; above, nothing was ever written.
        let dirty_end = self.touched.max(self.ptr);
        let block = self.get_called(memory, size_bytes);
        if block != 0 {
            memory.clear(block, dirty_end.saturating_sub(block).min(size_bytes));
        }
        Self::block_or_refusal(memory, block, size_bytes)
    }

    #[inline(always)]
    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        NonZeroU32::new(self.get(memory, size_bytes))
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
        let (old, new) = (rounded(old_bytes), rounded(new_bytes));
        if owner == 0 || self.stretch(memory, block, old, new) {
            return owner != 0;
        }
        if new <= old {
            self.discard(memory, owner, block.wrapping_add(new), old - new);
        }
        new <= old
    }
}

impl Free for FreeList {
    #[inline(always)]
    unsafe fn free<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        if self.may_be_elsewhere(block, above_exact(size_bytes)) {
            return self.free_slowly(memory, block, size_bytes);
        }
        // SAFETY: just compared.
        let list = unsafe { list_for(size_bytes) };
        // SAFETY: what `list_for` returns.
        let end = block.wrapping_add(unsafe { bytes_of(list) });
        if end == self.ptr {
            // The newest block: what is freed in the reverse order of its allocation is bumped over again.
            self.ptr = block;
            // As `touch` does, but here without a call.
            if self.touched < end {
                self.touched = end;
            }
            return;
        }
        push(memory, self.lists, list, block);
    }
}
