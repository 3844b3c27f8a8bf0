//! C's malloc, in objects that are linked.

unsafe extern "C" {
    #[link_name = "malloc"]
    fn c_malloc(size: usize) -> *mut u8;
    #[link_name = "realloc"]
    fn c_realloc(old: *mut u8, new_size: usize) -> *mut u8;
    #[link_name = "free"]
    fn c_free(block: *mut u8);
}

#[inline(always)]
pub(crate) fn alloc(size: usize) -> *mut u8 {
    // SAFETY: any size may be asked for.
    unsafe { c_malloc(size) }
}

#[inline(always)]
pub(crate) fn realloc(old: *mut u8, _: usize, new_size: usize) -> *mut u8 {
    // SAFETY: the caller's block.
    unsafe { c_realloc(old, new_size) }
}

#[inline(always)]
pub(crate) fn free(block: *mut u8, _: usize) {
    // SAFETY: the caller's block.
    unsafe { c_free(block) }
}
