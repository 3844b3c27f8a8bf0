//! The imports of `sigil:allocator` and `sigil:allocator-ext`, and the flag that says that a scope is open.

use core::{alloc::Layout, cell::UnsafeCell};

#[link(wasm_import_module = "sigil:allocator/core@0.1.0")]
unsafe extern "C" {
    pub(crate) safe fn alloc(size: usize) -> *mut u8;
    pub(crate) fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
}

#[link(wasm_import_module = "sigil:allocator/scope@0.1.0")]
unsafe extern "C" {
    #[link_name = "enter-scope"]
    pub(crate) safe fn enter_scope() -> u32;
    #[link_name = "exit-scope"]
    pub(crate) fn exit_scope(handle: u32);
    pub(crate) fn promote(handle: u32, source: *const u8, size: usize) -> *mut u8;
}

#[link(wasm_import_module = "sigil:allocator-ext/sized@0.1.0")]
unsafe extern "C" {
    #[link_name = "free"]
    fn free_sized(block: *mut u8, size: usize);
    #[link_name = "alloc-aligned"]
    pub(crate) safe fn alloc_aligned(size: usize, align: usize) -> *mut u8;
    #[link_name = "alloc-zeroed"]
    pub(crate) safe fn alloc_zeroed(size: usize) -> *mut u8;
    #[link_name = "try-alloc"]
    pub(crate) safe fn try_alloc(size: usize) -> *mut u8;
    #[link_name = "resize-in-place"]
    pub(crate) fn resize_in_place(block: *mut u8, old_size: usize, new_size: usize) -> bool;
}

/// # Safety
/// 1. `block` is live and has that layout.
#[inline]
pub(crate) unsafe fn free(block: *mut u8, layout: Layout) {
    // SAFETY: by 1.
    unsafe { free_sized(block, layout.size()) }
}

/// Whether a scope of an arena is open.
struct Open(UnsafeCell<bool>);

// SAFETY: without atomics, which `lib.rs` refuses, there is one thread.
unsafe impl Sync for Open {}

static OPEN: Open = Open(UnsafeCell::new(false));

#[inline]
pub(crate) fn is_open() -> bool {
    // SAFETY: one thread, and nobody holds a reference.
    unsafe { *OPEN.0.get() }
}

pub(crate) fn set_open(open: bool) {
    // SAFETY: as above.
    unsafe { *OPEN.0.get() = open }
}

/// Ends the program. The caller's name says why.
pub(crate) fn stop(_: &str) -> ! {
    core::arch::wasm32::unreachable()
}
