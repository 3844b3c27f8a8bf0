//! The memory that the heap has: chunks in address order, and the bump pointer's way through them.
//!
//! ```text
//! chunk   [end | next | owner | 0] bytes … end
//! ```
//!
//! A chunk begins where somebody else grew the memory in between (H3). One chunk that stands against the
//! next is joined with it when the bump pointer gets there. An *island* is a chunk cut off the far end of
//! another one, for a scope that needs memory while newer scopes hold the bump pointer: it has an owner, the
//! bump pointer passes it by, and when its owner closes it is a chunk like any other.

use super::{
    FreeList, NONE,
    lists::{give, scope},
    size_class::GRAIN,
};
use crate::{
    PageSource,
    address::{ADDRESS_LIMIT, PAGE_LOG2},
};

/// What a chunk begins with; that of the first one stands among the statics.
#[repr(C)]
#[derive(Debug)]
pub struct Chunk<W = u32> {
    /// The first address behind the chunk.
    pub(super) end: W,
    /// The chunk above, or 0.
    pub(super) next: u32,
    /// The scope that the chunk is an island of, or 0.
    pub(super) owner: u32,
    pub(super) zero: u32,
}

pub(super) const HEADER_BYTES: u32 = size_of::<Chunk>() as u32;
const _: () = assert!(HEADER_BYTES == GRAIN);

/// The least that an island takes where there is room for it, in bytes.
const ISLAND_BYTES: u32 = 4096;

pub(super) fn chunk<M: PageSource>(memory: &M, at: u32) -> *mut Chunk {
    memory.at(at).cast()
}

impl FreeList {
    /// The first free address of `chunk`, which the bump pointer has not passed yet.
    fn free_from(&self, chunk: u32) -> u32 {
        if chunk == self.chunk {
            self.ptr
        } else {
            chunk + HEADER_BYTES
        }
    }

    /// Finds room for `bytes` at `at`, in `chunk`, or in a chunk above, or in memory that grows. Returns the
    /// chunk and the address; nothing is changed but that chunks are joined and memory has grown.
    pub(super) fn seek<M: PageSource>(
        &mut self,
        memory: &mut M,
        mut at_chunk: u32,
        mut at: u32,
        bytes: u32,
    ) -> Option<(u32, u32)> {
        let mut current = at_chunk;
        loop {
            // SAFETY: the first chunk, or what `next` names.
            let header = unsafe { &mut *chunk(memory, current) };
            if header.owner == 0 {
                if current != at_chunk {
                    (at_chunk, at) = (current, current + HEADER_BYTES);
                }
                if u64::from(at) + u64::from(bytes) <= u64::from(header.end) {
                    return Some((at_chunk, at));
                }
            }
            if header.next != 0 {
                // SAFETY: a chunk.
                let next = unsafe { &mut *chunk(memory, header.next) };
                if header.owner == 0 && next.owner == 0 && header.end == header.next {
                    header.end = next.end;
                    header.next = next.next;
                    // Zero as the bytes around it: it counts as fresh from now on.
                    (next.end, next.next) = (0, 0);
                    if current == self.chunk {
                        self.end = header.end;
                    }
                } else {
                    current = header.next;
                }
                continue;
            }
            self.grow(memory, current, at, bytes.into())?;
        }
    }

    /// Grows memory until `bytes` fit at `at`, where that is in `last`, the last chunk, and memory goes on
    /// there, or else in a new chunk.
    fn grow<M: PageSource>(
        &mut self,
        memory: &mut M,
        last: u32,
        at: u32,
        bytes: u64,
    ) -> Option<()> {
        // SAFETY: a chunk.
        let header = unsafe { &mut *chunk(memory, last) };
        let top = memory.size_pages() << PAGE_LOG2;
        let goes_on = header.owner == 0 && header.end == top;
        let free = if goes_on { u64::from(top - at) } else { 0 };
        let header_bytes = if goes_on { 0 } else { u64::from(HEADER_BYTES) };
        // Not 0 also where the last bytes below 4 GiB would be what is missing.
        let missing = (bytes + header_bytes).saturating_sub(free).max(1);
        let pages = ((missing - 1) >> PAGE_LOG2) as u32 + 1;
        memory.grow(pages)?;
        let end = end_of_memory(memory);
        if goes_on {
            header.end = end;
        } else {
            header.next = top;
            // SAFETY: it has just grown.
            unsafe {
                *chunk(memory, top) = Chunk {
                    end,
                    next: 0,
                    owner: 0,
                    zero: 0,
                };
            }
        }
        self.end = self.end_of(memory, self.chunk);
        Some(())
    }

    fn end_of<M: PageSource>(&self, memory: &M, at: u32) -> u32 {
        // SAFETY: a chunk.
        unsafe { (*chunk(memory, at)).end }
    }

    /// Moves the bump pointer to `ptr` in `to`, and gives the scope what it leaves behind on the way from
    /// `from_ptr` in `from`.
    pub(super) fn move_to<M: PageSource>(
        &mut self,
        memory: &M,
        (mut from, mut from_ptr): (u32, u32),
        (to, ptr): (u32, u32),
    ) {
        self.touched = self.touched.max(self.ptr);
        while from != to {
            // SAFETY: a chunk below `to`.
            let header = unsafe { &*chunk(memory, from) };
            if header.owner == 0 {
                let bytes = (header.end - from_ptr) & !(GRAIN - 1);
                give(memory, scope(memory, self.scope), from_ptr, bytes, bytes);
            }
            from = header.next;
            from_ptr = from + HEADER_BYTES;
        }
        self.chunk = to;
        self.ptr = ptr;
        self.end = self.end_of(memory, to);
    }

    /// Takes `bytes` from where the bump pointer is, or gets to.
    pub(super) fn advance<M: PageSource>(&mut self, memory: &mut M, bytes: u32) -> Option<u32> {
        let from = (self.chunk, self.ptr);
        let (to, at) = self.seek(memory, self.chunk, self.ptr, bytes)?;
        self.move_to(memory, from, (to, at + bytes));
        Some(at)
    }

    /// Takes `bytes` for `owner`, a scope around the innermost one, from an island of its own.
    pub(super) fn settle<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        bytes: u32,
    ) -> Option<u32> {
        let needed = u64::from(bytes) + u64::from(HEADER_BYTES);
        loop {
            let (mut current, mut found) = (self.chunk, None);
            loop {
                // SAFETY: the chunk of the bump pointer, or one above.
                let header = unsafe { &*chunk(memory, current) };
                let room = (header.end & !(GRAIN - 1)).saturating_sub(self.free_from(current));
                if header.owner == 0 && u64::from(room) >= needed {
                    found = Some((current, room));
                }
                if header.next == 0 {
                    break;
                }
                current = header.next;
            }
            if let Some((from, room)) = found {
                let bytes = bytes + HEADER_BYTES;
                return Some(self.cut(
                    memory,
                    from,
                    owner,
                    bytes,
                    bytes.max(ISLAND_BYTES.min(room)),
                ));
            }
            let at = self.free_from(current);
            self.grow(memory, current, at, needed)?;
        }
    }

    /// Cuts an island of `size` bytes off the end of `from`, and takes `bytes` of it, its header included.
    fn cut<M: PageSource>(
        &mut self,
        memory: &M,
        from: u32,
        owner: u32,
        bytes: u32,
        size: u32,
    ) -> u32 {
        // SAFETY: a chunk with so much room.
        let island = unsafe {
            let header = &mut *chunk(memory, from);
            let end = header.end;
            let island = (end & !(GRAIN - 1)) - size;
            *chunk(memory, island) = Chunk {
                end,
                next: header.next,
                owner,
                zero: 0,
            };
            (header.end, header.next) = (island, island);
            self.touched = self.touched.max(end);
            island
        };
        self.end = self.end_of(memory, self.chunk);
        self.islands = self.islands.min(island);
        self.fence = self.fence.min(island);
        give(
            memory,
            scope(memory, owner),
            island + bytes,
            size - bytes,
            size,
        );
        island + HEADER_BYTES
    }

    /// Makes the islands of `handle` and all newer scopes chunks like any other.
    pub(super) fn dissolve<M: PageSource>(&mut self, memory: &M, handle: u32) {
        if self.islands == NONE {
            return;
        }
        self.islands = NONE;
        let mut current = self.root;
        while current != 0 {
            // SAFETY: the first chunk, or what `next` names.
            let header = unsafe { &mut *chunk(memory, current) };
            // Newer scopes have higher addresses.
            if header.owner >= handle {
                header.owner = 0;
            } else if header.owner != 0 {
                self.islands = self.islands.min(current);
            }
            current = header.next;
        }
    }

    /// The innermost scope that owns the block of `bytes` at `block`, whose address is the newest scope's or
    /// an older one's; `None` where there can be no such block.
    #[inline(never)]
    pub(super) fn owner<M: PageSource>(&self, memory: &M, block: u32, bytes: u32) -> Option<u32> {
        if !block.is_multiple_of(GRAIN) {
            return None;
        }
        let mut current = self.root;
        loop {
            // SAFETY: the first chunk, or what `next` names.
            let header = unsafe { &*chunk(memory, current) };
            let start = if current == self.root {
                self.base
            } else {
                current + HEADER_BYTES
            };
            if block < start {
                return None;
            }
            let end = if current == self.chunk {
                self.ptr
            } else {
                header.end
            };
            if block < end {
                if bytes > end - block {
                    return None;
                }
                if header.owner != 0 {
                    return Some(header.owner);
                }
                if current > self.chunk {
                    return None;
                }
                break;
            }
            if header.next == 0 {
                return None;
            }
            current = header.next;
        }
        let mut owner = self.scope;
        while owner > block {
            // SAFETY: an open scope; the root lies below every block.
            owner = unsafe { (*scope(memory, owner)).parent };
        }
        Some(owner)
    }
}

/// The end of memory, at most [`ADDRESS_LIMIT`]. Memory is not empty.
pub(super) fn end_of_memory(memory: &impl PageSource) -> u32 {
    match memory.size_pages() << PAGE_LOG2 {
        0 => ADDRESS_LIMIT,
        end => end,
    }
}
