//! Over Rust's own allocator: what a line needs is dropped with it.

use alloc::{format, vec::Vec};

use sigil_test_wasi::{print, read};

use crate::{
    Counts, N_TURNS,
    text::{lines, normalize},
};

pub(crate) fn run() {
    let mut input = Vec::new();
    read(|part| input.extend_from_slice(part));
    for turn in 1..=N_TURNS {
        process(&input, turn == N_TURNS);
    }
}

/// All lines, once.
fn process(input: &[u8], prints: bool) {
    let mut counts = Counts::default();
    let mut longest = Vec::new();
    for line in lines(input) {
        counts.lines += 1;
        let mut words = words(line);
        counts.words += words.len();
        for word in &words {
            if word.len() > longest.len() {
                longest.clone_from(word);
            }
        }
        words.sort_unstable();
        words.dedup();
        counts.kept += words.len();
        if !words.is_empty() {
            let mut joined = words.join(&b' ');
            joined.push(b'\n');
            if prints {
                print(&joined);
            }
        }
    }
    if prints {
        let Counts { lines, words, kept } = counts;
        print(format!("lines {lines} words {words} kept {kept} longest ").as_bytes());
        longest.push(b'\n');
        print(&longest);
    }
}

/// The words of a line, each a changed copy.
fn words(line: &[u8]) -> Vec<Vec<u8>> {
    let words = line.split(|byte| *byte == b' ').map(|word| {
        let mut word = word.to_vec();
        let len = normalize(&mut word);
        word.truncate(len);
        word
    });
    words.filter(|word| !word.is_empty()).collect()
}
