//! Reallocating: where a block stands, or by way of the lists.

use core::num::NonZeroU32;

use super::{
    FreeList,
    classes::{GRAIN, MOST_EXACT, above_exact, list_for, rounded},
    lists::push,
};
use crate::PageSource;

/// Up to this size blocks are moved by a few loads and stores: engines serve the instruction that copies by a call, which
/// costs more.
const FEW_BYTES: u32 = 4 * GRAIN;

/// Moves what a block of `size_bytes` has behind its first 16. What both blocks have of padding may go along.
///
/// Up to [`FEW_BYTES`] that is 16 bytes thrice, if there are any: one branch, and not one for each 16 bytes, which
/// processors would guess wrong.
#[inline(always)]
fn move_rest<M: PageSource>(memory: &mut M, to: u32, from: u32, size_bytes: u32) {
    if size_bytes > FEW_BYTES {
        memory.copy(to + GRAIN, from + GRAIN, size_bytes - GRAIN);
        return;
    }
    let last = size_bytes.saturating_sub(1) & !(GRAIN - 1);
    if last != 0 {
        move_grain(memory, to, from, GRAIN);
        move_grain(memory, to, from, last.min(2 * GRAIN));
        move_grain(memory, to, from, last);
    }
}

/// The 16 bytes at `at`.
#[inline(always)]
fn grain_at<M: PageSource>(memory: &M, at: u32) -> (u64, u64) {
    let words = memory.at(at).cast::<u64>();
    // SAFETY: blocks have a multiple of 16 bytes.
    unsafe { (words.read_unaligned(), words.add(1).read_unaligned()) }
}

/// Sets the 16 bytes at `at`.
#[inline(always)]
fn set_grain<M: PageSource>(memory: &M, at: u32, (first, second): (u64, u64)) {
    let words = memory.at(at).cast::<u64>();
    // SAFETY: as above.
    unsafe {
        words.write_unaligned(first);
        words.add(1).write_unaligned(second);
    }
}

/// Moves the 16 bytes at `offset`.
#[inline(always)]
fn move_grain<M: PageSource>(memory: &M, to: u32, from: u32, offset: u32) {
    set_grain(memory, to + offset, grain_at(memory, from + offset));
}

impl FreeList {
    /// What [`Strategy::realloc`] does.
    #[inline(always)]
    pub(super) fn moved<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let are_large = above_exact(old_bytes) | above_exact(new_bytes);
        if self.may_be_elsewhere(old, are_large) {
            return self.move_slowly(memory, old, old_bytes, new_bytes);
        }
        // As `alloc` and `free` are.
        // SAFETY: just compared.
        let (list, new_list) = unsafe { (list_for(old_bytes), list_for(new_bytes)) };
        if list == new_list {
            // SAFETY: it lies behind the newest record.
            return Ok(unsafe { NonZeroU32::new_unchecked(old) });
        }
        // SAFETY: just compared.
        let block = unsafe { self.at_hand(memory, new_bytes) };
        let Some(block) = NonZeroU32::new(block) else {
            return self.move_called(memory, old, old_bytes, new_bytes);
        };
        let first = grain_at(memory, old);
        // From here on engines keep nothing but the block across the call that copies the rest.
        push(memory, self.lists, list, old);
        set_grain(memory, block.get(), first);
        move_rest(memory, block.get(), old, old_bytes.min(new_bytes));
        Ok(block)
    }

    /// [`Self::move_slowly`] for those who came further: see *Fast paths* in [`free_list`](super).
    #[cold]
    #[inline(never)]
    fn move_called<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        self.move_slowly(memory, old, old_bytes, new_bytes)
    }

    /// The same, for a block of any size and any open scope.
    #[cold]
    #[inline(never)]
    fn move_slowly<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Result<NonZeroU32, M::Refusal> {
        let block = self.move_or_none(memory, old, old_bytes, new_bytes);
        Self::block_or_refusal(memory, block, new_bytes)
    }

    /// The same; 0 where memory was refused.
    #[inline(always)]
    fn move_or_none<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> u32 {
        let (was, is) = (rounded(old_bytes), rounded(new_bytes));
        if old == 0 {
            return self.obtain(memory, self.scope, new_bytes);
        }
        if was == is || self.stretch(memory, old, was, is) {
            return old;
        }
        let mut owner = self.owner(memory, old);
        if owner == 0 {
            owner = self.scope;
        }
        let mut block = 0;
        // What is left of a block that becomes a small one where it stands would keep its neighbours apart.
        if is > was || is <= MOST_EXACT {
            block = self.obtain(memory, owner, new_bytes);
        }
        let mut kept = 0;
        if block != 0 {
            memory.copy(block, old, old_bytes.min(new_bytes));
        } else if is < was {
            block = old;
            kept = is;
        } else {
            return 0;
        }
        self.discard(memory, owner, old.wrapping_add(kept), was - kept);
        block
    }

    /// Makes the block of `old` bytes at `block` one of `new`, if it is the newest one. Says whether it did.
    ///
    /// A large one grows as far as memory does. A small one, for which nothing is at hand, grows as far as the bump pointer
    /// would have got: then it moves, to what was freed, or else heaps whose blocks always grow would use nothing again.
    #[inline(never)]
    pub(super) fn stretch<M: PageSource>(
        &mut self,
        memory: &mut M,
        block: u32,
        old: u32,
        new: u32,
    ) -> bool {
        if block.wrapping_add(old) != self.ptr {
            return false;
        }
        let is_near = new <= self.end.wrapping_sub(block);
        if is_near {
            self.stack(block.wrapping_add(new));
        }
        is_near || new > MOST_EXACT && self.advance(memory, self.scope, new - old, true) != 0
    }
}
