//! Random programs: every call of the strategy, the walker around each, every block's ends painted.

use super::*;

/// Set to run more than the usual number of calls.
const VARIABLE: &str = "SIGIL_FREE_LIST_CALLS";
const USUAL_CALLS: u64 = 60_000;
const CALLS_PER_HEAP: u64 = 2000;

/// How far memory grows.
const MOST_PAGES: u32 = 40;

#[test]
fn random_programs_keep_every_invariant() {
    let calls = std::env::var(VARIABLE).map_or(USUAL_CALLS, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{VARIABLE}={text} is no number"))
    });
    for seed in 1..=calls.div_ceil(CALLS_PER_HEAP) {
        Program::new(seed).run();
    }
}

struct Program {
    limit_pages: u32,
    heap: Heap,
    random: Random,
    /// What is painted on each block: its seed, and how many bytes it had then.
    paint: std::collections::BTreeMap<u32, (u32, u32)>,
    seeds: u32,
}

impl Program {
    fn new(seed: u64) -> Self {
        // Some heaps end at 4 GiB.
        let mut heap = match seed % 5 {
            0 => Heap::at(65_500, 0xffdb_0000 + 0x400),
            1 => Heap::at(2, 2 * PAGE_SIZE),
            _ => Heap::new(1),
        };
        let limit_pages = heap.memory.size_pages() + MOST_PAGES;
        heap.memory.limit(limit_pages);
        Self {
            limit_pages,
            heap,
            random: Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            paint: Default::default(),
            seeds: 0,
        }
    }

    fn run(&mut self) {
        for _ in 0..CALLS_PER_HEAP {
            self.call();
        }
        for &(at, size, _) in &self.heap.live {
            let (seed, painted) = self.paint[&at];
            self.heap.check(at, size, seed, painted);
        }
    }

    fn size(&mut self) -> u32 {
        match self.random.below(40) {
            0 => 0,
            1 => self.random.below(300_000),
            2 => u32::MAX - self.random.below(70_000),
            3 => 65_500 + self.random.below(50),
            4..10 => self.random.log_uniform(15),
            _ => self.random.log_uniform(10),
        }
    }

    fn painted(&mut self, block: Result<u32, Fault>, size: u32) {
        if let Ok(block) = block {
            self.seeds += 1;
            self.paint.insert(block, (self.seeds, size));
            self.heap.paint(block, size, self.seeds);
        }
    }

    fn some(&mut self) -> Option<(u32, u32)> {
        let n = self.heap.live.len() as u32;
        let from = if self.random.below(2) == 0 {
            n.saturating_sub(4)
        } else {
            0
        };
        let at = (n > 0).then(|| from + self.random.below(n - from))?;
        let (block, size, _) = self.heap.live[at as usize];
        let (seed, painted) = self.paint[&block];
        self.heap.check(block, size, seed, painted);
        Some((block, size))
    }

    fn call(&mut self) {
        let crowded = self.heap.live.len() > 60;
        match self.random.below(100) {
            0..26 if !crowded => {
                let size = self.size();
                let block = self.heap.try_alloc(size);
                self.painted(block, size);
            }
            26..34 if !crowded => {
                let size = self.size();
                let block = self.heap.zeroed(size);
                if let Ok(block) = block {
                    assert!(self.heap.is_zero(block, size), "{size} bytes at {block:#x}");
                }
                self.painted(block, size);
            }
            34..37 if !crowded => {
                let align = 1 << self.random.below(18);
                let size = self.size() % 100_000;
                let block = self.heap.aligned(size, align);
                assert!(block.is_err() || block.unwrap().is_multiple_of(align));
                self.painted(block, size);
            }
            37..55 => {
                if let Some((block, size)) = self.some() {
                    let new = self.size();
                    if let Ok(moved) = self.heap.realloc(block, new) {
                        let (seed, painted) = self.paint[&block];
                        self.heap.check(moved, new.min(size), seed, painted);
                        self.painted(Ok(moved), new);
                    }
                }
            }
            55..60 => {
                if let Some((block, _)) = self.some() {
                    let new = self.size();
                    if self.heap.resize(block, new) {
                        self.painted(Ok(block), new);
                    }
                }
            }
            60..80 => {
                if let Some((block, _)) = self.some() {
                    self.heap.free(block);
                }
            }
            80..87 if self.heap.open.len() < 30 => {
                _ = self.heap.enter();
            }
            87..93 => {
                if let Some(scope) = self.some_scope() {
                    self.heap.exit(scope);
                }
            }
            93..96 => {
                if let (Some((block, size)), Some(scope)) = (self.some(), self.some_scope()) {
                    let seed = self.paint[&block];
                    if let Ok(kept) = self.heap.promote(scope, block, size) {
                        self.heap.check(kept, size, seed.0, seed.1);
                        self.painted(Ok(kept), size);
                    }
                }
            }
            96 => {
                let pages = self.random.below(3);
                let pages = self.heap.memory.size_pages() + pages;
                self.heap.memory.limit(pages.min(self.limit_pages));
            }
            97 | 98 => self.heap.memory.limit(self.limit_pages),
            99 if self.random.below(3) == 0 => self.heap.free_all(),
            99 => {
                _ = self.heap.memory.grow_foreign(1);
            }
            _ => {}
        }
    }

    fn some_scope(&mut self) -> Option<u32> {
        let n = self.heap.open.len() as u32;
        if n == 0 {
            None
        } else if self.random.below(3) > 0 {
            self.heap.open.last().copied()
        } else {
            Some(self.heap.open[self.random.below(n) as usize])
        }
    }
}
