//! bumpalo: an arena that is emptied as a whole. Scopes inside one another end with the outermost.

use core::{alloc::Layout, cell::UnsafeCell};

use ::bumpalo::Bump;

/// Where the arena's chunks come from: Rust's default.
#[global_allocator]
static CHUNKS: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

struct Arena(UnsafeCell<State>);

struct State {
    arena: Option<Bump>,
    n_scopes: u32,
}

// SAFETY: one thread.
unsafe impl Sync for Arena {}

static ARENA: Arena = Arena(UnsafeCell::new(State {
    arena: None,
    n_scopes: 0,
}));

#[inline(always)]
#[allow(clippy::mut_from_ref, reason = "a cell; see above")]
fn state() -> &'static mut State {
    // SAFETY: one thread, and no function here calls another while it holds the reference.
    unsafe { &mut *ARENA.0.get() }
}

#[inline(always)]
pub(crate) fn alloc(size: usize) -> *mut u8 {
    // SAFETY: the alignment is a power of two, and no workload asks for 2 GiB; every block is allocated in a
    // scope, and entering the first one makes the arena.
    unsafe {
        let layout = Layout::from_size_align_unchecked(size, 8);
        let arena = state().arena.as_ref().unwrap_unchecked();
        arena.alloc_layout(layout).as_ptr()
    }
}

#[inline(always)]
pub(crate) fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    let block = alloc(new_size);
    // SAFETY: the caller's block, with its size, and a new one.
    unsafe { block.copy_from_nonoverlapping(old, old_size.min(new_size)) };
    block
}

#[inline(always)]
pub(crate) fn enter_scope() -> u32 {
    let state = state();
    state.arena.get_or_insert_default();
    state.n_scopes += 1;
    state.n_scopes
}

#[inline(always)]
pub(crate) fn exit_scope(scope: u32) {
    let state = state();
    state.n_scopes = scope - 1;
    if state.n_scopes == 0
        && let Some(arena) = &mut state.arena
    {
        arena.reset();
    }
}
