//! Checks every invariant of a free-list heap, for tests.

extern crate std;

use std::{format, string::String, vec::Vec};

use super::{
    FreeList,
    classes::{FIRST_INEXACT, GRAIN, HEADS_BYTES, bytes_of, list_of, rounded},
    record::{ISLAND, RECORD_BYTES, Record, WINDOW, lists_at, most_blocks, owner_of, record},
};
use crate::PageSource;

/// A run of bytes: where it starts, where it ends, whose it is, and what.
type Range = (u32, u32, u32, &'static str);

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
        self.walk_regions(memory)?;
        let (mut ranges, unused) = self.walk_stack(memory)?;
        self.walk_scopes(memory, &mut ranges)?;
        for (at, size, owner) in live {
            let owner = if owner == 0 { self.root } else { owner };
            ranges.push((at, at.wrapping_add(rounded(size)), owner, "live block"));
        }
        for &range in &ranges {
            self.walk_range(memory, range)?;
        }
        ranges.extend(unused);
        ranges.sort_unstable();
        for pair in ranges.windows(2) {
            if pair[0].1 > pair[1].0 {
                return Err(format!("{:#x?} and {:#x?} overlap", pair[0], pair[1]));
            }
        }
        self.walk_gaps(memory, &ranges)
    }

    fn walk_regions<M: PageSource>(&self, memory: &M) -> Result<(), String> {
        let mut above = u64::from(memory.size_pages()) << 16;
        for (start, end) in self.each_region(memory) {
            if u64::from(end) > above || start > end || !start.is_multiple_of(GRAIN) {
                return Err(format!("region {start:#x} to {end:#x} below {above:#x}"));
            }
            above = start.into();
        }
        let fits = self.ptr <= self.end && self.end <= self.limit && self.ptr.is_multiple_of(GRAIN);
        if !fits || self.region_of(memory, self.ptr, self.limit).is_none() {
            return Err(format!("no live window: {self:#x?}"));
        }
        Ok(())
    }

    /// The region that `at` to `end` lies in.
    fn region_of<M: PageSource>(&self, memory: &M, at: u32, end: u32) -> Option<(u32, u32)> {
        let mut regions = self.each_region(memory);
        regions.find(|&(start, stop)| start <= at && end <= stop)
    }

    /// The records, newest first. Returns what they take, and what of the windows was never given out.
    fn walk_stack<M: PageSource>(&self, memory: &M) -> Result<(Vec<Range>, Vec<Range>), String> {
        let (mut taken, mut at, mut scope) = (Vec::new(), self.top, self.scope);
        let mut unused = Vec::from([(self.ptr, self.limit, self.scope, "unused")]);
        unused.retain(|range| range.0 != range.1);
        // SAFETY: a record.
        let get = |at: u32| -> &Record { unsafe { &*record(memory, at) } };
        while at != self.root {
            let found = get(at);
            taken.push((at, at + RECORD_BYTES, found.owner, "record"));
            if found.owner != scope || !at.is_multiple_of(GRAIN) {
                return Err(format!("record {at:#x} of scope {scope:#x}: {found:#x?}"));
            }
            if found.owner == at {
                scope = get(found.below).owner;
            } else if !matches!(found.lists, WINDOW | ISLAND) {
                return Err(format!("neither window nor island: {at:#x}, {found:#x?}"));
            }
            at = found.below;
        }
        if lists_at(memory, self.scope) != self.lists && self.lists != self.nothing() {
            return Err(format!("not the innermost scope's lists: {self:#x?}"));
        }
        Ok((taken, unused))
    }

    /// The open scopes, innermost first, the root among them.
    fn scopes<M: PageSource>(&self, memory: &M) -> Vec<u32> {
        let (mut scopes, mut at) = (Vec::from([self.root]), self.top);
        while at != self.root {
            // SAFETY: a record.
            let found = unsafe { &*record(memory, at) };
            if found.owner == at {
                scopes.push(at);
            }
            at = found.below;
        }
        scopes
    }

    /// The scopes' lists, and what is free.
    fn walk_scopes<M: PageSource>(
        &self,
        memory: &M,
        ranges: &mut Vec<Range>,
    ) -> Result<(), String> {
        for open in self.scopes(memory) {
            let lists = lists_at(memory, open);
            if open != self.root && lists != self.nothing() {
                ranges.push((lists, lists + HEADS_BYTES, open, "lists"));
            }
            let mut wrong = None;
            Self::each_free(memory, open, &mut most_blocks(memory), |list, at, bytes| {
                // SAFETY: just compared.
                let is_rounded = list >= FIRST_INEXACT || unsafe { bytes_of(list) } == bytes;
                if list_of(bytes) != list || !is_rounded || lists == self.nothing() {
                    wrong = Some(format!("{bytes} bytes at {at:#x} in list {list}"));
                }
                ranges.push((at, at.wrapping_add(bytes), open, "free block"));
            });
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
        }
        Ok(())
    }

    /// The scope whose the byte at `at` is, of a record as of anything else.
    fn owner_seen<M: PageSource>(&self, memory: &M, at: u32) -> u32 {
        owner_of(memory, self.holder(memory, at))
    }

    /// A block lies in memory that the heap has, and its address says whose it is.
    fn walk_range<M: PageSource>(&self, memory: &M, range: Range) -> Result<(), String> {
        let (at, end, owner, _) = range;
        if self.region_of(memory, at, end).is_none() {
            return Err(format!("{range:#x?} is in no region"));
        }
        match self.owner_seen(memory, at) {
            seen if seen == owner && at.is_multiple_of(GRAIN) => Ok(()),
            seen => Err(format!("{range:#x?} seems to be {seen:#x}'s")),
        }
    }

    /// What is neither live nor free nor the heap's own is lost until its scope closes. That never happens to the root:
    /// a scope has no lists to keep it in, until it frees something.
    fn walk_gaps<M: PageSource>(&self, memory: &M, ranges: &[Range]) -> Result<(), String> {
        for (start, stop) in self.each_region(memory) {
            let stop = stop & !(GRAIN - 1);
            let mut at = start;
            let within = ranges
                .iter()
                .filter(|range| start <= range.0 && range.0 < stop);
            let ends = within.map(|range| (range.0, range.1));
            for (next, end) in ends.chain([(stop, stop)]) {
                if at < next && self.owner_seen(memory, at) == self.root {
                    return Err(format!("{at:#x} to {next:#x} is lost"));
                }
                at = end;
            }
        }
        Ok(())
    }
}
