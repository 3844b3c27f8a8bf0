//! The free blocks of one scope, by class.
//!
//! ```text
//! scope   [map | parent | chunk | run start | run end | 0 | 0 | head of list 0 … head of list 63]
//! block   [next | size]         size only where the class does not say it
//! ```
//!
//! A scope is opened without its heads being cleared: a map of 0 says that they mean nothing yet. From the
//! first free block on, bit 0 is set, every head is a block or 0, and the bit of each head that is not 0 is
//! set. A bit may outlive the last block of its list; who finds it clears it.
//!
//! **Small and large stay apart.** A small block between large ones keeps them from ever being joined. So
//! small blocks come from *runs*, and what is cut off a large block and is itself small is not handed out:
//! these *crumbs* are list 0, where they wait for their neighbours.

use super::size_class::{Fit, GRAIN, LAST_EXACT, N_CLASSES, exact_bytes};
use crate::PageSource;

/// What a scope keeps, at the address that is its handle; the root's stands among the statics.
#[repr(C, align(8))]
#[derive(Debug)]
pub struct Scope {
    /// Which lists may hold blocks; 0 while there are no lists.
    pub(super) map: u64,
    /// The scope around this one.
    pub(super) parent: u32,
    /// The chunk that the scope begins in.
    pub(super) chunk: u32,
    /// What is left of the newest run of small blocks.
    pub(super) run_start: u32,
    pub(super) run_end: u32,
    pub(super) zero: [u32; 2],
    pub(super) heads: [u32; N_CLASSES],
}

impl Scope {
    /// The root, without blocks. All zero.
    pub const fn root() -> Self {
        Self {
            map: 0,
            parent: 0,
            chunk: 0,
            run_start: 0,
            run_end: 0,
            zero: [0; 2],
            heads: [0; N_CLASSES],
        }
    }
}

/// What a scope takes in the heap, in bytes.
pub(super) const SCOPE_BYTES: u32 = size_of::<Scope>() as u32;
const _: () = assert!(SCOPE_BYTES.is_multiple_of(GRAIN));

/// The largest class of small blocks.
pub(super) const LAST_SMALL: u32 = 16;

/// The size of the blocks of class [`LAST_SMALL`], in bytes.
const SMALL_BYTES: u32 = exact_bytes(LAST_SMALL);

/// How many blocks of a class whose blocks differ are looked at before a larger class is.
const MOST_TRIED: u32 = 32;

/// Bit 0 of a map: the heads mean something.
const LISTS: u64 = 1;

pub(super) fn scope<M: PageSource>(memory: &M, at: u32) -> *mut Scope {
    memory.at(at).cast()
}

/// Word `index` of the free block at `at`. Unaligned: misuse may have freed an odd address.
#[inline(always)]
pub(super) fn word<M: PageSource>(memory: &M, at: u32, index: usize) -> u32 {
    // SAFETY: a free block has four words. After a misuse it may be anywhere; wasm then traps.
    unsafe { memory.at(at).cast::<u32>().add(index).read_unaligned() }
}

#[inline(always)]
pub(super) fn set_word<M: PageSource>(memory: &M, at: u32, index: usize, value: u32) {
    // SAFETY: as for `word`; the bytes are nobody's.
    unsafe {
        memory
            .at(at)
            .cast::<u32>()
            .add(index)
            .write_unaligned(value);
    }
}

/// Takes the newest block of `class`, one with an exact size.
#[inline(always)]
pub(super) fn pop<M: PageSource>(memory: &M, scope: *mut Scope, class: u32) -> Option<u32> {
    // SAFETY: an open scope; classes are below 64.
    unsafe {
        if (*scope).map == 0 {
            return None;
        }
        let head = (&raw mut (*scope).heads).cast::<u32>().add(class as usize);
        let block = *head;
        if block == 0 {
            return None;
        }
        *head = word(memory, block, 0);
        Some(block)
    }
}

/// Frees a block of `class` into lists that there are. Returns whether there are.
#[inline(always)]
pub(super) fn push<M: PageSource>(memory: &M, scope: *mut Scope, class: u32, block: u32) -> bool {
    // SAFETY: an open scope; classes are below 64.
    unsafe {
        if (*scope).map == 0 {
            return false;
        }
        let head = (&raw mut (*scope).heads).cast::<u32>().add(class as usize);
        let next = *head;
        set_word(memory, block, 0, next);
        *head = block;
        if next == 0 {
            (*scope).map |= 1 << class;
        }
    }
    true
}

/// Frees `bytes` from `at` on, both multiples of [`GRAIN`], cut off a block of `whole` bytes.
#[inline(never)]
pub(super) fn give<M: PageSource>(
    memory: &M,
    scope: *mut Scope,
    mut at: u32,
    mut bytes: u32,
    whole: u32,
) {
    // SAFETY: an open scope.
    unsafe {
        if (*scope).map == 0 && bytes != 0 {
            (*scope).heads = [0; N_CLASSES];
            (*scope).map = LISTS;
            ((*scope).run_start, (*scope).run_end) = (0, 0);
        }
    }
    while bytes != 0 {
        let mut block = Fit::free(bytes);
        if whole > SMALL_BYTES && bytes <= SMALL_BYTES {
            block = Fit { class: 0, bytes };
        }
        set_word(memory, at, 1, block.bytes);
        push(memory, scope, block.class, at);
        at = at.wrapping_add(block.bytes);
        bytes -= block.bytes;
    }
}

/// Takes `fit.bytes` from the first list up to that of `last` that has a block as large; what is left of
/// that one is freed again.
#[inline(never)]
pub(super) fn take<M: PageSource>(
    memory: &M,
    scope: *mut Scope,
    fit: Fit,
    last: u32,
) -> Option<u32> {
    let mut class = fit.class;
    if class > LAST_EXACT {
        if let Some(block) = search(memory, scope, fit) {
            return Some(block);
        }
        class += 1;
    }
    // SAFETY: an open scope.
    unsafe {
        loop {
            let above = (*scope).map & u64::MAX.checked_shl(class)?;
            class = above.trailing_zeros();
            if class > last {
                return None;
            }
            let Some(block) = pop(memory, scope, class) else {
                (*scope).map &= !(1 << class);
                continue;
            };
            let bytes = bytes(memory, class, block);
            let rest = bytes.saturating_sub(fit.bytes);
            give(memory, scope, block.wrapping_add(fit.bytes), rest, bytes);
            return Some(block);
        }
    }
}

/// Takes `fit.bytes` from the first block that is large enough, in a list where blocks differ.
fn search<M: PageSource>(memory: &M, scope: *mut Scope, fit: Fit) -> Option<u32> {
    // SAFETY: an open scope.
    unsafe {
        if (*scope).map == 0 {
            return None;
        }
        let mut link = &raw mut (*scope).heads[fit.class as usize];
        for _ in 0..MOST_TRIED {
            let block = link.read_unaligned();
            if block == 0 {
                break;
            }
            let bytes = word(memory, block, 1);
            if bytes >= fit.bytes {
                link.write_unaligned(word(memory, block, 0));
                let rest = bytes - fit.bytes;
                give(memory, scope, block.wrapping_add(fit.bytes), rest, bytes);
                return Some(block);
            }
            link = memory.at(block).cast();
        }
    }
    None
}

/// The size of a free block in the list of `class`.
pub(super) fn bytes<M: PageSource>(memory: &M, class: u32, block: u32) -> u32 {
    if class.wrapping_sub(1) < LAST_EXACT {
        exact_bytes(class)
    } else {
        word(memory, block, 1)
    }
}
