//! The hash map: words to counts.

use sigil_alloc::{Arena, ArenaVec};

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
pub(crate) struct Words<'scope> {
    entries: ArenaVec<'scope, Entry>,
    /// Indices into `entries`, or [`EMPTY`]. The length is a power of two.
    index: ArenaVec<'scope, u32>,
    text: ArenaVec<'scope, u8>,
}

impl<'scope> Words<'scope> {
    pub(crate) fn new(arena: &Arena<'scope>) -> Self {
        let mut index = ArenaVec::new();
        index.extend_from_slice(arena, &[EMPTY; 8]);
        Self {
            entries: ArenaVec::new(),
            index,
            text: ArenaVec::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Counts the words of `text`, paragraph by paragraph.
    pub(crate) fn read(&mut self, arena: &mut Arena<'scope>, text: &str) {
        for paragraph in text.split("\n\n") {
            self.make_room(arena, paragraph);
            arena.scope(|inner| {
                let lower = inner.copy(paragraph);
                lower.make_ascii_lowercase();
                lower
                    .as_bytes()
                    .split(|byte| !byte.is_ascii_alphabetic())
                    .filter(|word| !word.is_empty())
                    .for_each(|word| self.count(word));
            });
        }
    }

    /// The word and the count of an entry.
    pub(crate) fn at(&self, entry: u32) -> (&[u8], u32) {
        let entry = &self.entries[entry as usize];
        (
            &self.text[entry.start..entry.start + entry.length],
            entry.count,
        )
    }

    /// The entries, most frequent first, words of one count by the alphabet. Insertion sort.
    pub(crate) fn ranking<'a>(&self, arena: &Arena<'a>) -> ArenaVec<'a, u32> {
        let mut order = ArenaVec::new();
        for entry in 0..self.len() as u32 {
            order.push(arena, entry);
            let mut at = order.len() - 1;
            while at > 0 && self.is_before(order[at], order[at - 1]) {
                order.swap(at, at - 1);
                at -= 1;
            }
        }
        order
    }

    fn is_before(&self, left: u32, right: u32) -> bool {
        let ((left, left_count), (right, right_count)) = (self.at(left), self.at(right));
        left_count > right_count || left_count == right_count && left < right
    }

    /// Makes room for all that `paragraph` can add.
    fn make_room(&mut self, arena: &Arena<'scope>, paragraph: &str) {
        let n_words = paragraph.split_ascii_whitespace().count() * 2;
        self.entries.reserve(arena, n_words);
        self.text.reserve(arena, paragraph.len());
        let wanted = (self.len() + n_words) * 2;
        if self.index.len() < wanted {
            self.widen(arena, wanted.next_power_of_two());
        }
    }

    /// Grows the index, and finds each entry its new place.
    fn widen(&mut self, arena: &Arena<'scope>, len: usize) {
        while self.index.len() < len {
            self.index.push(arena, EMPTY);
        }
        self.index.fill(EMPTY);
        for entry in 0..self.len() {
            let hash = self.entries[entry].hash;
            let slot = self.slots(hash).find(|slot| self.index[*slot] == EMPTY);
            if let Some(slot) = slot {
                self.index[slot] = entry as u32;
            }
        }
    }

    /// # Panics
    ///
    /// Where [`make_room`](Self::make_room) made too little.
    fn count(&mut self, word: &[u8]) {
        let hash = hash(word);
        for slot in self.slots(hash) {
            let entry = self.index[slot];
            if entry == EMPTY {
                self.index[slot] = self.len() as u32;
                self.add(word, hash);
                return;
            }
            if self.at(entry).0 == word {
                self.entries[entry as usize].count += 1;
                return;
            }
        }
    }

    fn add(&mut self, word: &[u8], hash: u32) {
        let entry = Entry {
            start: self.text.len(),
            length: word.len(),
            hash,
            count: 1,
        };
        for byte in word {
            let added = self.text.push_within_capacity(*byte);
            added.expect("room for the paragraph's text");
        }
        let added = self.entries.push_within_capacity(entry);
        added.ok().expect("room for the paragraph's words");
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
