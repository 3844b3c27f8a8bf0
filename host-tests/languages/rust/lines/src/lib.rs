//! `lines`: a text pipeline with an arena per line; over Rust's own allocator, with vectors that are dropped with the line.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

#[cfg(feature = "own")]
extern crate alloc;

#[cfg(feature = "own")]
#[path = "../../heap.rs"]
mod heap;
mod text;
#[cfg_attr(not(feature = "own"), path = "with_arenas.rs")]
#[cfg_attr(feature = "own", path = "with_vectors.rs")]
mod with;

/// The input is processed as often, and the last time is printed.
const N_TURNS: usize = 50;

/// How much there was.
#[derive(Default)]
struct Counts {
    lines: usize,
    words: usize,
    kept: usize,
}

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    with::run();
}
