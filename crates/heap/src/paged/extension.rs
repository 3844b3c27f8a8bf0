//! Blocks by other needs than their size.

use core::num::NonZeroU32;

use crate::{
    Fault, Free, PageSource, Paged, Sizes,
    address::{ALIGN, PAGE_LOG2 as WASM_PAGE_LOG2},
    paged::LARGE_BYTES,
};

impl Sizes for Paged {
    fn alloc_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if !align.is_power_of_two() {
            return Err(memory.refuse(Fault::BadAlign));
        }
        self.demand(memory, size_bytes, align.max(ALIGN))
    }

    fn alloc_zeroed<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        match self.zeroed(memory, size_bytes) {
            Some(block) => Ok(block),
            None => Err(memory.refuse(Fault::Exhausted { size_bytes })),
        }
    }

    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        if size_bytes >= LARGE_BYTES {
            self.trim(memory);
        }
        self.obtain(memory, size_bytes, ALIGN)
    }

    unsafe fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        self.resize(memory, block, old_bytes, new_bytes)
    }
}

impl Free for Paged {
    unsafe fn free<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        if block != 0 {
            self.end(memory, block, size_bytes);
        }
    }
}

impl Paged {
    /// A block of zeros. Of a small one, what memory has just grown by is not cleared, of a large one no fresh page.
    #[inline(never)]
    fn zeroed<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        if size_bytes >= LARGE_BYTES {
            self.trim(memory);
            let block = self.large(memory, size_bytes, ALIGN, true)?;
            return NonZeroU32::new(block);
        }
        let fresh = u64::from(memory.size_pages()) << WASM_PAGE_LOG2;
        let block = self.obtain(memory, size_bytes, ALIGN)?;
        let used = fresh.saturating_sub(block.get().into());
        let used = used.min(size_bytes.into()) as u32;
        self.layer.clear_bytes(memory, block.get(), used);
        Some(block)
    }

    /// Makes a block larger or smaller where it stands, unless that would make a small one large or the reverse.
    pub(super) fn resize<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        if old_bytes == new_bytes {
            return true;
        }
        match (old_bytes >= LARGE_BYTES, new_bytes >= LARGE_BYTES) {
            (true, true) => self.resize_large(memory, block, old_bytes, new_bytes),
            (false, false) if self.is_newest(block, old_bytes) => {
                self.move_end(memory, block, new_bytes)
            }
            (false, false) => new_bytes <= old_bytes,
            _ => false,
        }
    }
}
