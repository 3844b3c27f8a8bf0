//! What stands in for a conformer where there is none: each block is one of the system's.
//!
//! A thread has a list of the blocks in its scopes, newest first, each behind a header that says how deep in scopes it was
//! made. An exit frees from the front of the list. Blocks of the root are in no list, and may be freed by any thread. Every block
//! is the system's own, so that tools that watch memory see where it ends.

extern crate std;

use core::{cell::Cell, mem::size_of, ptr};
use std::alloc::{GlobalAlloc, Layout, System, handle_alloc_error};

use crate::ALIGN;

/// What stands just in front of a block.
struct Header {
    older: *mut Header,
    newer: *mut Header,
    /// 0: the root's.
    depth: u32,
    /// Of the allocation that the block is the end of.
    layout: Layout,
}

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

/// A block that is nobody's yet, or null; its bytes are 0 if `zeroed`.
fn obtain(size: usize, align: usize, zeroed: bool) -> *mut u8 {
    let align = align.max(align_of::<Header>());
    let offset = size_of::<Header>().next_multiple_of(align);
    let Some(Ok(layout)) =
        (size.checked_add(offset)).map(|whole| Layout::from_size_align(whole, align))
    else {
        return ptr::null_mut();
    };
    // SAFETY: not of size 0.
    let start = unsafe {
        if zeroed {
            System.alloc_zeroed(layout)
        } else {
            System.alloc(layout)
        }
    };
    if start.is_null() {
        return start;
    }
    // SAFETY: the allocation begins with `offset` bytes in front of the block.
    let block = unsafe { start.add(offset) };
    // SAFETY: a header fits between the two, and is aligned: `offset` and its size are multiples of its alignment.
    unsafe {
        header(block).write(Header {
            older: ptr::null_mut(),
            newer: ptr::null_mut(),
            depth: 0,
            layout,
        });
    }
    block
}

/// Makes a block the newest of the innermost scope. Null stays null.
fn own(block: *mut u8) -> *mut u8 {
    THREAD.with(|thread| {
        let depth = thread.depth.get();
        if block.is_null() || depth == 0 {
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
    block.wrapping_sub(size_of::<Header>()).cast()
}

/// # Safety
/// 1. `header` is a live block's.
unsafe fn give_back(header: *mut Header) {
    // SAFETY: by 1. a header, whose neighbours are headers or null; the layout is the one that it was allocated with.
    unsafe {
        let (older, newer, layout) = ((*header).older, (*header).newer, (*header).layout);
        if !older.is_null() {
            (*older).newer = newer;
        }
        if !newer.is_null() {
            (*newer).older = older;
        } else if (*header).depth > 0 {
            THREAD.with(|thread| thread.newest.set(older));
        }
        let block = header.cast::<u8>().add(size_of::<Header>());
        System.dealloc(
            block.sub(size_of::<Header>().next_multiple_of(layout.align())),
            layout,
        );
    }
}

fn or_stop(block: *mut u8, size: usize) -> *mut u8 {
    if block.is_null() {
        handle_alloc_error(Layout::from_size_align(size, ALIGN).unwrap_or(Layout::new::<u8>()))
    }
    block
}

pub(crate) fn try_alloc(size: usize) -> *mut u8 {
    own(obtain(size, ALIGN, false))
}

pub(crate) fn alloc(size: usize) -> *mut u8 {
    or_stop(try_alloc(size), size)
}

pub(crate) fn alloc_zeroed(size: usize) -> *mut u8 {
    or_stop(own(obtain(size, ALIGN, true)), size)
}

pub(crate) fn alloc_aligned(size: usize, align: usize) -> *mut u8 {
    or_stop(own(obtain(size, align, false)), size)
}

/// # Safety
/// 1. `block` is live, or null.
pub(crate) unsafe fn free(block: *mut u8, _: usize) {
    if !block.is_null() {
        // SAFETY: by 1.
        unsafe { give_back(header(block)) };
    }
}

/// # Safety
/// 1. `old` is a live block of `old_size` bytes, or null.
pub(crate) unsafe fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    let new = alloc(new_size);
    if !old.is_null() {
        // SAFETY: by 1. two blocks of at least so many bytes; then the old one ends.
        unsafe {
            new.copy_from_nonoverlapping(old, old_size.min(new_size));
            free(old, old_size);
        }
    }
    new
}

/// Never larger: the system cannot say. Smaller is the same block.
///
/// # Safety
/// 1. `block` is live and has `old_size` bytes.
pub(crate) unsafe fn resize_in_place(_block: *mut u8, old_size: usize, new_size: usize) -> bool {
    new_size <= old_size
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
    let block = or_stop(obtain(size, ALIGN, false), size);
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
