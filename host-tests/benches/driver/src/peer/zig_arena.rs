//! Zig's `ArenaAllocator` over its `wasm_allocator`, in an object that is linked. Scopes inside one another end with the
//! outermost.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

unsafe extern "C" {
    #[link_name = "zig_arena_alloc"]
    pub(crate) safe fn alloc(size: usize) -> *mut u8;
    #[link_name = "zig_arena_realloc"]
    pub(crate) safe fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
    safe fn zig_arena_reset();
}

/// How many scopes are open. Without threads an atomic is a plain number.
static N_SCOPES: AtomicU32 = AtomicU32::new(0);

#[inline(always)]
pub(crate) fn enter_scope() -> u32 {
    let depth = N_SCOPES.load(Relaxed) + 1;
    N_SCOPES.store(depth, Relaxed);
    depth
}

#[inline(always)]
pub(crate) fn exit_scope(scope: u32) {
    N_SCOPES.store(scope - 1, Relaxed);
    if scope == 1 {
        zig_arena_reset();
    }
}
