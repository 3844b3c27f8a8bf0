//! The imports of `sigil:allocator@0.1.0`.

#[link(wasm_import_module = "sigil:allocator/core@0.1.0")]
unsafe extern "C" {
    pub(crate) fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
}

#[link(wasm_import_module = "sigil:allocator/scope@0.1.0")]
unsafe extern "C" {
    #[link_name = "enter-scope"]
    safe fn enter_scope() -> u32;
    #[link_name = "exit-scope"]
    fn exit_scope(handle: u32);
}

/// What `work` yields; what it allocated is gone.
///
/// # Safety
/// 1. Nothing that was allocated or reallocated in `work` is used afterwards.
pub(crate) unsafe fn in_scope<T>(work: impl FnOnce() -> T) -> T {
    let handle = enter_scope();
    let outcome = work();
    // SAFETY: opened above, and still open: scopes opened inside have ended the same way.
    unsafe { exit_scope(handle) };
    outcome
}
