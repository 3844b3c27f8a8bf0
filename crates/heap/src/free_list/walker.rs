//! Checks every invariant of a free-list heap, for tests.

extern crate std;

use std::{collections::BTreeMap, format, string::String, vec::Vec};

use super::{
    FreeList,
    chunks::chunk,
    large::{NEXT, SIZE, USED, header, size_of_block},
    lists::{LAST_EXACT, LAST_SMALL, list_of},
    record::{GRAIN, SCOPE_BYTES, get, scope},
    small::{FIRST_BLOCK, FREE_BYTES, NEXT_RUN, RUN_BYTES, is_small, small_list},
};
use crate::PageSource;

/// What the scopes say is free, and their runs.
#[derive(Default)]
struct Free {
    small: Vec<Range>,
    /// Large blocks by address: their owner, as the lists say.
    large: BTreeMap<u32, u32>,
    /// Runs by address: their size and owner.
    runs: BTreeMap<u32, (u32, u32)>,
}

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
        let mut free = self.walk_scopes(memory)?;
        let mut used = self.walk_headers(memory, &mut free)?;
        let mut ranges = free.small;
        for (&at, &(bytes, owner)) in &free.runs {
            if used.remove(&at) != Some(bytes) {
                return Err(format!("run {at:#x} is no block of its size"));
            }
            ranges.push((at, at + FIRST_BLOCK, owner));
        }
        for (at, size, owner) in live {
            let owner = if owner == 0 { self.root_scope() } else { owner };
            if is_small(at, size) {
                ranges.push((at, at + small_list(size) * GRAIN, owner));
                continue;
            }
            let header = header(at);
            match used.remove(&header) {
                Some(bytes) if at - header <= bytes && size <= bytes - (at - header) => {}
                found => return Err(format!("block {at:#x} of {size} bytes: {found:?}")),
            }
            ranges.push((header, header + GRAIN, owner));
        }
        if let Some((at, bytes)) = used.first_key_value() {
            return Err(format!("{bytes} bytes at {at:#x} are in use and nobody's"));
        }
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            if pair[0].1 > pair[1].0 {
                return Err(format!("{:#x?} and {:#x?} overlap", pair[0], pair[1]));
            }
        }
        for &(start, end, owner) in &ranges {
            let run = free.runs.range(..=start).next_back();
            let large =
                end - start == GRAIN && run.is_none_or(|(&at, &(bytes, _))| start - at >= bytes);
            let in_run = run.is_some_and(|(&at, &(bytes, of))| end - at <= bytes && of == owner);
            if !large && !in_run {
                return Err(format!("{start:#x} to {end:#x} is in no run of {owner:#x}"));
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
        let (start, end) = current.ok_or("the bump pointer is in no chunk")?;
        if self.scope != self.root_scope() && self.ptr < self.scope + SCOPE_BYTES {
            return Err(format!("the bump pointer lies below the scope: {self:#x?}"));
        }
        let free = start <= self.ptr && self.ptr <= end && self.ptr.is_multiple_of(GRAIN);
        if !free || end != self.end {
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

    /// The scopes' records, lists and bins: what is free.
    fn walk_scopes<M: PageSource>(&self, memory: &M) -> Result<Free, String> {
        let mut free = Free::default();
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
            }
            if record.run_start > record.run_end {
                return Err(format!("run of scope {open:#x}: {record:#x?}"));
            }
            if record.run_start < record.run_end {
                free.small.push((record.run_start, record.run_end, open));
            }
            for (index, mut node) in (0..).zip(record.lists) {
                if index > LAST_EXACT && record.map >> index & 1 == 0 {
                    continue;
                }
                while node != 0 {
                    if index.wrapping_sub(1) < LAST_SMALL {
                        free.small.push((node, node + index * GRAIN, open));
                        node = get(memory, node, 0);
                        continue;
                    }
                    let exact = index <= LAST_EXACT;
                    let at = if exact { header(node) } else { node };
                    let bytes = size_of_block(memory, at);
                    let used = get(memory, at, SIZE) & USED != 0;
                    // What was freed into an exact list may be larger than its blocks are as a rule.
                    let fits = if exact {
                        list_of(bytes) >= index
                    } else {
                        list_of(bytes) == index
                    };
                    if used != exact || !fits {
                        return Err(format!("{bytes} bytes at {at:#x} in list {index}"));
                    }
                    if free.large.insert(at, open).is_some() {
                        return Err(format!("{at:#x} is in two lists"));
                    }
                    node = get(memory, node, if exact { 0 } else { NEXT });
                }
            }
            let mut run = record.runs;
            while run != 0 {
                let bytes = size_of_block(memory, run);
                let whole = bytes == RUN_BYTES && run.is_multiple_of(RUN_BYTES);
                if open == self.root_scope() && !whole {
                    return Err(format!("run {run:#x} of {bytes} bytes"));
                }
                if get(memory, run, FREE_BYTES) != 0 {
                    return Err(format!("run {run:#x} has been counted"));
                }
                free.runs.insert(run, (bytes, open));
                run = get(memory, run, NEXT_RUN);
            }
        }
        Ok(free)
    }

    /// Every header, from the start of each chunk to its end or the bump pointer. Returns the blocks in use.
    fn walk_headers<M: PageSource>(
        &self,
        memory: &M,
        free: &mut Free,
    ) -> Result<BTreeMap<u32, u32>, String> {
        let mut used = BTreeMap::new();
        for stretch in self.stretches(memory) {
            if stretch.owner == 0 && stretch.at > self.chunk {
                continue;
            }
            let mut at = stretch.start;
            if stretch.end < at + 8 {
                // The first chunk, of no block at all.
                continue;
            }
            while at != self.ptr {
                let bytes = size_of_block(memory, at);
                if bytes == 0 {
                    if get(memory, at, SIZE) & USED == 0
                        || at + 8 > stretch.end
                        || stretch.end - at > 16
                    {
                        return Err(format!("last header at {at:#x} of {:#x}", stretch.end));
                    }
                    break;
                }
                let owner = self.owner(memory, at + 8);
                match free.large.remove(&at) {
                    Some(seen) if seen == owner => {}
                    None if self.scopes(memory).contains(&at) => {}
                    None if get(memory, at, SIZE) & USED != 0 => {
                        used.insert(at, bytes);
                    }
                    seen => return Err(format!("block {at:#x} of {owner:#x}: {seen:#x?}")),
                }
                if !bytes.is_multiple_of(GRAIN)
                    || u64::from(at) + u64::from(bytes) + 8 > stretch.end.into()
                {
                    return Err(format!("{bytes:#x} bytes at {at:#x} in {:#x}", stretch.end));
                }
                at += bytes;
            }
        }
        match free.large.first_key_value() {
            Some((at, _)) => Err(format!("{at:#x} is in a bin and no block")),
            None => Ok(used),
        }
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
        match self.owner(memory, at + 8) {
            seen if seen == owner && at.is_multiple_of(GRAIN) => Ok(()),
            seen => Err(format!("{} seems to be {seen:#x}'s", what())),
        }
    }
}
