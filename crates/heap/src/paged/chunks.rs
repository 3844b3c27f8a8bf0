//! Where small blocks lie: chunks, the newest of which takes the next one.

use crate::{
    PageSource, Paged,
    address::{
        ADDRESS_LIMIT, PAGE_LOG2 as WASM_PAGE_LOG2, PAGE_SIZE, end_of_pages, round_up,
        round_up_fitting,
    },
    page_layer::{PAGE_BYTES, PAGE_LOG2},
    paged::{KEPT_BYTES, Left, MOST_IDLE_BYTES, Top},
};

/// What every chunk but the first begins with: where the one before it was left.
///
/// Invariant CHUNKS: following `chunk` from the newest visits every chunk once, the first one, 0, last.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Header {
    chunk: u32,
    ptr: u32,
    end: u32,
    _padding: u32,
}

pub(super) const HEADER_BYTES: u32 = size_of::<Header>() as u32;

/// The least pages that a new chunk has, where there are so many.
const USUAL_PAGES: u32 = 4;

impl Paged {
    /// A block of less than [`LARGE_BYTES`](super::LARGE_BYTES) in the newest chunk, or a new one.
    pub(super) fn small<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Option<u32> {
        let end = round_up(self.top.ptr.into(), align) + u64::from(size_bytes);
        if end > self.top.end.into() {
            self.find_room(memory, end, size_bytes, align)?;
        }
        // In bounds, hence 32 bits.
        let at = round_up(self.top.ptr.into(), align) as u32;
        self.top.ptr = at + round_up_fitting(size_bytes);
        Some(at)
    }

    /// Makes room for a block that would end at `end` in the newest chunk, there or in a new one: in free pages,
    /// and where there are none in memory that grows.
    fn find_room<M: PageSource>(
        &mut self,
        memory: &mut M,
        end: u64,
        size_bytes: u32,
        align: u32,
    ) -> Option<()> {
        // Pages in front of an aligned block are to stay free, and no part of a chunk.
        let is_near = align <= PAGE_BYTES;
        if is_near && self.lengthen(memory, end, false)
            || self.begin_free(memory, size_bytes, align)
            || is_near && self.lengthen(memory, end, true)
        {
            return Some(());
        }
        let (chunk, end) = self.grow(memory, size_bytes, align)?;
        self.begin(memory, chunk, end, align);
        Some(())
    }

    /// Makes the newest chunk reach to `wanted`, where the pages behind it are free, or memory `may_grow` by them.
    pub(super) fn lengthen<M: PageSource>(
        &mut self,
        memory: &mut M,
        wanted: u64,
        may_grow: bool,
    ) -> bool {
        let end = self.top.end;
        if wanted > ADDRESS_LIMIT.into() {
            return false;
        }
        let wanted = wanted as u32;
        if memory.size_pages() << WASM_PAGE_LOG2 == end {
            if !may_grow {
                return false;
            }
            let delta = (wanted - end).div_ceil(PAGE_SIZE);
            if self.layer.grow(memory, delta).is_none() {
                return false;
            }
            self.top.end = end_of_pages(memory.size_pages());
            return true;
        }
        let pages = (end >> PAGE_LOG2, wanted.div_ceil(PAGE_BYTES));
        if !end.is_multiple_of(PAGE_BYTES) || !self.layer.make_room(memory, pages, may_grow) {
            return false;
        }
        self.top.end = pages.1 << PAGE_LOG2;
        true
    }

    /// Begins a chunk with room for a block in free pages; `false` where there are none.
    fn begin_free<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32, align: u32) -> bool {
        // The header is aligned to 16 at least, as the chunk is.
        let room = round_up(HEADER_BYTES.into(), align) + u64::from(size_bytes);
        let n = room.div_ceil(PAGE_BYTES.into()) as u32;
        let found = self.layer.place_free(memory, n.max(USUAL_PAGES), n, align);
        if let Some((start, behind)) = found {
            self.begin(memory, start << PAGE_LOG2, behind << PAGE_LOG2, align);
        }
        found.is_some()
    }

    /// Makes new memory the newest chunk, without the pages that a block at a multiple of `align` leaves in front.
    fn begin<M: PageSource>(&mut self, memory: &mut M, start: u32, end: u32, align: u32) {
        let block = round_up(u64::from(start) + u64::from(HEADER_BYTES), align) as u32;
        let chunk = (block - HEADER_BYTES) & !(PAGE_BYTES - 1);
        self.layer
            .give(memory, (start >> PAGE_LOG2, chunk >> PAGE_LOG2), false);
        let Top {
            chunk: before,
            ptr,
            end: before_end,
            ..
        } = self.top;
        self.remember();
        // SAFETY: the chunk is new, and has room for its header.
        unsafe {
            memory.at(chunk).cast::<Header>().write(Header {
                chunk: before,
                ptr,
                end: before_end,
                _padding: 0,
            });
        }
        self.top.chunk = chunk;
        self.top.ptr = chunk + HEADER_BYTES;
        self.top.end = end;
    }

    /// Memory that grows by a chunk with room for a block: its address, and its end.
    fn grow<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
        align: u32,
    ) -> Option<(u32, u32)> {
        let old = memory.size_pages();
        let start = u64::from(old) << WASM_PAGE_LOG2;
        let end = round_up(start + u64::from(HEADER_BYTES), align) + u64::from(size_bytes);
        let delta = (end - start).div_ceil(PAGE_SIZE.into()) as u32;
        self.layer.grow(memory, delta)?;
        let chunk = (start as u32, end_of_pages(old + delta));
        if end <= chunk.1.into() {
            return Some(chunk);
        }
        // It would reach into the last 8 bytes of 4 GiB. Asking for more shows that there is no more (H5).
        self.layer
            .give(memory, (chunk.0 >> PAGE_LOG2, chunk.1 >> PAGE_LOG2), false);
        memory.grow(1);
        None
    }

    /// Keeps in mind how far the first chunk was ever used, before `ptr` moves down.
    pub(super) fn remember(&mut self) {
        if self.top.chunk == 0 {
            self.high = self.high.max(self.top.ptr);
        }
    }

    /// Makes `ptr` in `chunk`, which is one of the list, the place of the next block. The chunks above it are not
    /// in the list any more.
    pub(super) fn rewind<M: PageSource>(&mut self, memory: &M, chunk: u32, ptr: u32) {
        self.remember();
        while self.top.chunk != chunk {
            let header = header(memory, self.top.chunk);
            (self.top.chunk, self.top.end) = (header.chunk, header.end);
        }
        self.top.ptr = ptr;
    }

    /// Gives back the chunks that were left.
    pub(super) fn give_chunks<M: PageSource>(&mut self, memory: &mut M, left: Left) {
        let Top {
            mut chunk, mut end, ..
        } = left.top;
        while chunk != left.kept {
            let header = header(memory, chunk);
            let pages = (chunk >> PAGE_LOG2, end >> PAGE_LOG2);
            self.layer.give(memory, pages, true);
            (chunk, end) = (header.chunk, header.end);
        }
    }

    /// Gives back what the newest chunk has in plenty.
    pub(super) fn trim<M: PageSource>(&mut self, memory: &mut M) {
        let Top { ptr, end, .. } = self.top;
        if end - ptr <= MOST_IDLE_BYTES {
            return;
        }
        self.remember();
        let cut = (ptr + KEPT_BYTES) >> PAGE_LOG2;
        let end = end >> PAGE_LOG2;
        // Of the first chunk it is known where it is fresh.
        let fresh = if self.top.chunk == 0 {
            self.high.div_ceil(PAGE_BYTES).clamp(cut, end)
        } else {
            end
        };
        self.layer.give(memory, (fresh, end), false);
        self.layer.give(memory, (cut, fresh), true);
        self.top.end = cut << PAGE_LOG2;
    }
}

fn header<M: PageSource>(memory: &M, chunk: u32) -> Header {
    // SAFETY: by CHUNKS it is a chunk's header.
    unsafe { memory.at(chunk).cast::<Header>().read() }
}
