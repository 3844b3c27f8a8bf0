//! The free-list strategy: freeing is a push, allocating a pop, and neighbours are joined when memory would grow.
//!
//! ```text
//! alloc(n):      the newest block of n's list; else the bump pointer
//!     else       a larger block, which is split; else all free blocks are joined, and again; else memory grows
//! free(p, n):    back to the bump pointer, if a small block ends there; else onto n's list; a large one with its
//!                neighbours, where they are at hand
//! enter:         a record of 16 bytes at the bump pointer; the scope's lists are those that are always empty
//! exit(h):       the bump pointer back to the record, whose parent's lists are as they were
//! ```
//!
//! **No headers.** Who frees a block says how large it is, sizes are rounded to classes (`classes`), and free blocks
//! hold what is needed to list them (`lists`). So a block costs its rounding and nothing else, and no call reads
//! memory beside it.
//!
//! **Joining, seldom.** Neighbours cannot be asked whether they are free. All free blocks of a scope are sorted by
//! address and joined at once (`sweep`), before memory grows. In a heap whose sizes stay what they are that is one
//! call in many thousands, because what was freed is as a rule just what a later request takes. Large blocks are looked
//! for among the few that were freed before them: what grew side by side is freed side by side.
//!
//! **Scopes (S2).** The bump pointer says what is older than what, as in [`Bump`](crate::Bump). Each scope has lists
//! of its own, once it has something to list. So leaving a scope forgets its blocks, free or not, and no block of an older
//! scope was ever in its lists.
//!
//! **Owners.** A block's address says whose it is: the newest scope whose record lies below it. What is freed
//! goes to the lists of its owner, and a block that grows stays its owner's. Where the owner is not the
//! innermost scope, and its lists have nothing, its memory is an island (`windows`).
//!
//! **No wrap (H4), foreign growth (H3).** Comparisons are with the distance between two boundaries. A scope whose
//! memory cannot go on gets another window, and the root another region.
//!
//! **Fast paths.** What is slow is left to functions of its own, and each branch that leads there to another one. Engines
//! lay code out along its branches: where two of them lead to the same call, both need moves into the registers that it
//! expects, and those lie in the middle of the fast path, which has to jump over them.
//!
//! | cost | |
//! |---|---|
//! | per block up to 7168 bytes | 0 bytes; padding to 16, above 128 bytes to a quarter of a power of two: less than a quarter |
//! | per larger block | 0 bytes; padding to 16, or to 8192 |
//! | per program | 1.1 KiB of statics: lists, tables of classes |
//! | per open scope | 16 bytes, and 256 once it has something to list: from a `free`, or a `realloc` that moves |
//! | per window, island, region but the first | 16 bytes |
//!
//! Undefined, but never an endless loop: a block freed twice, with a wrong size, or that is none. An address below what
//! the heap keeps, and one where a scope begins, are seen; then nothing is done.

mod classes;
mod extension;
mod lists;
mod moves;
mod record;
mod scopes;
mod stats;
mod sweep;
#[cfg(test)]
mod tests;
#[cfg(any(test, feature = "simulated"))]
mod walker;
mod windows;

use core::num::NonZeroU32;

use crate::{Fault, PageSource, Strategy};

pub use record::{ROOT, ROOT_LISTS, ROOT_REGION, Record, Root};

use classes::{HEADS_BYTES, MOST_EXACT, bytes_of, list_for, rounded};
use lists::{merge, pop, scatter, trim};
use record::{ISLAND, RECORD_BYTES, lists_at, record};

/// The state of a free-list heap.
///
/// Shape: words; those that a linker knows are a `W`, as in [`Bump`](crate::Bump). Invariant FREE:
/// `ptr <= end <= limit`, `ptr` a multiple of 16 and the others of 8.
#[repr(C)]
#[derive(Debug)]
pub struct FreeList<W = u32> {
    /// The lists of the innermost open scope: a copy of its record's.
    lists: W,
    /// The bump pointer.
    ptr: W,
    /// How far the bump pointer gets without anybody being asked.
    end: W,
    /// The end of the live window.
    limit: W,
    /// The newest record.
    top: W,
    /// The innermost open scope, whose record that is.
    scope: W,
    /// How many bytes behind the newest record are surely the innermost scope's; 0 where what is freed has to be
    /// looked at first.
    span: u32,
    /// The lowest address of the heap, a multiple of 16.
    base: W,
    /// The root scope; what else is in the [`Root`] is found from there.
    root: W,
    /// The newest region.
    regions: W,
    /// Below it, or below `ptr`, bytes may be other than zero.
    touched: W,
    /// Where the bump pointer gets to until free blocks are joined: what scopes give back, it may pass again.
    due: W,
    /// The bytes of blocks above [`MOST_EXACT`] that were freed since; while they are joined, of all that are free.
    freed: u32,
    /// How far `due` is ahead because the last times were not worth it: twice as far each time, where many blocks are free.
    vain: u32,
}

impl<W: Copy> FreeList<W> {
    /// An empty heap over the bytes from `base`, a multiple of 16, to `end`, a multiple of 8.
    ///
    /// `root`, `region` and `lists` are the addresses [`ROOT`], [`ROOT_REGION`] and [`ROOT_LISTS`] bytes from the start
    /// of a [`Root::new`] with the same `end`, below `base`.
    pub const fn new(root: W, region: W, lists: W, base: W, end: W) -> Self {
        Self {
            lists,
            ptr: base,
            end: base,
            limit: end,
            top: root,
            scope: root,
            // Not known before the addresses are.
            span: 0,
            base,
            root,
            regions: region,
            touched: base,
            due: base,
            freed: 0,
            vain: 0,
        }
    }
}

impl FreeList {
    /// An empty heap from `base` on in memory that ends at `end` and that no linker has prepared: its [`Root`] is written
    /// to `at`, a multiple of 16.
    #[cfg(any(test, feature = "simulated"))]
    pub fn place<M: PageSource>(memory: &M, at: u32, base: u32, end: u32) -> Self {
        let of = |offset: usize| at + offset as u32;
        let (root, lists) = (of(ROOT), of(ROOT_LISTS));
        let content = Root::new(root, lists, end);
        // SAFETY: the caller's memory, below the heap.
        unsafe { memory.at(at).cast::<Root>().write(content) };
        Self::new(root, of(ROOT_REGION), lists, base, end)
    }

    /// A block of the innermost scope that is to be had in a few steps: what callers inline. 0 where there is none.
    ///
    /// # Safety
    ///
    /// `size_bytes` is at most [`MOST_EXACT`].
    #[inline(always)]
    unsafe fn at_hand<M: PageSource>(&mut self, memory: &M, size_bytes: u32) -> u32 {
        // SAFETY: as above.
        let list = unsafe { list_for(size_bytes) };
        let block = pop(memory, self.lists, list);
        if block != 0 {
            return block;
        }
        // SAFETY: what `list_for` returns.
        self.bump(unsafe { bytes_of(list) })
    }

    /// Takes `bytes` at the bump pointer; 0 where there is no room.
    #[inline(always)]
    fn bump(&mut self, bytes: u32) -> u32 {
        let block = self.ptr;
        if bytes > self.end - block {
            return 0;
        }
        debug_assert!(block != 0);
        // SAFETY: the heap begins above 0.
        unsafe { core::hint::assert_unchecked(block != 0) };
        self.ptr = block + bytes;
        block
    }

    /// Takes a block for `owner`, the innermost scope or one around it; 0 where memory was refused. The heap is
    /// then as it was.
    #[cold]
    #[inline(never)]
    fn obtain<M: PageSource>(&mut self, memory: &mut M, owner: u32, size_bytes: u32) -> u32 {
        let bytes = rounded(size_bytes);
        if owner == self.scope {
            let block = self.bump(bytes);
            if block != 0 {
                return block;
            }
        }
        let lists = lists_at(memory, owner);
        let mut was_refused = false;
        loop {
            let mut block = self.find(memory, lists, bytes);
            if block != 0 {
                trim(memory, lists, block, bytes);
                return block;
            }
            block = self.advance(memory, owner, bytes, false);
            if block != 0 || was_refused {
                return block;
            }
            // Whatever a sweep costs now.
            self.due = self.ptr;
            self.vain = 0;
            was_refused = true;
        }
    }

    /// Takes a block for the innermost scope: at hand, or else obtained; 0 where memory was refused.
    #[inline(always)]
    fn get<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> u32 {
        let mut block = 0;
        if size_bytes <= MOST_EXACT {
            // SAFETY: just compared.
            block = unsafe { self.at_hand(memory, size_bytes) };
        }
        if block == 0 {
            block = self.obtain(memory, self.scope, size_bytes);
        }
        block
    }

    /// The same, by a call: for who has other things to do besides.
    #[inline(never)]
    fn get_called<M: PageSource>(&mut self, memory: &mut M, size_bytes: u32) -> u32 {
        self.get(memory, size_bytes)
    }

    /// [`Strategy::alloc`] where nothing is at hand.
    #[cold]
    #[inline(never)]
    fn alloc_slowly<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let block = self.obtain(memory, self.scope, size_bytes);
        Self::block_or_refusal(memory, block, size_bytes)
    }

    /// The same of more than [`MOST_EXACT`] bytes.
    #[cold]
    #[inline(never)]
    fn alloc_large<M: PageSource>(
        &mut self,
        memory: &mut M,
        size_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        self.alloc_slowly(memory, size_bytes)
    }

    /// Whether so much was freed of large blocks that it would be a waste to go on behind them.
    fn is_wasteful(&self) -> bool {
        self.freed > (self.ptr - self.base) / 2
    }

    /// Frees a block of any size and any open scope.
    #[cold]
    #[inline(never)]
    fn free_slowly<M: PageSource>(&mut self, memory: &mut M, block: u32, size_bytes: u32) {
        let owner = self.owner(memory, block);
        self.discard(memory, owner, block, rounded(size_bytes));
    }

    /// Frees `bytes` of `owner`, if that is one. Where it has no lists, and there is no room for them, they are lost until it
    /// closes.
    #[inline(never)]
    fn discard<M: PageSource>(&mut self, memory: &mut M, owner: u32, mut at: u32, mut bytes: u32) {
        if bytes == 0 || owner == 0 {
            return;
        }
        let mut lists = lists_at(memory, owner);
        if lists == self.nothing() {
            lists = self.room(memory, owner, HEADS_BYTES);
            if lists == 0 {
                // Memory does not grow for them (F1).
                if bytes < HEADS_BYTES {
                    return;
                }
                lists = at;
                at += HEADS_BYTES;
                bytes -= HEADS_BYTES;
            }
            memory.clear(lists, HEADS_BYTES);
            // SAFETY: a record.
            unsafe { (*record(memory, owner)).lists = lists };
        }
        if owner == self.scope {
            self.lists = lists;
            if lists_at(memory, self.top) != ISLAND {
                self.span = self.limit - self.top - RECORD_BYTES;
            }
        }
        if bytes > MOST_EXACT {
            self.freed = self.freed.wrapping_add(bytes);
            if self.is_wasteful() {
                // The next request has to ask.
                self.end = self.ptr;
                self.lists = self.nothing();
                self.span = 0;
            }
            (at, bytes) = merge(memory, lists, at, bytes);
        }
        scatter(memory, lists, at, bytes);
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
        if size_bytes > MOST_EXACT {
            return self.alloc_large(memory, size_bytes);
        }
        // SAFETY: just compared.
        let block = unsafe { self.at_hand(memory, size_bytes) };
        NonZeroU32::new(block).map_or_else(|| self.alloc_slowly(memory, size_bytes), Ok)
    }

    #[inline(always)]
    unsafe fn realloc<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        self.moved(memory, old, old_bytes, new_bytes)
    }

    #[inline]
    fn enter_scope<M: PageSource>(&mut self, memory: &mut M) -> Result<NonZeroU32, M::Refusal> {
        let handle = self.open(memory);
        Self::block_or_refusal(memory, handle, RECORD_BYTES)
    }

    #[inline]
    fn exit_scope<M: PageSource>(&mut self, memory: &mut M, handle: u32) -> Result<(), M::Refusal> {
        if !self.is_open_at_once(memory, handle) {
            return Err(memory.refuse(Fault::BadHandle));
        }
        self.close(memory, handle, Self::below(memory, handle));
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
