//! What stands in for a conformer where there is none: each block is one of the system's.
//!
//! A thread has a list of the blocks in its scopes, newest first, each behind a header that says how deep in scopes it was
//! made. An exit frees from the front of the list. Blocks of the root are in no list; those of [`Heap`](crate::Heap) have no header
//! either, and any thread may free them. Every block is the system's own, so that tools that watch memory see where it ends.

extern crate std;

use core::{cell::Cell, mem::size_of, ptr};
use std::alloc::{GlobalAlloc, Layout, System, handle_alloc_error};

use crate::ALIGN;

/// What stands just in front of a block of [`alloc`], which is aligned by it (A1), also where pointers have 32 bits.
#[repr(align(8))]
struct Header {
    older: *mut Header,
    newer: *mut Header,
    depth: u32,
    /// Of the allocation: header and block.
    layout: Layout,
}

const _: () = assert!(align_of::<Header>() >= ALIGN);

/// No field needs dropping: the first use in a thread allocates nothing, not even where this is the global allocator.
struct Thread {
    newest: Cell<*mut Header>,
    depth: Cell<u32>,
    open: Cell<bool>,
}

std::thread_local! {
    static THREAD: Thread = const {
        Thread {
            newest: Cell::new(ptr::null_mut()),
            depth: Cell::new(0),
            open: Cell::new(false),
        }
    };
}

/// A block behind a header, which is nobody's yet.
fn obtain(size: usize) -> *mut u8 {
    let whole = size.checked_add(size_of::<Header>());
    let layout = whole.map(|whole| Layout::from_size_align(whole, align_of::<Header>()));
    let Some(Ok(layout)) = layout else {
        stop("a block of more than half of all addresses was asked for")
    };
    // SAFETY: not of size 0.
    let header = unsafe { System.alloc(layout) }.cast::<Header>();
    if header.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: the allocation begins with a place for a header, behind which the block is.
    unsafe {
        header.write(Header {
            older: ptr::null_mut(),
            newer: ptr::null_mut(),
            depth: 0,
            layout,
        });
        header.add(1).cast()
    }
}

/// Makes a block the newest of the innermost scope; in the root it stays nobody's.
fn own(block: *mut u8) -> *mut u8 {
    THREAD.with(|thread| {
        let depth = thread.depth.get();
        if depth == 0 {
            return;
        }
        let header = header(block);
        let older = thread.newest.replace(header);
        // SAFETY: the headers of live blocks, `older` perhaps null.
        unsafe {
            (*header).older = older;
            (*header).depth = depth;
            if !older.is_null() {
                (*older).newer = header;
            }
        }
    });
    block
}

fn header(block: *mut u8) -> *mut Header {
    block.cast::<Header>().wrapping_sub(1)
}

/// # Safety
/// 1. `header` is that of a live block in the list.
unsafe fn give_back(header: *mut Header) {
    // SAFETY: by 1. a header, whose neighbours are headers or null; the layout is the one that it was allocated with.
    unsafe {
        let (older, newer, layout) = ((*header).older, (*header).newer, (*header).layout);
        if !older.is_null() {
            (*older).newer = newer;
        }
        if newer.is_null() {
            THREAD.with(|thread| thread.newest.set(older));
        } else {
            (*newer).older = older;
        }
        System.dealloc(header.cast(), layout);
    }
}

pub(crate) fn alloc(size: usize) -> *mut u8 {
    own(obtain(size))
}

/// Never in place. In the root, where nothing is freed but by [`Heap`](crate::Heap), the old block stays.
///
/// # Safety
/// 1. `old` is a live block of `old_size` bytes, and the innermost scope's.
pub(crate) unsafe fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    let new = alloc(new_size);
    // SAFETY: by 1. two blocks of at least so many bytes; then the old one ends.
    unsafe {
        new.copy_from_nonoverlapping(old, old_size.min(new_size));
        if THREAD.with(|thread| thread.depth.get()) > 0 {
            give_back(header(old));
        }
    }
    new
}

/// What the system is asked for by [`Heap`](crate::Heap), unless that is more than there can be.
fn aligned(size: usize, align: usize) -> Option<Layout> {
    Layout::from_size_align(size, align.max(ALIGN)).ok()
}

pub(crate) fn try_alloc(size: usize) -> *mut u8 {
    alloc_aligned(size, ALIGN)
}

pub(crate) fn alloc_zeroed(size: usize) -> *mut u8 {
    // SAFETY: Rust asks for no blocks of size 0.
    aligned(size, ALIGN).map_or(ptr::null_mut(), |layout| unsafe {
        System.alloc_zeroed(layout)
    })
}

pub(crate) fn alloc_aligned(size: usize, align: usize) -> *mut u8 {
    // SAFETY: Rust asks for no blocks of size 0.
    aligned(size, align).map_or(ptr::null_mut(), |layout| unsafe { System.alloc(layout) })
}

/// # Safety
/// 1. `block` is live, and of one of the three calls above.
pub(crate) unsafe fn free(block: *mut u8, layout: Layout) {
    if let Some(layout) = aligned(layout.size(), layout.align()) {
        // SAFETY: by 1. the system's, with the layout that it was asked for.
        unsafe { System.dealloc(block, layout) };
    }
}

/// Never: the system cannot.
///
/// # Safety
/// None of its own; on wasm there is.
pub(crate) unsafe fn resize_in_place(_block: *mut u8, old_size: usize, new_size: usize) -> bool {
    old_size == new_size
}

pub(crate) fn enter_scope() -> u32 {
    THREAD.with(|thread| {
        thread.depth.set(thread.depth.get() + 1);
        thread.depth.get()
    })
}

/// # Safety
/// 1. `handle` is open, and none of its blocks is used afterwards.
pub(crate) unsafe fn exit_scope(handle: u32) {
    THREAD.with(|thread| {
        assert!(
            (1..=thread.depth.get()).contains(&handle),
            "an exit from scope {handle}, {} being the innermost",
            thread.depth.get()
        );
        thread.depth.set(handle - 1);
        // SAFETY: headers of live blocks; by 1. nobody uses them.
        unsafe {
            loop {
                let newest = thread.newest.get();
                if newest.is_null() || (*newest).depth < handle {
                    return;
                }
                give_back(newest);
            }
        }
    });
}

/// # Safety
/// 1. `handle` is open, and none of its blocks is used afterwards.
/// 2. `source` is readable for `size` bytes.
pub(crate) unsafe fn promote(handle: u32, source: *const u8, size: usize) -> *mut u8 {
    let block = obtain(size);
    // SAFETY: by 2. and the new block; then by 1.
    unsafe {
        block.copy_from_nonoverlapping(source, size);
        exit_scope(handle);
    }
    own(block)
}

pub(crate) fn is_open() -> bool {
    THREAD.with(|thread| thread.open.get())
}

pub(crate) fn set_open(open: bool) {
    THREAD.with(|thread| thread.open.set(open));
}

/// Ends the program, saying why. Not a panic: allocators must not unwind.
pub(crate) fn stop(why: &str) -> ! {
    // What prints may allocate.
    set_open(false);
    std::eprintln!("{why}");
    std::process::abort()
}
