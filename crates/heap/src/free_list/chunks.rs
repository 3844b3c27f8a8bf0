//! The memory that the heap has: chunks in address order, and the bump pointer's way through them.
//!
//! ```text
//! chunk   [end | next | owner | 0] blocks …, 8 bytes … end
//! ```
//!
//! Behind a chunk's last block stands one more header, in use and of no size: what follows a block is always a
//! header that can be asked. At the bump pointer it is not written yet, but there is room for it.
//!
//! A chunk begins where somebody else grew the memory in between (H3). One chunk that stands against the
//! next is joined with it when the bump pointer gets there. An *island* is a chunk cut off the far end of
//! another one, for a scope that needs memory while newer scopes hold the bump pointer: it has an owner, the
//! bump pointer passes it by, and when its owner closes it is a chunk like any other.

use super::{
    FreeList, NONE,
    large::{HEADER_BYTES, SIZE, USED, mark},
    record::{GRAIN, scope, set},
};
use crate::{
    PageSource,
    address::{PAGE_LOG2, end_of_pages, round_up},
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

pub(super) const CHUNK_BYTES: u32 = size_of::<Chunk>() as u32;
const _: () = assert!(CHUNK_BYTES == GRAIN);

/// The least that an island takes where there is room for it, in bytes.
const ISLAND_BYTES: u32 = 4096;

pub(super) fn chunk<M: PageSource>(memory: &M, at: u32) -> *mut Chunk {
    memory.at(at).cast()
}

impl FreeList {
    pub(super) fn end_of<M: PageSource>(&self, memory: &M, at: u32) -> u32 {
        // SAFETY: a chunk.
        unsafe { (*chunk(memory, at)).end }
    }

    /// Takes a block of `bytes` at a multiple of `align` from where the bump pointer is, or gets to; 0 where
    /// memory was refused.
    pub(super) fn advance<M: PageSource>(&mut self, memory: &mut M, bytes: u32, align: u32) -> u32 {
        if self.n_grains == 0 {
            // The heap is new (H8).
            self.set_scope(self.scope);
        }
        loop {
            let at = round_up(self.ptr.into(), align);
            let end = at + u64::from(bytes) + u64::from(HEADER_BYTES);
            if end <= self.end.into() {
                self.place(memory, at as u32, bytes);
                return at as u32;
            }
            // The next chunk that is no island.
            let mut last = self.chunk;
            let mut to;
            loop {
                // SAFETY: the chunk of the bump pointer, or what `next` names.
                to = unsafe { (*chunk(memory, last)).next };
                // SAFETY: a chunk.
                if to == 0 || unsafe { (*chunk(memory, to)).owner } == 0 {
                    break;
                }
                last = to;
            }
            if to == 0 {
                if !self.grow(memory, last, end - u64::from(self.ptr)) {
                    return 0;
                }
                continue;
            }
            if to == self.end {
                self.absorb(memory, self.chunk);
            } else {
                self.retire(memory, self.scope, self.ptr, self.end);
                self.chunk = to;
                self.ptr = to + CHUNK_BYTES;
                self.end = self.end_of(memory, to);
            }
        }
    }

    /// Makes the chunk that stands against the end of the one at `at` a part of it.
    fn absorb<M: PageSource>(&mut self, memory: &M, at: u32) {
        // SAFETY: a chunk.
        let header = unsafe { &mut *chunk(memory, at) };
        // SAFETY: a chunk, and another one.
        let next = unsafe { &mut *chunk(memory, header.next) };
        (header.end, header.next) = (next.end, next.next);
        // Zero as the bytes around it: it counts as fresh from now on.
        (next.end, next.next) = (0, 0);
        self.end = self.end_of(memory, self.chunk);
    }

    /// Makes `bytes` at `at`, in the chunk of the bump pointer and not below it, the newest block. What lies
    /// between is free.
    pub(super) fn place<M: PageSource>(&mut self, memory: &M, at: u32, bytes: u32) {
        let rest = self.ptr;
        self.ptr = at.wrapping_add(bytes);
        mark(memory, at, bytes);
        if rest != at {
            mark(memory, rest, at.wrapping_sub(rest));
            self.release(memory, self.scope, rest);
        }
    }

    /// Frees what lies from `at`, the end of a block of `owner`'s, to `end`, that of its chunk.
    fn retire<M: PageSource>(&mut self, memory: &M, owner: u32, at: u32, end: u32) {
        let Some(room) = end.wrapping_sub(at).checked_sub(HEADER_BYTES) else {
            // The first chunk, of no block at all.
            return;
        };
        let bytes = room & !(GRAIN - 1);
        set(memory, at + bytes, SIZE, USED);
        if bytes != 0 {
            mark(memory, at, bytes);
            self.release(memory, owner, at);
        }
    }

    /// Grows memory until the last chunk has `bytes` more, or there is a new one with as much. Says whether it
    /// did.
    fn grow<M: PageSource>(&mut self, memory: &mut M, last: u32, bytes: u64) -> bool {
        // SAFETY: a chunk.
        let header = unsafe { &mut *chunk(memory, last) };
        let top = memory.size_pages() << PAGE_LOG2;
        let goes_on = header.owner == 0 && header.end == top;
        let free = if goes_on && last == self.chunk {
            u64::from(top.saturating_sub(self.ptr))
        } else {
            0
        };
        // Not 0 also where the last bytes below 4 GiB would be what is missing.
        let missing = (bytes + u64::from(CHUNK_BYTES)).saturating_sub(free).max(1);
        if memory
            .grow(((missing - 1) >> PAGE_LOG2) as u32 + 1)
            .is_none()
        {
            return false;
        }
        let end = end_of_pages(memory.size_pages());
        if goes_on {
            header.end = end;
        } else {
            header.next = top;
            // SAFETY: it has just grown, and is zero.
            unsafe { (*chunk(memory, top)).end = end };
        }
        self.end = self.end_of(memory, self.chunk);
        true
    }

    /// Takes a block of `bytes` for `owner`, a scope around the innermost one, from an island of its own; 0 where
    /// memory was refused.
    pub(super) fn settle<M: PageSource>(&mut self, memory: &mut M, owner: u32, bytes: u32) -> u32 {
        // Its header, and one last header for it and one for what it is cut off.
        let needed = bytes + CHUNK_BYTES + 2 * GRAIN;
        let (mut from, mut at) = (self.chunk, self.ptr);
        loop {
            // SAFETY: the chunk of the bump pointer, or one above.
            let header = unsafe { &mut *chunk(memory, from) };
            // What islands were cut off from is whole again once they are dissolved: too small by themselves, none of
            // them would ever serve. Neither has a block above `at`.
            if header.owner == 0
                && header.next == header.end
                // SAFETY: a chunk.
                && unsafe { (*chunk(memory, header.next)).owner } == 0
            {
                self.absorb(memory, from);
                continue;
            }
            let end = header.end & !(GRAIN - 1);
            let room = end.saturating_sub(at);
            if header.owner == 0 && room >= needed {
                let island = end - (needed.max(ISLAND_BYTES.min(room)) - GRAIN);
                return self.cut(memory, from, island, owner, bytes);
            }
            if header.next != 0 {
                from = header.next;
                at = from + CHUNK_BYTES;
            } else if !self.grow(memory, from, needed.into()) {
                return 0;
            }
        }
    }

    /// Makes what `from` has from `island` on an island, and takes a block of `bytes` at its start.
    fn cut<M: PageSource>(
        &mut self,
        memory: &M,
        from: u32,
        island: u32,
        owner: u32,
        bytes: u32,
    ) -> u32 {
        // SAFETY: a chunk with so much room.
        let header = unsafe { &mut *chunk(memory, from) };
        let end = header.end;
        // SAFETY: as above.
        unsafe {
            *chunk(memory, island) = Chunk {
                end,
                next: header.next,
                owner,
                zero: 0,
            };
        }
        (header.end, header.next) = (island, island);
        self.end = self.end_of(memory, self.chunk);
        self.touched = self.touched.max(end);
        self.islands = self.islands.min(island);
        self.set_scope(self.scope);
        let at = island + CHUNK_BYTES;
        mark(memory, at, bytes);
        self.retire(memory, owner, at + bytes, end);
        at
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

    /// The scope that owns the block at `block`; 0 where there can be no such block.
    #[inline(always)]
    pub(super) fn owner<M: PageSource>(&self, memory: &M, block: u32) -> u32 {
        if self.is_innermost(block & !(GRAIN - 1)) {
            self.scope
        } else {
            self.search_owner(memory, block)
        }
    }

    /// The innermost scope that owns the block at `block`, whose address is the newest scope's or an older
    /// one's; 0 where there can be no such block.
    #[inline(never)]
    fn search_owner<M: PageSource>(&self, memory: &M, block: u32) -> u32 {
        let mut owner = self.scope;
        if block < self.base {
            return 0;
        }
        let mut current = self.root;
        loop {
            // SAFETY: the first chunk, or what `next` names.
            let header = unsafe { &*chunk(memory, current) };
            if block < header.end {
                if header.owner != 0 {
                    return header.owner;
                }
                break;
            }
            current = header.next;
            if block <= current || current == 0 {
                return 0;
            }
        }
        if current >= self.chunk && block >= self.ptr {
            return 0;
        }
        while owner > block {
            // SAFETY: an open scope; the root lies below every block.
            owner = unsafe { (*scope(memory, owner)).parent };
        }
        owner
    }
}
