//! The workloads of the benches, over one allocator: a feature names which.
//!
//! The driver never allocates for itself; its tables are statics. Each workload is an export that checks what
//! blocks contain and traps where it is wrong, and returns a digest that is the same over every right allocator.
//! How much memory was taken the host sees by itself.
//!
//! | export | workload |
//! |---|---|
//! | `a`, `a_scopes` | blocks of 16 bytes in batches, freed first in first out; or by leaving a scope |
//! | `b`, `b_scopes` | 4 levels of 25 small blocks, freed last in first out; or by leaving a scope each |
//! | `c`, `c_scopes` | vectors that grow by doubling, interleaved |
//! | `d` | random `alloc`, `realloc` and `free` over many slots |
//! | `fill` | blocks that stay: a large heap for `d` |
//! | `e`, `e_scopes` | copies of 64 KiB |
//! | `replay` | the calls that a program has made |
//! | `maps`, `maps_scopes` | hash maps, built and dropped |
//! | `trees`, `trees_scopes` | binary trees |
//! | `json`, `json_scopes` | a document, parsed and printed |
//! | `compile`, `compile_scopes` | many small lifetimes, of which little outlives each |
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program that manages its memory by hand")]

#[cfg(not(any(feature = "alone", feature = "arena")))]
extern crate alloc;

#[cfg(not(any(feature = "alone", feature = "arena")))]
mod global_allocator;
mod peer;
#[cfg(not(feature = "alone"))]
mod random;
#[cfg(all(feature = "frees", not(feature = "alone")))]
mod sizes;
#[cfg(not(feature = "alone"))]
mod table;
#[cfg(not(feature = "alone"))]
mod workloads;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
