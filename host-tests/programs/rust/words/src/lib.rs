//! Counts the words of a text: a Rust program without Rust's own heap.
//!
//! `Words` is a hash map in vectors of an arena, entries in order of appearance and an index over them. Each paragraph is
//! read inside a scope that holds its lower-case copy; a word seen for the first time is copied where it lasts: into the
//! map's own text, another vector, which has room before the scope opens.
//! Prints through WASI; `run` gives the number of different words to a host that calls it.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

mod words;

use core::fmt::Write;

use sigil_alloc::{ArenaVec, scope};
use sigil_test_wasi::print;
use words::Words;

const TEXT: &str = include_str!("text.txt");
const N_SHOWN: usize = 12;

/// The command: prints the most frequent words.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    scope(|arena| {
        let mut words = Words::new(arena);
        words.read(arena, TEXT);
        let mut text = ArenaVec::new();
        for rank in words.ranking(arena).iter().take(N_SHOWN) {
            let (word, count) = words.at(*rank);
            // Text goes into an arena, which never fails.
            let _ = write!(text.writer(arena), "{count:4}  ");
            text.extend_from_slice(arena, word);
            text.push(arena, b'\n');
        }
        let _ = writeln!(text.writer(arena), "{:4} different words", words.len());
        print(&text);
    });
}

/// How many different words the text has.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    scope(|arena| {
        let mut words = Words::new(arena);
        words.read(arena, TEXT);
        words.len() as i32
    })
}
