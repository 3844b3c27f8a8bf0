//! The bump strategy: a pointer, an end, and nothing per block.
//!
//! ```text
//! alloc(n):  if n > end - ptr { slow path }      enter:  mark at ptr; scope = mark
//!            block = ptr                         exit:   ptr = mark; scope = mark.parent
//!            ptr += round_up(n, 8)
//! ```
//!
//! **No wrap (H4).** `ptr` and `end` are multiples of 8 and `ptr <= end`, so `end - ptr` is exact, the
//! unrounded `n` is compared with it, and an `n` that fits still fits rounded up.
//!
//! **Foreign growth (H3).** Memory that this heap obtained is a list of *chunks* in address order. The
//! last one is extended where `memory.grow` continues it; where somebody else grew in between, a new
//! chunk begins. `next` links are never undone: a chunk that an exit left behind is used again before
//! memory grows (S3, B1).
//!
//! **Scopes.** Entering writes an 8-byte *mark* at the bump pointer: the parent scope and the chunk.
//! The mark's address is the handle. Leaving restores all four words of the state from it, in the same
//! time for one block or a million. Because open marks are a list, a handle that is not open is
//! recognised exactly (S7), and a block of an older scope is never the newest one, so growing in place
//! never runs over a scope boundary (S6).
//!
//! | cost | |
//! |---|---|
//! | per block | 0 bytes, padding to 8 |
//! | per scope | 8 bytes |
//! | per chunk but the first | 8 bytes |

use core::{num::NonZeroU32, ptr};

use crate::{
    Fault, PageSource, Strategy,
    address::{ALIGN, PAGE_LOG2, end_of_pages, round_up_fitting},
};

/// The state of a bump heap: six words.
///
/// Shape: `[ptr | end | chunk | scope | base | root]`, each a `W`: `u32` where the heap runs. A
/// conformer's static initialiser is a `Bump<*const u8>`, whose words are symbols that a linker
/// relocates, so that the first call finds the heap ready (H8).
#[repr(C)]
#[derive(Debug)]
pub struct Bump<W = u32> {
    /// The next free address. Invariant FREE: `ptr <= end`, both multiples of 8.
    ptr: W,
    /// The end of the current chunk: a copy of its header's `end`.
    end: W,
    /// The address of the current chunk's header.
    chunk: W,
    /// The mark of the innermost open scope, or 0. Invariant OPEN: following `parent` from here visits
    /// each open scope once, innermost first, and ends in 0.
    scope: W,
    /// The lowest address of the heap.
    base: W,
    /// The address of the root chunk's header, which lies outside the heap.
    root: W,
}

/// What a chunk begins with; the root chunk's stands among the conformer's statics instead.
///
/// Shape: `[end | next]`, 8 bytes: the first address behind the chunk, and the header of the chunk
/// above it or 0. Invariant LIST: following `next` from the root visits every chunk once, in address
/// order; only the last one's `end` ever changes.
#[repr(C)]
#[derive(Debug)]
pub struct Chunk<W = u32> {
    end: W,
    next: W,
}

/// What [`Strategy::enter_scope`] leaves at the bump pointer.
///
/// Shape: `[parent | chunk]`, 8 bytes: the mark of the enclosing scope or 0, and the header of the
/// chunk that this mark lies in.
#[repr(C)]
#[derive(Clone, Copy)]
struct Mark {
    parent: u32,
    chunk: u32,
}

const HEADER_BYTES: u32 = size_of::<Chunk>() as u32;
const MARK_BYTES: u32 = size_of::<Mark>() as u32;
const _: () = assert!(HEADER_BYTES.is_multiple_of(ALIGN) && MARK_BYTES.is_multiple_of(ALIGN));

impl<W: Copy> Chunk<W> {
    /// The root chunk's header: a chunk that ends at `end` with none above it (`zero`).
    pub const fn root(end: W, zero: W) -> Self {
        Self { end, next: zero }
    }
}

impl<W: Copy> Bump<W> {
    /// An empty heap over the bytes from `base` to `end`, both multiples of 8, `base` not 0.
    ///
    /// `root` is the address of a [`Chunk::root`] with the same `end`, outside the heap; `zero` is a
    /// word that is 0.
    pub const fn new(root: W, base: W, end: W, zero: W) -> Self {
        Self { ptr: base, end, chunk: root, scope: zero, base, root }
    }
}

impl Bump {
    /// Takes `size_bytes` at `at` in `chunk`; or else at the start of a chunk above; or else from memory
    /// that grows for it. The chunk that serves becomes the current one.
    ///
    /// Nothing that matters is written before it is clear that the request is served (H6).
    ///
    /// # Safety
    ///
    /// `chunk` is the address of a chunk header, and `at` a free, aligned address in that chunk.
    #[inline(never)]
    unsafe fn place(
        &mut self,
        memory: &mut impl PageSource,
        mut chunk: u32,
        mut at: u32,
        size_bytes: u32,
    ) -> Option<NonZeroU32> {
        loop {
            // SAFETY: the caller's `chunk`, or by LIST one that `next` names, or the one just written.
            let header = unsafe { &mut *header(memory, chunk) };
            let free = header.end - at;
            if size_bytes <= free {
                self.ptr = at + round_up_fitting(size_bytes);
                self.end = header.end;
                self.chunk = chunk;
                return NonZeroU32::new(at);
            }
            let mut next = header.next;
            if next == 0 {
                let old_pages = memory.size_pages();
                next = old_pages << PAGE_LOG2;
                let continues = header.end == next;
                let free = if continues { free } else { 0u32.wrapping_sub(HEADER_BYTES) };
                let delta_pages = (size_bytes.wrapping_sub(free + 1) >> PAGE_LOG2) + 1;
                if memory.grow(delta_pages).is_none() {
                    memory.fault(Fault::Exhausted { size_bytes });
                    return None;
                }
                let end = end_of_pages(old_pages + delta_pages);
                if continues {
                    header.end = end;
                    continue;
                }
                header.next = next;
                // SAFETY: memory has just grown at `next`, by at least the header.
                unsafe { self::header(memory, next).write(Chunk { end, next: 0 }) };
            }
            chunk = next;
            at = next + HEADER_BYTES;
        }
    }

    /// Ends the scope `handle` and everything inside it, and takes `size_bytes` for its parent where it
    /// stood.
    #[inline(never)]
    fn close(
        &mut self,
        memory: &mut impl PageSource,
        handle: u32,
        size_bytes: u32,
    ) -> Option<NonZeroU32> {
        let mut scope = self.scope;
        loop {
            if scope == 0 {
                memory.fault(Fault::BadHandle);
                return None;
            }
            // SAFETY: by OPEN `scope` is the address of a mark that `enter_scope` wrote.
            let mark = unsafe { memory.at(scope).cast::<Mark>().read() };
            if scope == handle {
                // SAFETY: all from the mark on belongs to the scope that ends here.
                let block = unsafe { self.place(memory, mark.chunk, handle, size_bytes) }?;
                self.scope = mark.parent;
                return Some(block);
            }
            scope = mark.parent;
        }
    }
}

impl Strategy for Bump {
    #[inline]
    fn alloc(&mut self, memory: &mut impl PageSource, size_bytes: u32) -> Option<NonZeroU32> {
        let at = self.ptr;
        if size_bytes <= self.end - at {
            self.ptr = at + round_up_fitting(size_bytes);
            // SAFETY: by FREE `at` is at least `base`, which is not 0.
            return Some(unsafe { NonZeroU32::new_unchecked(at) });
        }
        // SAFETY: `ptr` is free and lies in the current chunk.
        unsafe { self.place(memory, self.chunk, at, size_bytes) }
    }

    #[inline]
    unsafe fn realloc(
        &mut self,
        memory: &mut impl PageSource,
        old: u32,
        old_bytes: u32,
        new_bytes: u32,
    ) -> Option<NonZeroU32> {
        let mut at = self.ptr;
        if old != 0 {
            if old.wrapping_add(round_up_fitting(old_bytes)) == at {
                // The newest block gives up its place, and as a rule gets it again.
                at = old;
            } else if new_bytes <= old_bytes {
                return NonZeroU32::new(old);
            }
        }
        // SAFETY: `ptr` is free, and so is all from the newest block on once that block is given up;
        // no scope was opened since, because a mark would lie between.
        let new = unsafe { self.place(memory, self.chunk, at, new_bytes) }?;
        if old != 0 && new.get() != old {
            // SAFETY: the caller's block of `old_bytes`, and ours of `new_bytes`.
            unsafe {
                ptr::copy(memory.at(old), memory.at(new.get()), old_bytes.min(new_bytes) as usize);
            }
        }
        Some(new)
    }

    #[inline]
    fn enter_scope(&mut self, memory: &mut impl PageSource) -> Option<NonZeroU32> {
        let handle = self.alloc(memory, MARK_BYTES)?;
        let mark = Mark { parent: self.scope, chunk: self.chunk };
        // SAFETY: the block is ours, aligned, and as long as a mark.
        unsafe { memory.at(handle.get()).cast::<Mark>().write(mark) };
        self.scope = handle.get();
        Some(handle)
    }

    #[inline]
    fn exit_scope(&mut self, memory: &mut impl PageSource, handle: u32) -> Option<()> {
        self.close(memory, handle, 0).map(|_| ())
    }

    #[inline]
    unsafe fn promote(
        &mut self,
        memory: &mut impl PageSource,
        handle: u32,
        source: u32,
        size_bytes: u32,
    ) -> Option<NonZeroU32> {
        let block = self.close(memory, handle, size_bytes)?;
        // SAFETY: readable by the caller's promise, and a block of ours; they may overlap.
        unsafe { ptr::copy(memory.at(source), memory.at(block.get()), size_bytes as usize) };
        Some(block)
    }

    #[inline]
    fn free_all(&mut self, memory: &mut impl PageSource) {
        self.scope = 0;
        // SAFETY: the root chunk is free from its base on.
        let lowest = unsafe { self.place(memory, self.root, self.base, 0) };
        debug_assert!(lowest.is_some());
    }
}

/// The chunk header at `address`.
fn header(memory: &impl PageSource, address: u32) -> *mut Chunk {
    memory.at(address).cast()
}
