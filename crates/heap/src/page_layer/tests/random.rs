//! Random calls; after each one every page, every summary and the bytes of every committed page are looked at.

use super::model::Model;
use crate::{
    PageLayer, PageSource as _,
    page_layer::{LAZY, NO_ZERO, PAGE_BYTES, PAGE_LOG2, PER_WASM_PAGE},
    simulated::Simulated,
};

/// Numbers that follow from a seed (xorshift).
pub(super) struct Random(pub u64);

impl Random {
    pub(super) fn below(&mut self, n: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % u64::from(n)) as u32
    }
}

/// A layer, its model, and what was written to each page.
struct Run {
    memory: Simulated,
    layer: PageLayer,
    model: Model,
    random: Random,
    written: std::collections::BTreeMap<u32, u8>,
    foreign: Vec<u32>,
    /// What lies below was there before.
    first_page: u32,
    steps: u32,
}

impl Run {
    fn bytes_of(&mut self, page: u32) -> &mut [u8] {
        let start = (page as usize) << PAGE_LOG2;
        &mut self.memory.bytes()[start..start + PAGE_BYTES as usize]
    }

    /// Some reservation, or an address that is none.
    fn some_ptr(&mut self) -> u32 {
        let n = self.model.reserved.len() as u32;
        if n == 0 || self.random.below(20) == 0 {
            return self.random.below(u32::MAX) & !7;
        }
        let at = self.random.below(n) as usize;
        let mut page = *self.model.reserved.keys().nth(at).unwrap();
        // As a rule the first page of its reservation.
        if self.random.below(3) > 0 {
            while self.model.length(page << PAGE_LOG2) == 0 {
                page -= 1;
            }
        }
        page << PAGE_LOG2
    }

    fn some_bytes(&mut self) -> u32 {
        match self.random.below(8) {
            0 => self.random.below(3) * PAGE_BYTES,
            1 => 1 + self.random.below(PAGE_BYTES),
            2 => self.random.below(60 * PAGE_BYTES),
            _ => self.random.below(9 * PAGE_BYTES),
        }
    }

    fn step(&mut self) {
        let Self { memory, layer, .. } = self;
        let pages_before = memory.size_pages();
        let cleared_before = (layer.cleared(), self.model.cleared);
        match self.random.below(100) {
            0..25 => {
                let bytes = self.some_bytes();
                let align = match self.random.below(6) {
                    0 => 1 << self.random.below(20),
                    _ => 0,
                };
                let flags = [0, 0, LAZY, NO_ZERO, LAZY | NO_ZERO][self.random.below(5) as usize];
                let ptr = self.layer.reserve(&mut self.memory, bytes, align, flags);
                if ptr != 0 {
                    assert!(ptr.is_multiple_of(PAGE_BYTES.max(align)));
                    self.model.reserved(ptr, bytes, flags);
                    if flags & (LAZY | NO_ZERO) == NO_ZERO {
                        // What it holds is anybody's guess, and is not looked at.
                        for page in super::model::covered(ptr, bytes) {
                            self.bytes_of(page).fill(1);
                            self.written.insert(page, 1);
                        }
                    }
                }
            }
            25..45 => {
                let (ptr, bytes) = (self.some_ptr(), self.some_bytes());
                if u64::from(ptr) + u64::from(bytes) < 1 << 32 {
                    let done = self.layer.commit(&mut self.memory, ptr, bytes);
                    assert_eq!(
                        done,
                        self.model.commit(ptr, bytes),
                        "commit {ptr:#x} {bytes}"
                    );
                }
            }
            45..60 => {
                let (ptr, bytes) = (self.some_ptr(), self.some_bytes());
                if u64::from(ptr) + u64::from(bytes) < 1 << 32 {
                    let done = self.layer.decommit(&mut self.memory, ptr, bytes);
                    assert_eq!(
                        done,
                        self.model.decommit(ptr, bytes),
                        "decommit {ptr:#x} {bytes}"
                    );
                }
            }
            60..75 => {
                let ptr = self.some_ptr();
                self.layer.release(&mut self.memory, ptr);
                let n = self.model.length(ptr);
                self.model.unmap(ptr, n << PAGE_LOG2);
            }
            75..83 => {
                let (ptr, bytes) = (self.some_ptr(), self.some_bytes());
                if u64::from(ptr) + u64::from(bytes) < 1 << 32 {
                    self.layer.unmap(&mut self.memory, ptr, bytes);
                    self.model.unmap(ptr, bytes);
                }
            }
            83..93 => {
                let (ptr, new) = (self.some_ptr(), self.some_bytes());
                let n = self.model.length(ptr);
                let old = (n << PAGE_LOG2).saturating_sub(self.random.below(PAGE_BYTES));
                let done = self.layer.resize_in_place(&mut self.memory, ptr, old, new);
                assert!(!done || n > 0 && new > 0, "resize {ptr:#x} {old} {new}");
                if done {
                    self.model.resized(ptr, new.div_ceil(PAGE_BYTES));
                }
                assert!(done || n == 0 || new == 0 || new.div_ceil(PAGE_BYTES) > n);
            }
            93..96 => {
                if let Some(old) = self.memory.grow_foreign(1) {
                    for page in old * PER_WASM_PAGE..(old + 1) * PER_WASM_PAGE {
                        self.bytes_of(page).fill(0xf0);
                        self.foreign.push(page);
                    }
                }
            }
            _ => {
                let ptr = self.some_ptr();
                assert!(!self.layer.reset(&mut self.memory, ptr, PAGE_BYTES));
            }
        }
        let expected = self.model.cleared - cleared_before.1;
        assert_eq!(self.layer.cleared() - cleared_before.0, expected);
        assert_eq!(self.memory.cleared(), self.layer.cleared());
        assert!(pages_before <= self.memory.size_pages());
        self.look();
    }

    fn look(&mut self) {
        // The walk looks at all of memory: in a large one not every time.
        self.steps += 1;
        if self.first_page < 1000 || self.steps.is_multiple_of(40) {
            self.layer.walk(&self.memory).unwrap();
        }
        for page in self.first_page..self.memory.size_pages() * PER_WASM_PAGE {
            let state = self.layer.state(&self.memory, page).unwrap();
            assert!(self.model.agrees(page, state), "page {page} is {state:?}");
        }
        let committed: Vec<u32> = self
            .model
            .reserved
            .iter()
            .filter_map(|(page, state)| state.committed.then_some(*page))
            .collect();
        self.written
            .retain(|page, _| committed.binary_search(page).is_ok());
        for page in committed {
            let held = self.written.get(&page).copied();
            // Zero when it is seen first, and from then on what was written.
            let expected = held.unwrap_or(0);
            let bytes = self.bytes_of(page);
            assert!(
                bytes[..64]
                    .iter()
                    .chain(&bytes[PAGE_BYTES as usize - 64..])
                    .all(|byte| *byte == expected),
                "page {page} is {} and should be {expected}",
                bytes[0]
            );
            if held.is_none() {
                assert!(
                    bytes.iter().all(|byte| *byte == 0),
                    "page {page} is not zero all over"
                );
                let seed = 1 + self.random.below(200) as u8;
                self.bytes_of(page).fill(seed);
                self.written.insert(page, seed);
            }
        }
        for at in 0..self.foreign.len() {
            let page = self.foreign[at];
            assert!(
                self.bytes_of(page).iter().all(|byte| *byte == 0xf0),
                "foreign page {page}"
            );
        }
        let limit = self.layer.limit(&self.memory);
        let sum = self.layer.used() + self.layer.available(&self.memory);
        assert!(sum <= limit, "{sum} > {limit}");
        assert_eq!(
            self.layer.used(),
            (self.model.reserved.len() as u64) << PAGE_LOG2
        );
    }
}

#[test]
fn random_calls_do_what_the_model_says() {
    // At the bottom, across a group's border, and up to the end of 4 GiB.
    for (seed, start, limit) in [
        (1, 1, 24),
        (2, 0, 12),
        (3, 4090, 4110),
        (4, 65_520, 65_536),
        (5, 3, 40),
    ] {
        let mut run = Run {
            memory: Simulated::new(start),
            layer: PageLayer::new(),
            model: Model::default(),
            random: Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed)),
            written: std::collections::BTreeMap::new(),
            foreign: Vec::new(),
            first_page: start * PER_WASM_PAGE,
            steps: 0,
        };
        run.memory.limit(limit);
        for _ in 0..800 {
            run.step();
        }
        assert!(run.model.cleared > 0 && run.memory.refused() > 0);
    }
}
