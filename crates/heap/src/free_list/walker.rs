//! Checks every invariant of a free-list heap, for tests.

extern crate std;

use std::{format, string::String, vec::Vec};

use super::{
    FreeList,
    chunks::chunk,
    lists::{SCOPE_BYTES, bytes, scope, word},
    size_class::{Fit, GRAIN, LAST_EXACT, N_CLASSES},
};
use crate::PageSource;

/// A run of bytes: where it starts, where it ends, whose it is.
type Range = (u32, u32, u32);

impl FreeList {
    /// Holds the heap to its invariants, with `live` blocks in it: address, size in bytes, and the scope
    /// that owns each (a handle, or 0 for the root).
    ///
    /// # Errors
    ///
    /// What does not hold.
    pub fn walk<M: PageSource>(
        &self,
        memory: &M,
        live: impl IntoIterator<Item = (u32, u32, u32)>,
    ) -> Result<(), String> {
        self.walk_chunks(memory)?;
        let mut ranges = self.walk_scopes(memory)?;
        for (at, size, owner) in live {
            let owner = if owner == 0 { self.root_scope() } else { owner };
            let end = at
                .checked_add(Fit::of(size).bytes)
                .ok_or_else(|| format!("block {at:#x} of {size} bytes wraps"))?;
            ranges.push((at, end, owner));
        }
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            if pair[0].1 > pair[1].0 {
                return Err(format!("{:#x?} and {:#x?} overlap", pair[0], pair[1]));
            }
        }
        ranges
            .into_iter()
            .try_for_each(|range| self.walk_range(memory, range))
    }

    fn walk_chunks<M: PageSource>(&self, memory: &M) -> Result<(), String> {
        let (mut last_end, mut lowest_island, mut current) = (0, u32::MAX, None);
        for stretch in self.stretches(memory) {
            let (at, end) = (stretch.at, stretch.end);
            if at < last_end || stretch.start > end || !at.is_multiple_of(8) {
                return Err(format!("chunk {at:#x} to {end:#x} behind {last_end:#x}"));
            }
            if u64::from(end) > u64::from(memory.size_pages()) << 16 {
                return Err(format!("chunk {at:#x} ends beyond memory at {end:#x}"));
            }
            if stretch.owner != 0 {
                lowest_island = lowest_island.min(at);
                if !self.scopes(memory).contains(&stretch.owner) {
                    return Err(format!("island {at:#x} of no open scope"));
                }
            }
            if at == self.chunk && stretch.owner == 0 {
                current = Some((stretch.start, end));
            }
            last_end = end;
        }
        if lowest_island != self.islands {
            return Err(format!(
                "lowest island {lowest_island:#x}, not {:#x}",
                self.islands
            ));
        }
        let fence = self.fence_above(memory, self.scope);
        let (start, end) = current.ok_or("the bump pointer is in no chunk")?;
        if self.scope != self.root_scope() && self.ptr < self.scope + SCOPE_BYTES {
            return Err(format!("the bump pointer lies below the scope: {self:#x?}"));
        }
        let free = start <= self.ptr && self.ptr <= end && self.ptr.is_multiple_of(GRAIN);
        if !free || end != self.end || fence != self.fence {
            return Err(format!("{self:#x?} in {start:#x} to {end:#x}"));
        }
        Ok(())
    }

    /// The open scopes, innermost first, the root among them.
    fn scopes<M: PageSource>(&self, memory: &M) -> Vec<u32> {
        let mut scopes = Vec::from([self.scope]);
        while let Some(&open) = scopes.last()
            && open != self.root_scope()
        {
            // SAFETY: an open scope.
            scopes.push(unsafe { (*scope(memory, open)).parent });
        }
        scopes
    }

    /// The free blocks and the scopes' records.
    fn walk_scopes<M: PageSource>(&self, memory: &M) -> Result<Vec<Range>, String> {
        let mut ranges = Vec::new();
        for open in self.scopes(memory) {
            // SAFETY: an open scope.
            let record = unsafe { &*scope(memory, open) };
            if open != self.root_scope() {
                // SAFETY: a chunk.
                let within = unsafe { &*chunk(memory, record.chunk) };
                if open <= record.chunk || open >= within.end || within.owner != 0 {
                    return Err(format!(
                        "scope {open:#x} is not in chunk {:#x}",
                        record.chunk
                    ));
                }
                ranges.push((open, open + SCOPE_BYTES, open));
            }
            if record.map == 0 {
                continue;
            }
            if record.map & 1 == 0 || record.run_start > record.run_end {
                return Err(format!("lists of scope {open:#x}: {:#x}", record.map));
            }
            if record.run_start < record.run_end {
                ranges.push((record.run_start, record.run_end, open));
            }
            for class in 0..N_CLASSES as u32 {
                let mut block = record.heads[class as usize];
                if block != 0 && record.map >> class & 1 == 0 {
                    return Err(format!(
                        "class {class} of scope {open:#x} is not in its map"
                    ));
                }
                while block != 0 {
                    let size = bytes(memory, class, block);
                    let fit = Fit::free(size);
                    let exact = class <= LAST_EXACT || size == fit.bytes;
                    if class != 0 && (fit.class != class || !exact) {
                        return Err(format!("{size} bytes at {block:#x} in class {class}"));
                    }
                    ranges.push((block, block + size, open));
                    block = word(memory, block, 0);
                }
            }
        }
        Ok(ranges)
    }

    /// A block lies in a chunk below the bump pointer, and its address says whose it is.
    fn walk_range<M: PageSource>(&self, memory: &M, (at, end, owner): Range) -> Result<(), String> {
        let found = self.stretches(memory).find(|stretch| {
            let top = if stretch.at == self.chunk {
                self.ptr
            } else {
                stretch.end
            };
            stretch.start <= at && end <= top
        });
        let what = || format!("{at:#x} to {end:#x} of scope {owner:#x}");
        let stretch = found.ok_or_else(|| format!("{} is in no chunk", what()))?;
        if stretch.owner == 0 && stretch.at > self.chunk {
            return Err(format!("{} lies above the bump pointer", what()));
        }
        match self.owner(memory, at, end - at) {
            Some(seen) if seen == owner && at.is_multiple_of(GRAIN) => Ok(()),
            seen => Err(format!("{} seems to be {seen:#x?}'s", what())),
        }
    }
}
