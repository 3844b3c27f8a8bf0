//! Reallocating: where a block stands, or by way of the lists.

use super::{
    FreeList,
    classes::{GRAIN, MOST_EXACT, list_for, rounded},
    lists::push,
};
use crate::PageSource;

/// Up to this size blocks are moved by a few loads and stores: engines serve the instruction that copies by a call, which
/// costs more.
const FEW_BYTES: u32 = 4 * GRAIN;

/// Moves `size_bytes` of a block to another one. What both have of padding may go along.
///
/// Up to [`FEW_BYTES`] that is both ends, and what is next to them: one branch, and not one for each 16 bytes, which
/// processors would guess wrong.
#[inline(always)]
fn move_block<M: PageSource>(memory: &mut M, to: u32, from: u32, size_bytes: u32) {
    if size_bytes > FEW_BYTES {
        memory.copy(to, from, size_bytes);
        return;
    }
    let last = size_bytes.saturating_sub(1) & !(GRAIN - 1);
    move_grain(memory, to, from, 0);
    move_grain(memory, to, from, last);
    if last > GRAIN {
        move_grain(memory, to, from, GRAIN);
        move_grain(memory, to, from, last - GRAIN);
    }
}

/// Moves the 16 bytes at `offset`.
#[inline(always)]
fn move_grain<M: PageSource>(memory: &M, to: u32, from: u32, offset: u32) {
    let (from, to) = (memory.at(from + offset), memory.at(to + offset));
    // SAFETY: blocks have a multiple of 16 bytes.
    unsafe {
        let words = from.cast::<[u64; 2]>().read_unaligned();
        to.cast::<[u64; 2]>().write_unaligned(words);
    }
}

impl FreeList {
    /// What [`Strategy::realloc`] returns, or 0 where memory was refused.
    #[inline(always)]
    pub(super) fn moved<M: PageSource>(
        &mut self,
        memory: &mut M,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> u32 {
        if old_bytes <= MOST_EXACT && self.is_innermost(old) {
            // As `alloc` and `free` are.
            // SAFETY: just compared.
            let list = unsafe { list_for(old_bytes) };
            if new_bytes <= MOST_EXACT {
                // SAFETY: just compared.
                if unsafe { list_for(new_bytes) } == list {
                    return old;
                }
                let block = self.at_hand(memory, new_bytes);
                if block != 0 {
                    move_block(memory, block, old, old_bytes.min(new_bytes));
                    push(memory, self.lists, list, old);
                    return block;
                }
            }
        }
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
    /// A large one grows as far as memory does. A small one grows as far as the bump pointer would have got: then it
    /// moves, to what was freed, or else heaps whose blocks always grow would use nothing again.
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
