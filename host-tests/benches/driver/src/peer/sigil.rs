//! Ours, whichever the driver is linked with.

#[link(wasm_import_module = "sigil:allocator/core@0.1.0")]
unsafe extern "C" {
    pub(crate) safe fn alloc(size: usize) -> *mut u8;
    pub(crate) safe fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
    #[cfg(feature = "scopes")]
    #[link_name = "mem-copy"]
    pub(crate) safe fn mem_copy(to: *mut u8, from: *const u8, size: usize);
}

#[cfg(feature = "scopes")]
#[link(wasm_import_module = "sigil:allocator/scope@0.1.0")]
unsafe extern "C" {
    #[link_name = "enter-scope"]
    pub(crate) safe fn enter_scope() -> u32;
    #[link_name = "exit-scope"]
    pub(crate) safe fn exit_scope(scope: u32);
    pub(crate) safe fn promote(scope: u32, ptr: *mut u8, size: usize) -> *mut u8;
}

#[cfg(feature = "frees")]
#[link(wasm_import_module = "sigil:allocator-ext/sized@0.1.0")]
unsafe extern "C" {
    pub(crate) safe fn free(ptr: *mut u8, size: usize);
}
