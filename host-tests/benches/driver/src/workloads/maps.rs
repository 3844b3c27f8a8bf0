//! Workload maps: hash maps that are built without being told how large they get.

use alloc::{format, string::String};
use core::hash::{BuildHasherDefault, Hasher};

use hashbrown::HashMap;

use crate::{random::Random, table::check};

const N_NUMBERS: u32 = 40_000;
const N_WORDS: u32 = 10_000;

/// `n_turns` of a map of numbers and a map of words, both built, read and dropped.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn maps(n_turns: u32) -> u32 {
    (0..n_turns).map(turn).fold(0, u32::wrapping_add)
}

/// The same, in a scope each.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn maps_scopes(n_turns: u32) -> u32 {
    let in_scope = |seed| super::in_scope(|| turn(seed));
    (0..n_turns).map(in_scope).fold(0, u32::wrapping_add)
}

fn turn(seed: u32) -> u32 {
    let mut numbers = Map::default();
    let mut random = Random::new(seed);
    for i in 0..N_NUMBERS {
        numbers.insert(random.next(), i);
    }
    let mut random = Random::new(seed);
    for i in 0..N_NUMBERS {
        check(numbers.get(&random.next()) == Some(&i));
    }
    let mut words: Map<String, u32> = Map::default();
    for i in 0..N_WORDS {
        *words.entry(format!("word {}", i % 7_001)).or_default() += i;
    }
    check(words.len() == 7_001);
    words.values().fold(0, |sum, n| sum ^ n)
}

type Map<K, V> = HashMap<K, V, BuildHasherDefault<Multiplied>>;

/// A hash of one multiplication for each 8 bytes: the same in every run, and cheap beside an allocation.
#[derive(Default)]
struct Multiplied(u64);

impl Hasher for Multiplied {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
