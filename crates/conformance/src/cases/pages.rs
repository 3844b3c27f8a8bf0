//! `reserve`, `release`, `unmap`, `resize-in-place`, and the numbers: whose pages are whose.

use crate::{
    Bench, Call, Case, Clause::*, Layout, PageCall, Player, Violation, generate::Random,
    model::PAGE_BYTES, page_call::FUNCTIONS,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "pages/whole",
        &[P1],
        "a conformer that exports `reserve` exports the rest of `pages`",
        whole,
    )
    .calls(&["pages/reserve"]),
    Case::new(
        "pages/first-call",
        &[P1, H8],
        "each function may be the first one called",
        first_call,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/reserve",
        &[P1],
        "many sizes and alignments, apart from each other and from blocks",
        reserve,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/refused",
        &[P1, H4],
        "what cannot be had is 0 and no trap, and costs nothing",
        refused,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/foreign",
        &[P1, P6, H3],
        "pages that somebody else grew, at any time, are neither reserved nor unmapped",
        foreign,
    )
    .calls(FUNCTIONS)
    .in_program(),
    Case::new(
        "pages/at-4-gib",
        &[P1, P3, P7, H4],
        "nothing wraps at the end of a full memory",
        at_4_gib,
    )
    .calls(FUNCTIONS)
    .in_program(),
    Case::new(
        "pages/beside-blocks",
        &[P1, S2, B1],
        "neither `exit-scope` nor `free-all` ends a reservation, and blocks stay out of it",
        beside_blocks,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/numbers",
        &[P8],
        "`limit`, `used` and `available` fit together, whatever happens",
        numbers,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/random",
        &[P1, P2, P3, P4, P6, P7],
        "random calls on pages, between calls on blocks, against the model",
        random,
    )
    .calls(FUNCTIONS),
];

/// `n` pages and a bit, in bytes.
pub(super) fn pages(heap: &mut Player<'_>, n: u32) -> Result<u32, Violation> {
    heap.page_bytes().map(|page_bytes| n * page_bytes)
}

fn whole(bench: &Bench<'_>) -> Result<(), Violation> {
    let heap = bench.small()?;
    let missing: Vec<_> = FUNCTIONS
        .iter()
        .filter(|name| !bench.exports(name))
        .collect();
    heap.check(missing.is_empty(), P1, || {
        format!("`pages/reserve` is exported, and {missing:?} are not")
    })
}

fn first_call(bench: &Bench<'_>) -> Result<(), Violation> {
    let (ptr, bytes) = (1 << 20, 1 << 16);
    for call in [
        PageCall::PageSize,
        PageCall::Commit { ptr, bytes },
        PageCall::Decommit { ptr, bytes },
        PageCall::Reset { ptr, bytes },
        PageCall::Release { ptr },
        PageCall::Unmap { ptr: 0, bytes },
        PageCall::Resize {
            ptr,
            old: bytes,
            new: 2 * bytes,
        },
        PageCall::Limit,
        PageCall::Used,
        PageCall::Available,
        PageCall::Cleared,
    ] {
        let mut heap = bench.small()?;
        let answer = heap.page_call(call)?;
        let is_number = matches!(
            call,
            PageCall::PageSize | PageCall::Limit | PageCall::Available
        );
        heap.check(is_number || answer == 0, call.clause(), || {
            format!("`{call}` is {answer} where nothing has been reserved")
        })?;
        heap.alloc(100)?;
        heap.reserve(100_000, 0)?;
        heap.alloc(70_000)?;
    }
    let mut heap = bench.small()?;
    heap.reserve(1, 0).map(drop)
}

fn reserve(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for bytes in [1, page - 1, page, page + 1, 70_000, 1 << 20] {
        for flags in 0..4 {
            heap.reserve(bytes, flags)?;
            heap.alloc(bytes / 10)?;
        }
    }
    let mut heap = bench.small()?;
    for log2 in 0..=22 {
        let found = heap.try_reserve(3 * page, 1 << log2, log2 % 4)?;
        heap.check(found.is_some(), P1, || {
            format!("three pages at a multiple of 2^{log2} could not be reserved")
        })?;
    }
    Ok(())
}

fn refused(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for (bytes, align, flags) in [
        (0, 0, 0),
        (0, 0, 1),
        (1, 3, 0),
        (1, u32::MAX, 0),
        (1, (1 << 31) + 1, 1),
        (1, 0, 4),
        (1, 0, 1 << 31),
        (1 << 27, 0, 1),
        (1 << 31, 0, 1),
        (1, 1 << 31, 0),
        (u32::MAX - 65_535, 0, 0),
        (u32::MAX - 7, 0, 1),
        (u32::MAX, 1 << 20, 0),
        (u32::MAX, 0, 2),
    ] {
        let found = heap.try_reserve(bytes, align, flags)?;
        heap.check(found.is_none(), P1, || {
            format!("{bytes} bytes at a multiple of {align}, flags {flags}, cannot be had")
        })?;
        heap.alloc(40)?;
    }
    heap.reserve(1 << 20, 0)?;
    // What is refused now is to be had later.
    let used = heap.page_call(PageCall::Used)?;
    heap.limit_growth(1);
    heap.try_reserve(8 << 20, 0, 0)?;
    let after = heap.page_call(PageCall::Used)?;
    heap.check(used == after, P1, || {
        format!("a refused call changed `used` from {used} to {after}")
    })?;
    heap.lift_limit();
    heap.reserve(8 << 20, 1).map(drop)
}

fn foreign(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.grow_foreign(3);
    for turn in 0..6 {
        let first = heap.reserve(100_000, turn % 2)?;
        heap.grow_foreign(1);
        let second = heap.reserve(30_000, 0)?;
        heap.grow_foreign(2);
        heap.alloc(50_000)?;
        heap.resize_pages(second, 30_000, 200_000)?;
        heap.commit(second, 1 << 20)?;
        // Across reservations, somebody else's pages, and all that lies below.
        heap.unmap(first, second.abs_diff(first) + (1 << 20))?;
        heap.unmap(0, u32::MAX >> 4)?;
        heap.grow_foreign(1);
    }
    Ok(())
}

fn at_4_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 65_500,
        max_pages: None,
        heap_base: 65_500 << 16,
    };
    let mut heap = bench.open(layout)?;
    heap.allow_pages(65_536);
    let mut last = 0;
    let mut n = 0;
    for bytes in [100_000, 16_384] {
        while let Some(ptr) = heap.try_reserve(bytes, 0, 0)? {
            last = last.max(ptr);
            n += bytes;
            heap.check(n < 1 << 22, P1, || "memory has an end".into())?;
        }
    }
    heap.check(n > 1 << 20, P1, || {
        format!("{n} bytes were to be had in 36 pages")
    })?;
    let page = heap.page_bytes()?;
    for bytes in [u32::MAX - last, u32::MAX, u32::MAX - page] {
        heap.commit(last, bytes)?;
        heap.decommit(last, bytes)?;
        heap.reset(last, bytes)?;
        heap.resize_pages(last, page, bytes)?;
    }
    heap.unmap(last, u32::MAX - last)?;
    heap.reserve(page, 0).map(drop)
}

fn beside_blocks(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for turn in 1..5 {
        let scope = heap.enter()?;
        heap.alloc(1000)?;
        let ptr = heap.reserve(turn * 30_000, 0)?;
        let other = heap.reserve(turn * 70_000, 1)?;
        heap.alloc(200_000)?;
        heap.commit(other, page)?;
        heap.exit(scope)?;
        heap.alloc(turn * 100_000)?;
        heap.commit(ptr, turn * 30_000)?;
        heap.free_all()?;
        for _ in 0..20 {
            heap.alloc(9000)?;
        }
        heap.commit(other, turn * 70_000)?;
        heap.release(ptr)?;
        heap.alloc(turn * 30_000)?;
    }
    Ok(())
}

fn numbers(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let [limit, ..] = heap.page_numbers()?;
    heap.check(limit == 1 << 32, P8, || {
        format!("`limit` is {limit} where no growth has been refused")
    })?;
    let ptr = heap.reserve(100 * page, 0)?;
    let [_, _, before] = heap.page_numbers()?;
    let other = heap.reserve(10 * page, 1)?;
    let [_, _, after] = heap.page_numbers()?;
    heap.check(before - after >= u64::from(10 * page), P8, || {
        format!("`available` went from {before} to {after} as 10 pages were reserved")
    })?;
    heap.release(ptr)?;
    let [_, _, freed] = heap.page_numbers()?;
    heap.check(freed - after == u64::from(100 * page), P8, || {
        format!("`available` went from {after} to {freed} as 100 pages were released")
    })?;
    heap.decommit(other, page)?;
    heap.grow_foreign(2);
    heap.page_numbers()?;
    heap.limit_growth(20);
    let most = u64::from(heap.pages() + 20) * u64::from(PAGE_BYTES);
    while heap.try_reserve(16 * page, 0, 1)?.is_some() {}
    let [limit, ..] = heap.page_numbers()?;
    heap.check(limit <= most + u64::from(16 * page) + (1 << 20), P8, || {
        format!("`limit` is {limit}, though growth beyond {most} bytes was refused")
    })?;
    // What was refused may be granted later.
    heap.allow_pages(1000);
    heap.reserve(50 << 20, 1)?;
    heap.page_numbers()?;
    heap.grow_foreign(20);
    heap.page_numbers().map(drop)
}

fn random(bench: &Bench<'_>) -> Result<(), Violation> {
    for seed in 0..6 {
        let mut heap = bench.small()?;
        let mut random = Random::new(bench.seed.wrapping_add(seed));
        let page = heap.page_bytes()?;
        let mut ptrs = Vec::new();
        for _ in 0..120 {
            let bytes = match random.below(3) {
                0 => 1 + random.below(page),
                _ => 1 + random.below(12 * page),
            };
            let at = if ptrs.is_empty() {
                0
            } else {
                random.below(ptrs.len() as u32) as usize
            };
            let ptr: u32 = ptrs.get(at).copied().unwrap_or(0);
            let inside = ptr.saturating_add(random.below(8) * page);
            match random.below(14) {
                0..4 => ptrs.extend(heap.try_reserve(bytes, 0, random.below(3))?),
                4 | 5 => heap.commit(inside, bytes).map(drop)?,
                6 | 7 => heap.decommit(inside, bytes).map(drop)?,
                8 => heap.unmap(inside, bytes)?,
                9 if ptrs.len() > 6 => {
                    heap.release(ptr)?;
                    ptrs.swap_remove(at);
                }
                10 => {
                    let old = heap.model().pages.reservation(ptr);
                    let old = old.map_or(page, |pages| pages.len() as u32 * page);
                    heap.resize_pages(ptr, old, bytes)?;
                }
                11 => heap.alloc(bytes).map(drop)?,
                12 => heap.grow_foreign(random.below(2)),
                _ if random.below(4) == 0 => heap.free_all()?,
                _ => heap.reset(inside, bytes).map(drop)?,
            }
        }
        heap.page_numbers()?;
    }
    // No call of another interface has been in the way of one here, and the reverse.
    let mut heap = bench.small()?;
    heap.raw(Call::FreeAll)
        .map_err(|stop| heap.violation(B1, stop.to_string()))?;
    heap.reserve(1, 0).map(drop)
}
