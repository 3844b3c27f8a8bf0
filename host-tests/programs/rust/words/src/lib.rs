//! Counts the words of a text: a Rust program without Rust's own heap.
//!
//! `Words` is a hash map in two arrays, entries in order of appearance and an index over them, both
//! grown by `sigil:allocator`'s `realloc`. Each paragraph is read inside a scope that holds its lower-case copy;
//! a word seen for the first time is copied where it lasts: into the map's own text, another array.
//! Prints through WASI; `run` gives the number of different words to a host that calls it.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(
    unsafe_code,
    reason = "a program that manages its memory through imports"
)]

mod array;
mod sigil;
#[path = "../../wasi.rs"]
mod wasi;
mod words;

use array::Array;
use wasi::print;
use words::Words;

const TEXT: &str = include_str!("text.txt");
const N_SHOWN: usize = 12;

/// The command: prints the most frequent words.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut words = Words::new();
    words.read(TEXT);
    let mut line = Array::new();
    for rank in words.ranking().as_slice().iter().take(N_SHOWN) {
        let (word, count) = words.at(*rank);
        push_number(&mut line, count, 4);
        line.extend(b"  ");
        line.extend(word);
        line.push(b'\n');
    }
    push_number(&mut line, words.len() as u32, 4);
    line.extend(b" different words\n");
    print(line.as_slice());
}

/// How many different words the text has.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    let mut words = Words::new();
    words.read(TEXT);
    words.len() as i32
}

/// Decimal, right-aligned in `width` columns.
fn push_number(line: &mut Array<u8>, number: u32, width: usize) {
    let mut digits = [b' '; 10];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    line.extend(&digits[at.min(digits.len() - width)..]);
}
