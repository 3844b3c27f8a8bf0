//! The free-list strategy: freeing is a push and allocating a pop; neighbours are joined when a request finds nothing.
//!
//! ```text
//! alloc(n):      the newest block of n's list; up to 256 bytes, else what comes next in a run
//!     else       a block of a larger list, which is split; else all free blocks are joined, and again;
//!                else the bump pointer; else runs are given back, and again; else memory grows
//! free(p, n):    onto n's list; above 4096 bytes, joined with free neighbours
//! enter:         a scope's record at the bump pointer; its lists are empty
//! exit(h):       the bump pointer back to the record, whose parent's lists are as they were
//! ```
//!
//! **Small and large.** Small blocks have no header: who frees one says how large it is (`small`). Large ones
//! have a header, which says where the next one is (`large`). They never share a neighbourhood, because a
//! small block that lives on between large ones is what fragments heaps: small blocks come from runs, which are
//! large blocks, and a large block that is reallocated to a small size moves.
//!
//! **Scopes (S2).** The bump pointer says what is older than what, as in [`Bump`](crate::Bump). Each scope has
//! lists of its own, in a record where it begins (`record`). So leaving a scope forgets its blocks, free or not,
//! and no block of an older scope was ever in its lists.
//!
//! **Owners.** A block's address says whose it is: the newest scope whose record lies below it. What is freed
//! goes to the lists of its owner, and a block that grows stays its owner's. Where the owner is not the
//! innermost scope, and its lists have nothing, its memory is an island (`chunks`).
//!
//! **No wrap (H4), foreign growth (H3).** As in [`Bump`](crate::Bump): chunks, and comparisons with the
//! distance between two boundaries.
//!
//! | cost | |
//! |---|---|
//! | per block up to 256 bytes | 0 bytes; padding to 16 |
//! | per larger block | 8 bytes; padding of both to an eighth, above 4096 bytes to 16 |
//! | per run of small blocks | 16 bytes of 2048, of 512 in a scope's first |
//! | per open scope | 304 bytes |
//! | per chunk but the first | 24 bytes |
//!
//! Undefined, but never an endless loop: a block freed twice, with a wrong size, or that is none. A block above 4096
//! bytes that is freed already is seen to be, and so is an address that no heap block can have: then nothing is done.

mod chunks;
mod extension;
mod join;
mod large;
mod lists;
mod reclaim;
mod record;
mod scopes;
mod small;
mod stats;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "simulated"))]
mod walker;

use core::num::NonZeroU32;

use crate::{Fault, PageSource, Strategy, address::round_up};

pub use chunks::Chunk;
pub use record::Scope;

use chunks::CHUNK_BYTES;
use large::{HEADER_BYTES, block_bytes, header, size_of_block, take};
use lists::{MOST_EXACT, SMALL_BYTES, list_for, pop, push, rounded};
use record::GRAIN;
use small::{RUN_BYTES, cut, is_listed, is_small, open_run, scatter, small_list};

/// What a free-list heap keeps below its lowest address: the first chunk's header and the root scope.
#[repr(C, align(16))]
#[derive(Debug)]
pub struct Root<W = u32> {
    chunk: Chunk<W>,
    scope: Scope,
}

impl<W> Root<W> {
    /// The root of a heap that ends at `end`.
    pub const fn new(end: W) -> Self {
        Self {
            chunk: Chunk {
                end,
                next: 0,
                owner: 0,
                zero: 0,
            },
            scope: Scope::root(),
        }
    }
}

/// The state of a free-list heap.
///
/// Shape: words; those that a linker knows are a `W`, as in [`Bump`](crate::Bump). Invariant FREE:
/// `ptr <= end`, both multiples of 8 and `ptr` of 16.
#[repr(C)]
#[derive(Debug)]
pub struct FreeList<W = u32> {
    /// The innermost open scope.
    scope: W,
    /// How many grains above the innermost scope's record the lowest address lies that may be an older scope's.
    n_grains: u32,
    /// The bump pointer: where the next header will stand.
    ptr: W,
    /// The end of the chunk that `ptr` lies in: a copy of its header's `end`.
    end: W,
    /// The chunk that `ptr` lies in.
    chunk: W,
    /// The lowest address of the heap, a multiple of 16.
    base: W,
    /// The address of the [`Root`], whose first part is the first chunk's header.
    root: W,
    /// The lowest island, or [`NONE`].
    islands: u32,
    /// Below it, or below `ptr`, bytes may be other than zero.
    touched: W,
    /// How many requests found no memory since runs were last given back, and how many the next time waits for.
    waited: u32,
    price: u32,
    /// How many requests found nothing since large blocks were last joined, and what the next time has to be worth.
    missed: u32,
    worth: u32,
}

/// No address.
const NONE: u32 = u32::MAX;

impl<W: Copy> FreeList<W> {
    /// An empty heap over the bytes from `base`, a multiple of 16, to `end`, a multiple of 8.
    ///
    /// `root` is the address of a [`Root::new`] with the same `end`, below `base`; `root_scope` is that of
    /// its second part, [`ROOT_SCOPE`] bytes on.
    pub const fn new(root: W, root_scope: W, base: W, end: W) -> Self {
        Self {
            scope: root_scope,
            // Not known before the addresses are.
            n_grains: 0,
            ptr: base,
            end,
            chunk: root,
            base,
            root,
            islands: NONE,
            touched: base,
            waited: 0,
            price: 0,
            missed: 0,
            worth: 0,
        }
    }
}

/// Free blocks are joined once that looks at no more of them than this for each request that found nothing since, or
/// for the fresh bytes that would be taken otherwise: to touch those would take as long. Of memory that was used before
/// and is free above the bump pointer there may be plenty, so many times what is wanted; then there is less of a hurry,
/// because blocks that lie far apart take longer to look at than to do without.
const JOINED: u32 = 1024;
const JOINED_IN_PLENTY: u32 = 32;
const PLENTY: u32 = 64;
const BYTES_PER_JOINED: u32 = 32;

/// How far behind the start of a [`Root`] its scope is, in bytes.
pub const ROOT_SCOPE: u32 = CHUNK_BYTES;
const _: () = assert!(core::mem::offset_of!(Root, scope) == ROOT_SCOPE as usize);

impl FreeList {
    /// Takes a block for `owner`, the innermost scope or one around it; 0 where memory was refused. The heap is
    /// then as it was.
    #[inline(never)]
    fn obtain<M: PageSource>(&mut self, memory: &mut M, owner: u32, size_bytes: u32) -> u32 {
        loop {
            let block = Self::find(memory, owner, size_bytes);
            if block != 0 {
                return block;
            }
            if size_bytes <= SMALL_BYTES {
                let mut run = 0;
                if owner == self.scope && owner != self.root_scope() {
                    if self.extend_run(memory) {
                        continue;
                    }
                    run = self.run_at_hand(memory, size_bytes);
                }
                if run == 0 {
                    run = self.obtain_large(memory, owner, RUN_BYTES, RUN_BYTES);
                }
                if run != 0 {
                    open_run(memory, owner, run, size_of_block(memory, run));
                    continue;
                }
                // A run may be more than there is: then the block has a header.
            }
            let bytes = block_bytes(size_bytes, HEADER_BYTES);
            return match self.obtain_large(memory, owner, bytes, GRAIN) {
                0 => 0,
                at => at + HEADER_BYTES,
            };
        }
    }

    /// A block of the innermost scope that is to be had in a few steps: what callers inline.
    #[inline(always)]
    fn at_hand<M: PageSource>(&self, memory: &mut M, size_bytes: u32) -> Option<NonZeroU32> {
        let last = size_bytes.wrapping_sub(1);
        let mut block = 0;
        if last < SMALL_BYTES {
            block = pop(memory, self.scope, last / GRAIN + 1);
            if block == 0 {
                block = cut(memory, self.scope, size_bytes);
            }
        } else if last < MOST_EXACT {
            block = pop(memory, self.scope, list_for(size_bytes));
        }
        NonZeroU32::new(block)
    }

    /// Takes a block that needs no search: the newest of its list, or what comes next in a run; 0 where there is
    /// none.
    fn find<M: PageSource>(memory: &M, owner: u32, size_bytes: u32) -> u32 {
        let size_bytes = size_bytes.max(1);
        let mut block = 0;
        if size_bytes <= MOST_EXACT {
            block = pop(memory, owner, list_for(size_bytes));
            if block == 0 && size_bytes <= SMALL_BYTES {
                block = cut(memory, owner, size_bytes);
            }
        }
        block
    }

    /// Takes a large block of `bytes`, with its header at a multiple of `align`; 0 where memory was refused.
    #[inline(never)]
    fn obtain_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        bytes: u32,
        align: u32,
    ) -> u32 {
        let whole = rounded(bytes + (align - GRAIN));
        let innermost = owner == self.scope;
        let (mut tried, mut joined) = (false, false);
        loop {
            let mut start = take(memory, owner, whole);
            if start == 0 {
                if !joined {
                    joined = true;
                    self.missed = self.missed.saturating_add(1);
                    if tried || self.joins_for(whole) >= self.worth {
                        self.join(memory, owner);
                        continue;
                    }
                }
                let at_hand = innermost && whole + HEADER_BYTES <= self.end.wrapping_sub(self.ptr);
                if !at_hand && self.reclaim(memory, owner, tried) {
                    joined = false;
                    continue;
                }
                if innermost {
                    let at = self.advance(memory, bytes, align);
                    if at != 0 {
                        return at;
                    }
                } else {
                    start = self.settle(memory, owner, whole);
                }
            }
            if start != 0 {
                let at = round_up(start.into(), align) as u32;
                if align != GRAIN {
                    let whole = size_of_block(memory, start);
                    self.carve(memory, owner, (start, whole), (at, bytes));
                }
                return at;
            }
            if tried {
                return 0;
            }
            (tried, joined) = (true, false);
        }
    }

    /// How many free blocks may be looked at for a request of `whole` bytes that found nothing.
    fn joins_for(&self, whole: u32) -> u32 {
        let used = self.touched.saturating_sub(self.ptr);
        let each = if whole > used / PLENTY {
            JOINED
        } else {
            JOINED_IN_PLENTY
        };
        let fresh = if whole > used {
            whole / BYTES_PER_JOINED
        } else {
            0
        };
        self.missed.saturating_mul(each).saturating_add(fresh)
    }

    /// Whether the block is surely the innermost scope's, if it is one, and stands at a multiple of 16.
    #[inline(always)]
    fn is_innermost(&self, block: u32) -> bool {
        block
            .wrapping_sub(self.scope)
            .rotate_right(GRAIN.trailing_zeros())
            < self.n_grains
    }

    /// Resizes a block of `owner` where it stands; says whether that was possible.
    #[inline(never)]
    fn resize<M: PageSource>(
        &mut self,
        memory: &mut M,
        owner: u32,
        block: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> bool {
        if !is_small(block, old_bytes) {
            // It must not look like a small one.
            return !is_small(block, new_bytes)
                && self.resize_large(memory, owner, block, new_bytes);
        }
        let (old, new) = (small_list(old_bytes), small_list(new_bytes));
        if new <= old {
            let end = block.wrapping_add(new * GRAIN);
            scatter(memory, owner, end, (old - new) * GRAIN);
        }
        new <= old
    }

    /// Frees a block of any size and any open scope.
    #[inline(never)]
    fn free_slowly<M: PageSource>(&mut self, memory: &M, block: u32, size_bytes: u32) {
        let owner = self.owner(memory, block);
        if owner != 0 {
            self.discard(memory, owner, block, size_bytes);
        }
    }

    /// Frees a block of `owner`.
    fn discard<M: PageSource>(&mut self, memory: &M, owner: u32, block: u32, size_bytes: u32) {
        let size_bytes = size_bytes.max(1);
        if is_listed(block, size_bytes) {
            push(memory, owner, list_for(size_bytes), block);
        } else {
            self.release(memory, owner, header(block));
        }
    }

    /// What a call yields that found `block`, or no memory.
    #[inline(always)]
    fn block_or_refusal<M: PageSource>(
        memory: &mut M,
        block: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        NonZeroU32::new(block).ok_or_else(|| memory.refuse(Fault::Exhausted { size_bytes }))
    }
}

impl Strategy for FreeList {
    #[inline(always)]
    fn alloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if let Some(block) = self.at_hand(memory, size_bytes) {
            return Ok(block);
        }
        let block = self.obtain(memory, self.scope, size_bytes);
        Self::block_or_refusal(memory, block, size_bytes)
    }

    #[inline]
    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if old == 0 {
            let block = self.obtain(memory, self.scope, new_bytes);
            return Self::block_or_refusal(memory, block, new_bytes);
        }
        let mut owner = self.owner(memory, old);
        if owner == 0 {
            // None that can be seen.
            owner = self.scope;
        }
        // What is left of a block that becomes a small one where it stands would serve less than all of it: it
        // moves, if there is a place for it.
        let in_place = if is_small(old, old_bytes) {
            small_list(old_bytes) == small_list(new_bytes)
        } else {
            new_bytes > SMALL_BYTES && self.resize_large(memory, owner, old, new_bytes)
        };
        let mut block = old;
        if !in_place {
            block = self.obtain(memory, owner, new_bytes);
            if block != 0 {
                memory.copy(block, old, old_bytes.min(new_bytes));
                self.discard(memory, owner, old, old_bytes);
            } else if new_bytes <= SMALL_BYTES
                && self.resize(memory, owner, old, old_bytes, new_bytes)
            {
                block = old;
            }
        }
        Self::block_or_refusal(memory, block, new_bytes)
    }

    #[inline]
    fn enter_scope<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        let handle = self.open(memory);
        Self::block_or_refusal(memory, handle, record::SCOPE_BYTES)
    }

    #[inline]
    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        self.close(memory, handle, Self::origin(memory, handle));
        Ok(())
    }

    #[inline]
    unsafe fn promote<M: PageSource>(
        &mut self,
        memory: &mut M,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        if !self.is_open(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        let block = self.lift(memory, handle, source, size_bytes);
        Self::block_or_refusal(memory, block, size_bytes)
    }

    #[inline]
    fn free_all<M: PageSource>(&mut self, memory: &mut M) {
        self.clear(memory);
    }
}
