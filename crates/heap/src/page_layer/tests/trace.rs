//! A million calls: how many bytes are cleared, beside what others would have cleared.
//!
//! The program is taken to write to every page that it commits, so that the least that can be cleared is known: the pages
//! that it gets to see and that it, or somebody before it, had written to. The others are models of what runtimes
//! do over a C allocator, fed with the same calls and the same addresses:
//!
//! | policy | reserve | decommit |
//! |---|---|---|
//! | `calloc` | clears the bytes that were asked for: it does not know which are new | `memset` of what was committed |
//! | `posix_memalign`, `memset` | clears whole pages | `memset` of what was committed |
//! | a one-byte sentinel | clears the bytes that were asked for, if a byte says that the range was used before | as `calloc` |
//!
//! The sentinel is taken to be always right, which it is not: the byte belongs to the program.

use super::{
    model::{Model, covered},
    random::Random,
};
use crate::{
    Fault, PageLayer, PageSource,
    page_layer::{LAZY, PAGE_BYTES, PAGE_LOG2},
    simulated::Simulated,
};

const CALLS: u32 = 1_000_000;
const MOST_RESERVED_PAGES: usize = 8192;

/// A memory that counts what is cleared, and leaves it: a million calls clear hundreds of gigabytes.
struct Counting {
    memory: Simulated,
    cleared: u64,
}

// SAFETY: as `Simulated`.
unsafe impl PageSource for Counting {
    type Refusal = Fault;

    fn refuse(&mut self, fault: Fault) -> Fault {
        fault
    }

    fn size_pages(&self) -> u32 {
        self.memory.size_pages()
    }

    fn grow(&mut self, delta_pages: u32) -> Option<u32> {
        self.memory.grow(delta_pages)
    }

    fn at(&self, address: u32) -> *mut u8 {
        self.memory.at(address)
    }

    fn copy(&mut self, target: u32, source: u32, size_bytes: u32) {
        self.memory.copy(target, source, size_bytes);
    }

    fn clear(&mut self, _: u32, size_bytes: u32) {
        self.cleared += u64::from(size_bytes);
    }
}

/// What the policies would have cleared, in bytes.
#[derive(Debug, Default)]
struct Others {
    calloc: u64,
    memalign: u64,
    sentinel: u64,
}

#[test]
fn a_million_calls_clear_the_least_that_is_possible() {
    let mut memory = Counting {
        memory: Simulated::new(1),
        cleared: 0,
    };
    let mut layer = PageLayer::new();
    let mut model = Model::default();
    let mut others = Others::default();
    let mut random = Random(42);
    let mut live: Vec<(u32, u32)> = Vec::new();
    let mut calls = [0_u32; 4];
    for _ in 0..CALLS {
        let kind = random.below(100);
        if live.is_empty() || kind < 20 && model.reserved.len() < MOST_RESERVED_PAGES {
            calls[0] += 1;
            let bytes = match random.below(4) {
                0 => 1 + random.below(64 * PAGE_BYTES),
                _ => 1 + random.below(8 * PAGE_BYTES),
            };
            let flags = random.below(2) * LAZY;
            let ptr = layer.reserve(&mut memory, bytes, 0, flags);
            assert_ne!(ptr, 0);
            let n = covered(ptr, bytes).len() as u64;
            others.calloc += u64::from(bytes);
            others.memalign += n << PAGE_LOG2;
            if covered(ptr, bytes).any(|page| model.dirty.contains_key(&page)) {
                others.sentinel += u64::from(bytes);
            }
            model.reserved(ptr, bytes, flags);
            live.push((ptr, bytes));
            continue;
        }
        let at = random.below(live.len() as u32) as usize;
        let (ptr, bytes) = live[at];
        if kind < 40 {
            calls[3] += 1;
            layer.release(&mut memory, ptr);
            model.unmap(ptr, bytes);
            live.swap_remove(at);
            continue;
        }
        let n = covered(ptr, bytes).len() as u32;
        let first = random.below(n);
        let part = (
            ptr + first * PAGE_BYTES,
            (1 + random.below((n - first).min(8))) * PAGE_BYTES,
        );
        if kind < 72 {
            calls[1] += 1;
            assert!(layer.commit(&mut memory, part.0, part.1));
            assert!(model.commit(part.0, part.1));
        } else {
            calls[2] += 1;
            let range = covered(part.0, part.1);
            let seen = range.filter(|page| model.reserved[page].committed).count() as u64;
            others.calloc += seen << PAGE_LOG2;
            others.memalign += seen << PAGE_LOG2;
            others.sentinel += seen << PAGE_LOG2;
            assert!(layer.decommit(&mut memory, part.0, part.1));
            assert!(model.decommit(part.0, part.1));
        }
    }
    layer.walk(&memory).unwrap();
    let least = model.cleared;
    let gib = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    println!("reserve, commit, decommit, release: {calls:?} calls; GiB cleared:");
    println!("  the layer               {:>8.2}", gib(layer.cleared()));
    println!("  the least possible      {:>8.2}", gib(least));
    println!("  a one-byte sentinel     {:>8.2}", gib(others.sentinel));
    println!("  calloc                  {:>8.2}", gib(others.calloc));
    println!("  posix_memalign, memset  {:>8.2}", gib(others.memalign));
    assert_eq!(calls.iter().sum::<u32>(), CALLS);
    assert!(calls.iter().all(|&n| n > CALLS / 10), "{calls:?}");
    assert_eq!(layer.cleared(), least);
    assert_eq!(memory.cleared, least);
    assert!(
        least < others.sentinel && others.sentinel < others.calloc,
        "{others:?}"
    );
    assert!(others.calloc < others.memalign, "{others:?}");
}

#[test]
fn fresh_pages_cost_nothing_however_they_are_obtained() {
    let mut memory = Simulated::new(1);
    let mut layer = PageLayer::new();
    for n in 1..400 {
        let ptr = layer.reserve(&mut memory, n * PAGE_BYTES, 0, n % 2 * LAZY);
        assert!(ptr != 0 && layer.commit(&mut memory, ptr, n * PAGE_BYTES));
        if n % 7 == 0 {
            memory.grow_foreign(1);
        }
    }
    assert_eq!((layer.cleared(), memory.cleared()), (0, 0));
}
