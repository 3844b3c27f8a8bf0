//! The cap on memory 0, and the memory of how its last growth ended.
//!
//! The engine asks a limiter before every growth and tells it of failures, but does not say which memory grows. Memory 0
//! is recognised by its size and its maximum, which are followed from its creation on (it is the first memory of
//! its store). Two memories of one module that agree in both numbers are not told apart: the cap then
//! holds for both until their sizes differ.
//!
//! Who refused, in the order they are asked:
//!
//! ```text
//! desired > min(cap, maximum)   we do: `flag` where the cap is the smaller one, else `module`
//! the engine fails afterwards   `host`: no address space, no memory
//! ```

use crate::exhaustion::Limit;
use std::fmt;

/// Bytes in a wasm page.
pub const PAGE_BYTES: u64 = 65_536;

/// What an instance may use.
///
/// The default limits nothing beyond what the module's own memory type says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// The most pages that memory 0 may have; growth past it is refused.
    pub max_heap_pages: Option<u32>,
    /// Fuel for all calls together; about one unit an instruction. Needs [`crate::Engine::metered`].
    pub fuel: Option<u64>,
}

/// The cap is smaller than the memory that the module starts with, so it cannot even be instantiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapBelowInitial {
    /// The cap, in pages.
    pub cap_pages: u32,
    /// What memory 0 starts with, in pages.
    pub initial_pages: u64,
}

/// Writes a number of pages for people.
pub(crate) fn pages(n: u64) -> String {
    if n == 1 {
        "1 page".to_owned()
    } else {
        format!("{n} pages")
    }
}

/// How the last growth of memory 0 was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) delta_pages: u64,
    pub(crate) memory_pages: u64,
    pub(crate) max_pages: u64,
    pub(crate) limit: Limit,
}

/// A memory as the engine describes it to a limiter.
#[derive(Debug, Clone, Copy)]
struct MemoryZero {
    bytes: u64,
    max_bytes: u64,
}

/// The limiter of one store.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    cap_pages: Option<u32>,
    memory: Option<MemoryZero>,
    /// The growth that we allowed last, by its old size and delta: a failure report that follows is about it.
    allowed: Option<(u64, u64)>,
    /// Invariant LAST-GROWTH: set exactly while the latest growth of memory 0 in the running call was refused.
    last_refusal: Option<Refusal>,
    refused_growths: u64,
    cap_below_initial: Option<CapBelowInitial>,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Limiter {
        Limiter {
            cap_pages: limits.max_heap_pages,
            ..Limiter::default()
        }
    }

    pub(crate) fn set_cap_pages(&mut self, cap_pages: Option<u32>) {
        self.cap_pages = cap_pages;
    }

    /// Forgets how earlier growth ended: what an earlier call or the host was refused says nothing about the next trap.
    pub(crate) fn begin_call(&mut self) {
        self.last_refusal = None;
    }

    pub(crate) fn last_refusal(&self) -> Option<Refusal> {
        self.last_refusal
    }

    pub(crate) fn refused_growths(&self) -> u64 {
        self.refused_growths
    }

    /// The size of memory 0 in pages, as far as it has been followed.
    pub(crate) fn memory_pages(&self) -> u64 {
        self.memory.map_or(0, |memory| memory.bytes / PAGE_BYTES)
    }

    pub(crate) fn cap_below_initial(&self) -> Option<CapBelowInitial> {
        self.cap_below_initial
    }

    fn cap_bytes(&self) -> u64 {
        self.cap_pages
            .map_or(u64::MAX, |pages| u64::from(pages) * PAGE_BYTES)
    }

    /// The first memory that a store creates is memory 0.
    fn creating(&mut self, initial_bytes: u64, max_bytes: u64) -> bool {
        if self.memory.is_some() {
            return true;
        }
        if let Some(cap_pages) = self.cap_pages
            && initial_bytes > self.cap_bytes()
        {
            let initial_pages = initial_bytes / PAGE_BYTES;
            self.cap_below_initial = Some(CapBelowInitial {
                cap_pages,
                initial_pages,
            });
            return false;
        }
        self.memory = Some(MemoryZero {
            bytes: initial_bytes,
            max_bytes,
        });
        true
    }

    fn refuse(&mut self, old_bytes: u64, delta_bytes: u64, limit: Limit) {
        let max_bytes = self
            .memory
            .map_or(u64::MAX, |m| m.max_bytes)
            .min(self.cap_bytes());
        self.refused_growths += 1;
        self.last_refusal = Some(Refusal {
            delta_pages: delta_bytes / PAGE_BYTES,
            memory_pages: old_bytes / PAGE_BYTES,
            max_pages: max_bytes / PAGE_BYTES,
            limit,
        });
    }

    fn growing(&mut self, old_bytes: u64, new_bytes: u64, max_bytes: u64) -> bool {
        self.allowed = None;
        let is_memory_zero = self
            .memory
            .is_some_and(|m| m.bytes == old_bytes && m.max_bytes == max_bytes);
        if !is_memory_zero {
            // Another memory: its own maximum is the engine's business.
            return true;
        }
        if new_bytes > max_bytes.min(self.cap_bytes()) {
            // Where both are equal, raising the flag alone would not help: name the module.
            let limit = if self.cap_bytes() < max_bytes {
                Limit::Flag
            } else {
                Limit::Module
            };
            self.refuse(old_bytes, new_bytes - old_bytes, limit);
            return false;
        }
        self.last_refusal = None;
        self.allowed = Some((old_bytes, new_bytes - old_bytes));
        self.memory = Some(MemoryZero {
            bytes: new_bytes,
            max_bytes,
        });
        true
    }

    /// The engine could not do what we allowed.
    fn failed(&mut self) {
        if let Some((old_bytes, delta_bytes)) = self.allowed.take() {
            if let Some(memory) = &mut self.memory {
                memory.bytes = old_bytes;
            }
            self.refuse(old_bytes, delta_bytes, Limit::Host);
        }
    }
}

impl wasmtime::ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let max_bytes = maximum.map_or(u64::MAX, |max| max as u64);
        // A memory is created from size 0. So is a growth from 0 pages, but only once memory 0 exists with that size.
        let growing_from_empty = self
            .memory
            .is_some_and(|m| m.bytes == 0 && m.max_bytes == max_bytes);
        if current == 0 && !growing_from_empty {
            return Ok(self.creating(desired as u64, max_bytes));
        }
        Ok(self.growing(current as u64, desired as u64, max_bytes))
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        self.failed();
        Ok(())
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl fmt::Display for CapBelowInitial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CapBelowInitial {
            cap_pages,
            initial_pages,
        } = self;
        write!(
            f,
            "the cap on memory is smaller than what the module starts with: \
             `--max-heap` is {} ({} bytes), the module's initial memory is {} ({} bytes)\n\
             help: allow at least `--max-heap={initial_pages}`, or build the module with a smaller stack and less static data",
            pages(u64::from(*cap_pages)),
            u64::from(*cap_pages) * PAGE_BYTES,
            pages(*initial_pages),
            initial_pages * PAGE_BYTES,
        )
    }
}

impl std::error::Error for CapBelowInitial {}

#[cfg(test)]
mod tests {
    use super::*;

    const P: u64 = PAGE_BYTES;

    fn limiter(cap_pages: Option<u32>, initial_pages: u64, max_pages: u64) -> Limiter {
        let mut limiter = Limiter::new(&Limits {
            max_heap_pages: cap_pages,
            fuel: None,
        });
        assert!(limiter.creating(initial_pages * P, max_pages * P));
        limiter
    }

    #[test]
    fn the_smaller_of_cap_and_maximum_is_named() {
        for (cap, max, expected) in [
            (2, 3, Limit::Flag),
            (3, 2, Limit::Module),
            (2, 2, Limit::Module),
        ] {
            let mut l = limiter(Some(cap), 1, max);
            assert!(l.growing(P, 2 * P, max * P));
            assert!(!l.growing(2 * P, 4 * P, max * P));
            let refusal = l.last_refusal().unwrap();
            assert_eq!((refusal.limit, refusal.max_pages), (expected, 2));
            assert_eq!((refusal.delta_pages, refusal.memory_pages), (2, 2));
        }
    }

    #[test]
    fn growth_that_succeeds_clears_an_earlier_refusal() {
        let mut l = limiter(Some(2), 1, 10);
        assert!(!l.growing(P, 3 * P, 10 * P));
        assert!(l.growing(P, 2 * P, 10 * P));
        assert_eq!(l.last_refusal(), None);
        assert_eq!(l.refused_growths(), 1);
    }

    #[test]
    fn a_growth_that_the_host_fails_leaves_the_size_where_it_was() {
        let mut l = limiter(None, 1, 10);
        assert!(l.growing(P, 3 * P, 10 * P));
        l.failed();
        assert_eq!(l.last_refusal().unwrap().limit, Limit::Host);
        assert!(l.growing(P, 2 * P, 10 * P));
        assert_eq!(l.last_refusal(), None);
    }

    #[test]
    fn another_memory_is_not_capped() {
        let mut l = limiter(Some(2), 2, 10);
        assert!(l.creating(50 * P, 100 * P));
        assert!(l.growing(50 * P, 60 * P, 100 * P));
        assert_eq!((l.last_refusal(), l.refused_growths()), (None, 0));
    }

    #[test]
    fn a_cap_below_the_initial_memory_is_remembered() {
        let mut l = Limiter::new(&Limits {
            max_heap_pages: Some(1),
            fuel: None,
        });
        assert!(!l.creating(2 * P, 10 * P));
        assert_eq!(
            l.cap_below_initial(),
            Some(CapBelowInitial {
                cap_pages: 1,
                initial_pages: 2
            })
        );
    }
}
