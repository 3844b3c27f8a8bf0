//! Over `sigil:allocator`: a scope for each line, from which the longest word is promoted.

use core::fmt::Write;

use sigil_alloc::{Arena, ArenaVec, scope};
use sigil_test_wasi::{print, read};

use crate::{
    Counts, N_TURNS,
    text::{lines, normalize},
};

pub(crate) fn run() {
    scope(|arena| {
        let mut input = ArenaVec::new();
        read(|part| input.extend_from_slice(arena, part));
        let input: &[u8] = input.into_slice();
        for turn in 1..=N_TURNS {
            arena.scope(|inner| process(inner, input, turn == N_TURNS));
        }
    });
}

/// All lines, once.
fn process(arena: &mut Arena<'_>, input: &[u8], prints: bool) {
    let mut counts = Counts::default();
    let mut longest: &[u8] = &[];
    for line in lines(input) {
        counts.lines += 1;
        let found = arena.try_promote(|inner| {
            let words = words(inner, line);
            counts.words += words.len();
            let longer = words.iter().fold(longest, |longest, word| {
                if word.len() > longest.len() {
                    word
                } else {
                    longest
                }
            });
            let joined = joined(inner, words, &mut counts);
            if prints && !joined.is_empty() {
                print(&joined);
            }
            if longer.len() > longest.len() {
                Ok(longer)
            } else {
                Err(())
            }
        });
        if let Ok(word) = found {
            longest = word;
        }
    }
    if prints {
        let Counts { lines, words, kept } = counts;
        let mut last = ArenaVec::new();
        // Text goes into an arena, which never fails.
        let _ = write!(
            last.writer(arena),
            "lines {lines} words {words} kept {kept} longest "
        );
        last.extend_from_slice(arena, longest);
        last.push(arena, b'\n');
        print(&last);
    }
}

/// The words of a line, each a changed copy.
fn words<'a>(arena: &Arena<'a>, line: &[u8]) -> &'a mut [&'a [u8]] {
    let mut words = ArenaVec::new();
    for word in line.split(|byte| *byte == b' ') {
        let copy = arena.copy(word);
        let len = normalize(copy);
        if len > 0 {
            words.push(arena, &copy[..len]);
        }
    }
    words.into_slice()
}

/// Each word once, in order, with spaces between, and a line end if there is a word.
fn joined<'a>(arena: &Arena<'a>, words: &mut [&[u8]], counts: &mut Counts) -> ArenaVec<'a, u8> {
    words.sort_unstable();
    let mut joined = ArenaVec::new();
    let mut last: &[u8] = &[];
    for word in &*words {
        if *word != last {
            if !joined.is_empty() {
                joined.push(arena, b' ');
            }
            joined.extend_from_slice(arena, word);
            counts.kept += 1;
            last = word;
        }
    }
    if !joined.is_empty() {
        joined.push(arena, b'\n');
    }
    joined
}
