//! Arenas and Rust's own collections over one conformer: words are sorted in a scope, and what is kept of them is collected outside.
//!
//! A `Vec` that was made inside would end with the scope, wherever it went: `leak` tries, and is stopped.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

use alloc::{collections::BTreeMap, format, string::String, vec, vec::Vec};

use sigil_alloc::{ArenaVec, Heap, scope};
use sigil_test_wasi::print;

#[global_allocator]
static HEAP: Heap = Heap;

const TEXT: &str = "one two three four five six seven eight nine ten eleven twelve";

/// As much as vector code asks for.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Lanes([u8; 64]);

/// The command: prints the words by their lengths.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut by_length: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let no_longer_used = vec![0; 10_000];
    let n_words = scope(|arena| {
        let words = arena.promote(|inner| {
            inner.fill(1000, |_| Lanes([1; 64]));
            // To free is allowed, also what is older than the scope.
            drop(no_longer_used);
            let mut words = ArenaVec::new();
            for word in TEXT.split(' ') {
                words.push(inner, word);
            }
            words.into_slice()
        });
        words.sort_unstable();
        let lanes = arena.promote(|inner| inner.alloc(Lanes([2; 64])));
        let is_aligned = (&raw const *lanes).addr().is_multiple_of(64);
        let is_kept = is_aligned && lanes.0 == [2; 64];
        is_kept.then_some(words.len())
    });
    for word in TEXT.split(' ') {
        by_length.entry(word.len()).or_default().push(word);
    }
    let mut output = format!("{} words\n", n_words.unwrap_or_default());
    for (length, mut words) in by_length {
        words.sort_unstable();
        output += &format!("{length}: {}\n", words.join(" "));
    }
    print(output.as_bytes());
}

/// Makes a vector in a scope, and would return what is freed by then.
#[unsafe(no_mangle)]
pub extern "C" fn leak() -> i32 {
    let text: String = scope(|_| "made inside".into());
    text.len() as i32
}
