//! An index of a text, again and again: a Rust program whose `Vec`, `String` and `BTreeMap` live in a heap
//! that is chosen when the program is linked.
//!
//! Every turn builds a map from words to the lines that they stand in, and drops it: a program that frees,
//! and that would take a hundred times the memory if it did not. Prints through WASI; `run` gives the
//! number of entries to a host that calls it, `fallible` and `take` are about memory that is not there.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

use alloc::{boxed::Box, collections::BTreeMap, format, string::String, vec, vec::Vec};

use sigil_alloc::Heap;
use sigil_test_wasi::print;

#[global_allocator]
static HEAP: Heap = Heap;

const TEXT: &str = include_str!("../../words/src/text.txt");
const N_TURNS: usize = 100;

/// Eight lanes, as vector code has them: more than a heap aligns to by itself.
#[repr(align(64))]
struct Lanes([u32; 16]);

/// The words of the text in lower case, each with the numbers of its lines.
fn index() -> BTreeMap<String, Vec<u32>> {
    let mut entries: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for (line, number) in TEXT.lines().zip(1..) {
        for word in line.split(|c: char| !c.is_alphanumeric()) {
            if word.len() > 3 {
                entries.entry(word.to_lowercase()).or_default().push(number);
            }
        }
    }
    entries
}

/// How long the words are, by length, in boxes with a large alignment and in zeroed memory.
fn lengths(entries: &BTreeMap<String, Vec<u32>>) -> Vec<u32> {
    let mut lanes: Vec<Box<Lanes>> = Vec::new();
    let mut counts = vec![0; 64];
    for word in entries.keys() {
        let lane = Box::new(Lanes([word.len() as u32; 16]));
        assert!((&raw const *lane).addr().is_multiple_of(64));
        lanes.push(lane);
    }
    for lane in &lanes {
        counts[lane.0[7] as usize] += 1;
    }
    counts
}

/// The command: prints the longest words with their lines.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut entries = index();
    for _ in 1..N_TURNS {
        entries = index();
    }
    let counts = lengths(&entries);
    let longest = counts.iter().rposition(|&n| n > 0).unwrap_or(0);
    let mut output = format!(
        "{} words, the longest of {longest} letters\n",
        entries.len()
    );
    for (word, lines) in entries.iter().filter(|(word, _)| word.len() + 2 >= longest) {
        let lines: Vec<String> = lines.iter().map(|line| format!("{line}")).collect();
        output += &format!("{word}: {}\n", lines.join(", "));
    }
    print(output.as_bytes());
}

/// How many entries the index has.
#[unsafe(no_mangle)]
pub extern "C" fn run() -> i32 {
    index().len() as i32
}

/// 1 where a request of `size` bytes that memory does not hold is refused, and nothing is lost by that.
#[unsafe(no_mangle)]
pub extern "C" fn fallible(size: usize) -> i32 {
    let mut numbers = vec![7; 1000];
    let no_more = numbers.try_reserve_exact(size / size_of::<i32>()).is_err();
    let no_others = Vec::<u8>::new().try_reserve_exact(size).is_err();
    numbers.extend([7; 1000]);
    let kept = numbers.len() == 2000 && numbers.iter().all(|number| *number == 7);
    (no_more && no_others && kept).into()
}

/// Allocates `size` bytes without asking whether they are there.
#[unsafe(no_mangle)]
pub extern "C" fn take(size: usize) -> i32 {
    Vec::<u8>::with_capacity(size).capacity() as i32
}
