//! First fit over summaries.
//!
//! A region is 256 pages, 4 MiB. Its summary says how many free pages it begins with, how many it ends with, and
//! how many there are in a row anywhere: three numbers of up to 256 in one word. A free run that crosses regions is
//! an end, any number of regions that are free from end to end, and a beginning.

use crate::{
    PageSource,
    page_layer::{GROUP_LOG2, PageLayer, Pages, planes::Plane},
};

/// The base-2 logarithm of how many pages a region has.
pub(super) const REGION_LOG2: u32 = 8;
const REGION_PAGES: u32 = 1 << REGION_LOG2;
/// The base-2 logarithm of how many regions a group has.
const REGIONS_LOG2: u32 = GROUP_LOG2 - REGION_LOG2;

/// How many free pages in a row a region has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// At its beginning.
    pub first: u32,
    /// At its end.
    pub last: u32,
    /// Anywhere.
    pub most: u32,
}

impl Summary {
    const BITS: u32 = 10;

    pub(super) const fn packed(self) -> u32 {
        self.first | self.last << Self::BITS | self.most << (2 * Self::BITS)
    }

    const fn unpacked(word: u32) -> Self {
        let mask = (1 << Self::BITS) - 1;
        Self {
            first: word & mask,
            last: word >> Self::BITS & mask,
            most: word >> (2 * Self::BITS),
        }
    }

    /// Of a region with these free pages.
    fn of(bits: [u64; 4]) -> Self {
        let mut summary = Self::default();
        let mut run = 0;
        let mut is_first = true;
        for mut word in bits {
            let mut left = 64;
            while left > 0 {
                let ones = word.trailing_ones().min(left);
                run += ones;
                summary.most = summary.most.max(run);
                if ones == left {
                    break;
                }
                if is_first {
                    summary.first = run;
                    is_first = false;
                }
                run = 0;
                word >>= ones;
                left -= ones;
                let zeros = word.trailing_zeros().min(left);
                word = word.checked_shr(zeros).unwrap_or(0);
                left -= zeros;
            }
        }
        if is_first {
            summary.first = run;
        }
        summary.last = run;
        summary
    }
}

impl PageLayer {
    /// The first page of the lowest `n` free pages in a row that begin at a multiple of `align` pages.
    pub(super) fn find<M: PageSource>(&mut self, memory: &M, n: u32, align: u32) -> Option<u32> {
        while self.low_region < self.top_region && self.packed(memory, self.low_region) == 0 {
            self.low_region += 1;
        }
        // The free run that reaches up to the region.
        let mut start = 0;
        let mut len = 0;
        for region in self.low_region..self.top_region {
            let packed = self.packed(memory, region);
            if packed == 0 {
                len = 0;
                continue;
            }
            let summary = Summary::unpacked(packed);
            let first = region << REGION_LOG2;
            if len == 0 {
                start = first;
            }
            len += summary.first;
            if let Some(found) = fit((start, start + len), n, align) {
                return Some(found);
            }
            if summary.first < REGION_PAGES {
                let end = first + REGION_PAGES;
                if summary.most >= n
                    && let Some(found) = self.find_inside(memory, first, n, align)
                {
                    return Some(found);
                }
                len = summary.last;
                start = end - len;
            }
        }
        None
    }

    /// As `find`, in the one region that begins with page `first`; `n` is at most what a region has.
    fn find_inside<M: PageSource>(
        &self,
        memory: &M,
        first: u32,
        n: u32,
        align: u32,
    ) -> Option<u32> {
        // Bits of the pages with which `len` free ones begin.
        let mut bits = [0, 1, 2, 3].map(|at| self.get(memory, Plane::Free, (first >> 6) + at));
        let mut len = 1;
        while len < n {
            let more = len.min(n - len);
            let behind = shifted(bits, more);
            bits = [0, 1, 2, 3].map(|at| bits[at] & behind[at]);
            len += more;
        }
        // One bit of `align`; from 64 pages on, the first one of some words.
        let (mut aligned, mut step) = (1_u64, align);
        while step < 64 {
            aligned |= aligned << step;
            step <<= 1;
        }
        (0..4).find_map(|at| {
            let page = first + at * 64;
            let fits = bits[at as usize] & aligned;
            let is_aligned = align <= 64 || page.is_multiple_of(align);
            (fits != 0 && is_aligned).then(|| page + fits.trailing_zeros())
        })
    }

    /// Brings the summaries up to date of the regions that have a page of `pages`.
    pub(super) fn summarise<M: PageSource>(&mut self, memory: &mut M, (start, end): Pages) {
        if start == end {
            return;
        }
        for region in start >> REGION_LOG2..=(end - 1) >> REGION_LOG2 {
            let Some(at) = self.summary_at(region) else {
                continue;
            };
            let packed = self.counted(memory, region).packed();
            // SAFETY: a group's page is in bounds and begins with its summaries.
            unsafe { memory.at(at).cast::<u32>().write(packed) };
            if packed != 0 {
                self.low_region = self.low_region.min(region);
                self.top_region = self.top_region.max(region + 1);
            }
        }
    }

    /// A region's summary as its bits say.
    pub(super) fn counted<M: PageSource>(&self, memory: &M, region: u32) -> Summary {
        let word = region << (REGION_LOG2 - 6);
        Summary::of([0, 1, 2, 3].map(|at| self.get(memory, Plane::Free, word + at)))
    }

    /// A region's summary as it was written down; 0 where nothing is free.
    pub(super) fn packed<M: PageSource>(&self, memory: &M, region: u32) -> u32 {
        match self.summary_at(region) {
            // SAFETY: as in `summarise`.
            Some(at) => unsafe { memory.at(at).cast::<u32>().read() },
            None => 0,
        }
    }

    fn summary_at(&self, region: u32) -> Option<u32> {
        let records = self.groups[(region >> REGIONS_LOG2) as usize];
        let at = records + (region & ((1 << REGIONS_LOG2) - 1)) * 4;
        (records != 0).then_some(at)
    }
}

/// The bits of a region, `by` pages lower; `by` is less than its pages.
fn shifted(bits: [u64; 4], by: u32) -> [u64; 4] {
    let word = |at: usize| bits.get(at).copied().unwrap_or(0);
    let (words, by) = ((by >> 6) as usize, by & 63);
    [0, 1, 2, 3].map(|at| word(at + words) >> by | word(at + words + 1) << 1 << (63 - by))
}

/// Where `n` pages fit into a free run, at a multiple of `align` pages.
fn fit((start, end): Pages, n: u32, align: u32) -> Option<u32> {
    let start = start.next_multiple_of(align);
    (start + n <= end).then_some(start)
}

#[cfg(test)]
mod tests {
    use super::Summary;

    #[test]
    fn a_summary_says_what_counting_says() {
        let mut state = 1_u64;
        for round in 0..20_000 {
            let bits = [(); 4].map(|()| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                match (state >> 33) % 5 {
                    0 => 0,
                    1 => u64::MAX,
                    2 => state,
                    3 => u64::MAX << (round % 64),
                    _ => u64::MAX >> (round % 64),
                }
            });
            let free: Vec<bool> = (0..256)
                .map(|at| bits[at / 64] >> (at % 64) & 1 != 0)
                .collect();
            let runs = free.split(|free| !free).map(|run| run.len() as u32);
            let expected = Summary {
                first: free.iter().take_while(|free| **free).count() as u32,
                last: free.iter().rev().take_while(|free| **free).count() as u32,
                most: runs.max().unwrap_or(0),
            };
            assert_eq!(Summary::of(bits), expected, "{bits:x?}");
            assert_eq!(Summary::unpacked(expected.packed()), expected);
        }
    }
}
