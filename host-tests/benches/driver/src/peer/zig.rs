//! Zig's `std.heap.wasm_allocator`, in an object that is linked.

unsafe extern "C" {
    #[link_name = "zig_alloc"]
    pub(crate) safe fn alloc(size: usize) -> *mut u8;
    #[link_name = "zig_realloc"]
    pub(crate) safe fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8;
    #[link_name = "zig_free"]
    pub(crate) safe fn free(block: *mut u8, size: usize);
}
