//! What a bump heap knows about itself, all of it from the bump pointer and the list of chunks.
//!
//! Nothing is counted while blocks are handed out. So the high-water mark is what the chunks hold: the
//! pointer falls at each exit, and where it has been is not kept.

use crate::{
    Bump, PageSource, Stats,
    address::{ADDRESS_LIMIT, PAGE_LOG2, PAGE_SIZE},
    bump::Chunk,
};

impl Stats for Bump {
    fn heap_used<M: PageSource>(&self, memory: &M) -> u32 {
        self.below(memory, self.ptr)
    }

    fn heap_base(&self) -> u32 {
        self.base
    }

    fn scope_used<M: PageSource>(&self, memory: &mut M, handle: u32) -> Result<u32, M::Refusal> {
        self.check(memory, handle)?;
        Ok(self.below(memory, self.ptr) - self.below(memory, handle))
    }

    fn high_water<M: PageSource>(&self, memory: &M) -> u32 {
        self.below(memory, ADDRESS_LIMIT)
    }

    fn pages<M: PageSource>(&self, memory: &M) -> u32 {
        let pages = |start: u32, end: u32| end.div_ceil(PAGE_SIZE) - (start >> PAGE_LOG2);
        self.fold(memory, |sum, start, end| sum + pages(start, end))
    }
}

impl Bump {
    /// The bytes of all chunks, headers included, that lie below `at`.
    fn below<M: PageSource>(&self, memory: &M, at: u32) -> u32 {
        self.fold(memory, |sum, start, end| {
            sum + end.min(at).saturating_sub(start)
        })
    }

    /// Adds up something of every chunk: of its bounds, the root's without a header.
    #[inline(never)]
    fn fold<M: PageSource>(&self, memory: &M, add: impl Fn(u32, u32, u32) -> u32) -> u32 {
        let mut sum = 0;
        let mut start = self.base;
        let mut chunk = self.root;
        loop {
            // SAFETY: the root, or by LIST what `next` names.
            let Chunk { end, next } = unsafe { memory.at(chunk).cast::<Chunk>().read() };
            sum = add(sum, start, end);
            if next == 0 {
                return sum;
            }
            chunk = next;
            start = chunk;
        }
    }
}
