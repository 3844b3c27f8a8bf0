//! A Rust allocator behind calls that stay calls: exported, so that nothing is known of the arguments, and never
//! inlined.

#[cfg(feature = "bumpalo")]
use super::bumpalo as inner;
#[cfg(not(feature = "bumpalo"))]
use super::global as inner;

#[unsafe(export_name = "peer_alloc")]
#[inline(never)]
pub(crate) extern "C" fn alloc(size: usize) -> *mut u8 {
    some(inner::alloc(size))
}

#[unsafe(export_name = "peer_realloc")]
#[inline(never)]
pub(crate) extern "C" fn realloc(old: *mut u8, old_size: usize, new_size: usize) -> *mut u8 {
    some(inner::realloc(old, old_size, new_size))
}

#[cfg(feature = "frees")]
#[unsafe(export_name = "peer_free")]
#[inline(never)]
pub(crate) extern "C" fn free(block: *mut u8, size: usize) {
    inner::free(block, size);
}

#[cfg(feature = "scopes")]
#[unsafe(export_name = "peer_enter")]
#[inline(never)]
pub(crate) extern "C" fn enter_scope() -> u32 {
    inner::enter_scope()
}

#[cfg(feature = "scopes")]
#[unsafe(export_name = "peer_exit")]
#[inline(never)]
pub(crate) extern "C" fn exit_scope(scope: u32) {
    inner::exit_scope(scope);
}

/// The block, which no call comes back without: exhaustion traps, as ours does.
#[inline(always)]
fn some(block: *mut u8) -> *mut u8 {
    if block.is_null() {
        core::arch::wasm32::unreachable()
    }
    block
}
