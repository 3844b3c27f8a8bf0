//! The hash map: words to counts.

use crate::{array::Array, sigil};

/// A word's place in [`Words::text`], its hash, and how often it came.
#[derive(Clone, Copy)]
struct Entry {
    start: usize,
    length: usize,
    hash: u32,
    count: u32,
}

const EMPTY: u32 = u32::MAX;

/// Open addressing with linear probing, at most half full.
pub(crate) struct Words {
    entries: Array<Entry>,
    /// Indices into `entries`, or [`EMPTY`]. The length is a power of two.
    index: Array<u32>,
    text: Array<u8>,
}

impl Words {
    pub(crate) fn new() -> Self {
        Self {
            entries: Array::new(),
            index: Array::filled(EMPTY, 8),
            text: Array::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Counts the words of `text`, paragraph by paragraph.
    pub(crate) fn read(&mut self, text: &str) {
        for paragraph in text.split("\n\n") {
            let before = self.capacity_for(paragraph);
            // SAFETY: 1. the lower-case copy ends with the closure; our own arrays have room for every
            // word of the paragraph, so that none of them moves into the scope.
            unsafe {
                sigil::in_scope(|| {
                    let mut lower = Array::new();
                    paragraph
                        .bytes()
                        .for_each(|byte| lower.push(byte.to_ascii_lowercase()));
                    lower
                        .as_slice()
                        .split(|byte| !byte.is_ascii_alphabetic())
                        .filter(|word| !word.is_empty())
                        .for_each(|word| self.count(word));
                });
            }
            assert_eq!(
                before,
                self.places(),
                "an array moved into a scope that has ended"
            );
        }
    }

    /// The word and the count of an entry.
    pub(crate) fn at(&self, entry: u32) -> (&[u8], u32) {
        let entry = &self.entries.as_slice()[entry as usize];
        (
            &self.text.as_slice()[entry.start..entry.start + entry.length],
            entry.count,
        )
    }

    /// The entries, most frequent first, words of one count by the alphabet. Insertion sort.
    pub(crate) fn ranking(&self) -> Array<u32> {
        let mut ranking = Array::new();
        for entry in 0..self.len() as u32 {
            ranking.push(entry);
            let order = ranking.as_mut_slice();
            let mut at = order.len() - 1;
            while at > 0 && self.is_before(order[at], order[at - 1]) {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        ranking
    }

    fn is_before(&self, left: u32, right: u32) -> bool {
        let ((left, left_count), (right, right_count)) = (self.at(left), self.at(right));
        left_count > right_count || left_count == right_count && left < right
    }

    /// Makes room for all that `paragraph` can add, and says where the arrays are now.
    fn capacity_for(&mut self, paragraph: &str) -> [usize; 3] {
        let n_words = paragraph.split_ascii_whitespace().count() * 2;
        self.entries.reserve(n_words);
        self.text.reserve(paragraph.len());
        let wanted = (self.len() + n_words) * 2;
        if self.index.len() < wanted {
            self.widen(wanted.next_power_of_two());
        }
        self.places()
    }

    fn places(&self) -> [usize; 3] {
        [
            self.entries.address(),
            self.text.address(),
            self.index.address(),
        ]
    }

    /// Grows the index by `realloc`, and finds each entry its new place.
    fn widen(&mut self, len: usize) {
        while self.index.len() < len {
            self.index.push(EMPTY);
        }
        self.index.as_mut_slice().fill(EMPTY);
        for entry in 0..self.len() {
            let hash = self.entries.as_slice()[entry].hash;
            let slot = self
                .slots(hash)
                .find(|slot| self.index.as_slice()[*slot] == EMPTY);
            if let Some(slot) = slot {
                self.index.as_mut_slice()[slot] = entry as u32;
            }
        }
    }

    fn count(&mut self, word: &[u8]) {
        let hash = hash(word);
        for slot in self.slots(hash) {
            let entry = self.index.as_slice()[slot];
            if entry == EMPTY {
                self.index.as_mut_slice()[slot] = self.len() as u32;
                let (start, length) = (self.text.len(), word.len());
                self.text.extend(word);
                self.entries.push(Entry {
                    start,
                    length,
                    hash,
                    count: 1,
                });
                return;
            }
            if self.at(entry).0 == word {
                self.entries.as_mut_slice()[entry as usize].count += 1;
                return;
            }
        }
    }

    /// The slots to look at for a hash, in order, each once.
    fn slots(&self, hash: u32) -> impl Iterator<Item = usize> + use<> {
        let mask = self.index.len() - 1;
        (0..=mask).map(move |step| (hash as usize + step) & mask)
    }
}

/// FNV-1a.
fn hash(word: &[u8]) -> u32 {
    word.iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}
