//! Blocks by other needs than their size: aligned, zeroed, without a trap, and resized where they stand.
//!
//! All of it is beside the contract's own calls and shares no code with them: what a program does not
//! import costs it nothing. Speed matters less here, so that addresses are `u64` where they may leave
//! 32 bits, and no trick is needed for H4.

use core::num::NonZeroU32;

use crate::{
    Bump, Fault, PageSource, Sizes,
    address::{ALIGN, PAGE_LOG2, PAGE_SIZE, end_of_pages, round_up, round_up_fitting},
    bump::{Chunk, HEADER_BYTES},
};

impl Sizes for Bump {
    fn alloc_aligned<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if !align.is_power_of_two() {
            return Err(memory.refuse(Fault::BadAlign));
        }
        match self.reserve(memory, size_bytes, align.max(ALIGN)) {
            Some(block) => Ok(block),
            None => Err(memory.refuse(Fault::Exhausted { size_bytes })),
        }
    }

    fn alloc_zeroed<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        // What memory grows by from here on is zero (Z1). What lies below may have been used before.
        let fresh = u64::from(memory.size_pages()) << PAGE_LOG2;
        let Some(block) = self.reserve(memory, size_bytes, ALIGN) else {
            return Err(memory.refuse(Fault::Exhausted { size_bytes }));
        };
        let used = fresh.saturating_sub(block.get().into());
        let used = used.min(size_bytes.into()) as usize;
        // SAFETY: the first `used` bytes of the new block.
        unsafe { memory.at(block.get()).write_bytes(0, used) };
        Ok(block)
    }

    #[inline]
    fn try_alloc<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        let at = self.ptr;
        if size_bytes > self.end - at {
            return self.reserve(memory, size_bytes, ALIGN);
        }
        self.ptr = at + round_up_fitting(size_bytes);
        // By FREE `at` is at least `base`, which is not 0.
        NonZeroU32::new(at)
    }

    /// Shrinking gives nothing back: the block may stand below the mark of a scope that it is older than.
    unsafe fn resize_in_place<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        if new_bytes <= old_bytes {
            return true;
        }
        let newest = self.ptr.wrapping_sub(block).wrapping_sub(old_bytes) < ALIGN;
        if !newest {
            return false;
        }
        if new_bytes > self.end - block {
            let (chunk, Chunk { mut end, next }) = self.chunk_of(memory, block);
            if new_bytes > end - block && next == 0 && !is_followed(memory, end) {
                let wanted = u64::from(block) + u64::from(new_bytes);
                end = lengthen(memory, chunk, wanted).unwrap_or(end);
            }
            if new_bytes > end - block {
                return false;
            }
            self.end = end;
        }
        self.ptr = block + round_up_fitting(new_bytes);
        true
    }
}

impl Bump {
    /// Takes `size_bytes` at a multiple of `align` from the bump pointer's chunk, or the first one above
    /// it that has room, or memory that grows. `None` where that is refused; nothing is then changed.
    #[inline(never)]
    fn reserve<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Option<NonZeroU32> {
        let mut chunk = self.root;
        let mut at = self.ptr;
        loop {
            // SAFETY: the root, or by LIST what `next` names, or memory that has just grown.
            let header = unsafe { &mut *memory.at(chunk).cast::<Chunk>() };
            if at <= chunk {
                at = chunk + HEADER_BYTES;
            }
            let start = round_up(at.into(), align);
            let end = start + u64::from(size_bytes);
            if end <= u64::from(header.end) {
                let start = start as u32;
                self.ptr = start + round_up_fitting(size_bytes);
                self.end = header.end;
                // `start` lies above a header.
                return NonZeroU32::new(start);
            }
            if header.next != 0 {
                chunk = header.next;
                continue;
            }
            if !is_followed(memory, header.end) {
                lengthen(memory, chunk, end)?;
                continue;
            }
            // Behind somebody else's pages (H3).
            let top = memory.size_pages() << PAGE_LOG2;
            let first = u64::from(memory.size_pages()) << PAGE_LOG2;
            let start = round_up(first + u64::from(HEADER_BYTES), align);
            grow(memory, start + u64::from(size_bytes) - first)?;
            header.next = top;
            chunk = top;
            // SAFETY: memory that has just grown; its `next` is 0 already.
            unsafe { (*memory.at(chunk).cast::<Chunk>()).end = end_of_pages(memory.size_pages()) };
        }
    }

    /// The chunk that `block` lies in.
    fn chunk_of<M: PageSource>(&self, memory: &M, block: u32) -> (u32, Chunk) {
        let mut chunk = self.root;
        loop {
            // SAFETY: the root, or by LIST what `next` names.
            let header = unsafe { memory.at(chunk).cast::<Chunk>().read() };
            if header.next == 0 || header.next > block {
                return (chunk, header);
            }
            chunk = header.next;
        }
    }
}

/// Whether memory goes on behind the last chunk, which ends at `end`: then it is somebody else's there.
fn is_followed(memory: &impl PageSource, end: u32) -> bool {
    memory.size_pages() << PAGE_LOG2 != end
}

/// Grows memory so that `chunk`, the last one and not followed by anything, reaches to `wanted`, or up
/// to 8 bytes less where that is 2^32. Returns the new end.
fn lengthen(memory: &mut impl PageSource, chunk: u32, wanted: u64) -> Option<u32> {
    let top = u64::from(memory.size_pages()) << PAGE_LOG2;
    grow(memory, wanted - top)?;
    let end = end_of_pages(memory.size_pages());
    // SAFETY: a chunk's header.
    unsafe { (*memory.at(chunk).cast::<Chunk>()).end = end };
    Some(end)
}

/// Grows memory by the pages that hold `bytes`, which are fewer than 2^34.
fn grow(memory: &mut impl PageSource, bytes: u64) -> Option<u32> {
    memory.grow(bytes.div_ceil(PAGE_SIZE.into()) as u32)
}
