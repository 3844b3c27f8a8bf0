//! `commit`, `decommit`, `reset`, and what is cleared: what pages hold.

use super::pages::pages;
use crate::{Bench, Case, Clause::*, PageCall, Player, Violation, page_call::FUNCTIONS};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "pages/zero",
        &[P2],
        "a reservation reads zero where one was before, in part or as a whole, and where blocks were",
        zero,
    )
    .calls(FUNCTIONS)
    .in_program(),
    Case::new(
        "pages/lazy",
        &[P2, P3],
        "lazily reserved pages read zero from their first commit on, dirty ones too",
        lazy,
    )
    .calls(FUNCTIONS)
    .in_program(),
    Case::new(
        "pages/commit",
        &[P3],
        "`commit` rounds outward, keeps what is live, and answers `false` outside reservations",
        commit,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/decommit",
        &[P4, P3],
        "what was decommitted reads zero when it is committed again, and its neighbours keep theirs",
        decommit,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/reset",
        &[P5],
        "pages stay committed, and hold what they held unless `reset` says that it dropped that",
        reset,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/cleared",
        &[P9],
        "`cleared` counts each dirty page once for each time it is seen, and fresh ones never",
        cleared,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/fresh-cost",
        &[P9],
        "32 MiB that are fresh take no longer than a few bytes",
        fresh_cost,
    )
    .calls(FUNCTIONS)
    .metered(),
    Case::new(
        "pages/dirty-cost",
        &[P9, P4],
        "of 32 MiB that are dirty, `commit` pays for what it commits, and nobody else for anything",
        dirty_cost,
    )
    .calls(FUNCTIONS)
    .metered(),
];

fn zero(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for bytes in [page, 7 * page, 40 * page] {
        // Painted from end to end, and then reserved anew in other pieces.
        let ptr = heap.reserve(bytes, 0)?;
        heap.release(ptr)?;
        let pieces = [heap.reserve(bytes / 3 + 1, 0)?, heap.reserve(bytes / 2, 0)?];
        heap.unmap(pieces[1], page)?;
        heap.reserve(3 * page, 0)?;
        heap.release(pieces[0])?;
        heap.reserve(2 * bytes, 0)?;
    }
    let scope = heap.enter()?;
    for size in [1000, 60_000, 300_000, 2 << 20] {
        heap.alloc(size)?;
    }
    heap.exit(scope)?;
    heap.reserve(3 << 20, 0)?;
    heap.free_all()?;
    heap.reserve(1 << 20, 0).map(drop)
}

fn lazy(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for dirty in [false, true] {
        if dirty {
            let ptr = heap.reserve(60 * page, 2)?;
            heap.release(ptr)?;
        }
        let ptr = heap.reserve(50 * page, 1)?;
        for at in [0, 49, 7, 8, 6, 30, 31] {
            heap.commit(ptr + at * page + page / 2, 1)?;
        }
        heap.commit(ptr + 5 * page, 30 * page)?;
        heap.commit(ptr, 50 * page)?;
        heap.release(ptr)?;
        // Never committed, and dirty all the same, since it was before.
        let ptr = heap.reserve(50 * page, 1)?;
        heap.release(ptr)?;
        let ptr = heap.reserve(50 * page, 3)?;
        heap.commit(ptr, 50 * page)?;
        heap.release(ptr)?;
    }
    Ok(())
}

fn commit(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let ptr = heap.reserve(10 * page, 1)?;
    let behind = ptr + 10 * page;
    for (from, bytes) in [
        (ptr + page - 1, 2),
        (ptr, 10 * page),
        (ptr + 3 * page, 0),
        (0, 0),
        (u32::MAX, 0),
        // All of it, or in part, outside.
        (behind, 1),
        (behind - 1, 2),
        (ptr - 1, 2),
        (ptr, 10 * page + 1),
        (0, page),
        (ptr, u32::MAX),
        (u32::MAX, 1),
        (u32::MAX - page, 2 * page),
    ] {
        heap.commit(from, bytes)?;
    }
    // Where it is refused, nothing is committed.
    let ptr = heap.reserve(4 * page, 1)?;
    heap.unmap(ptr + 2 * page, page)?;
    heap.commit(ptr, 4 * page)?;
    heap.commit(ptr, 2 * page)?;
    heap.commit(ptr + 3 * page, page)?;
    // Two reservations side by side are reserved pages like any others.
    let ptr = heap.reserve(2 * page, 1)?;
    heap.unmap(ptr + page, page)?;
    heap.try_reserve(page, 0, 1)?;
    heap.commit(ptr, 2 * page).map(drop)
}

fn decommit(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let ptr = heap.reserve(20 * page, 0)?;
    let untouched = heap.reserve(10 * page, 1)?;
    for (from, bytes) in [
        (3 * page, 4 * page),
        (5 * page, page),
        (8 * page + 7, 1),
        (9 * page - 1, 2),
        (4 * page, 0),
        (0, 20 * page),
        (19 * page, page + 1),
    ] {
        heap.decommit(ptr + from, bytes)?;
        heap.commit(ptr + 4 * page, 2 * page)?;
        heap.commit(ptr, 20 * page)?;
    }
    heap.decommit(untouched, 10 * page)?;
    heap.commit(untouched + page, page)?;
    heap.decommit(untouched, 10 * page)?;
    heap.decommit(untouched, 10 * page)?;
    heap.commit(untouched, 10 * page)?;
    for (from, bytes) in [(0, page), (u32::MAX, 2), (ptr, u32::MAX), (0, 0)] {
        heap.decommit(from, bytes)?;
    }
    // It is still reserved, and ends with its reservation.
    heap.decommit(ptr, 20 * page)?;
    heap.release(ptr)?;
    heap.decommit(ptr, page)?;
    heap.reserve(20 * page, 0).map(drop)
}

fn reset(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let ptr = heap.reserve(10 * page, 0)?;
    heap.reset(ptr + 2 * page, 3 * page)?;
    heap.commit(ptr, 10 * page)?;
    heap.reset(ptr, 10 * page)?;
    heap.decommit(ptr + page, page)?;
    // Not all of it is committed.
    heap.reset(ptr, 3 * page)?;
    heap.commit(ptr, 10 * page)?;
    for (from, bytes) in [(0, page), (ptr, u32::MAX), (ptr + 9 * page, page + 1)] {
        heap.reset(from, bytes)?;
    }
    heap.release(ptr)?;
    heap.reset(ptr, page).map(drop)
}

/// How many bytes `work` has cleared, in pages; `expected` of them.
fn clears(
    heap: &mut Player<'_>,
    expected: u32,
    what: &str,
    work: impl FnOnce(&mut Player<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    let before = heap.page_call(PageCall::Cleared)?;
    work(heap)?;
    let after = heap.page_call(PageCall::Cleared)?;
    let expected = u64::from(pages(heap, expected)?);
    heap.check(after.wrapping_sub(before) == expected, P9, || {
        format!("{what}: `cleared` went from {before} to {after}, and {expected} bytes had to be cleared")
    })
}

fn cleared(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let mut ptr = 0;
    clears(&mut heap, 0, "fresh pages", |heap| {
        ptr = heap.reserve(40 * page, 0)?;
        let lazy = heap.reserve(40 * page, 1)?;
        heap.commit(lazy, 40 * page)?;
        heap.decommit(ptr, 10 * page)?;
        heap.decommit(ptr + 5 * page, 10 * page).map(drop)
    })?;
    clears(&mut heap, 15, "what was decommitted", |heap| {
        heap.commit(ptr, 20 * page)?;
        heap.commit(ptr, 40 * page).map(drop)
    })?;
    clears(&mut heap, 0, "what nobody sees", |heap| {
        heap.release(ptr)?;
        ptr = heap.reserve(40 * page, 1)?;
        heap.decommit(ptr, 40 * page)?;
        heap.release(ptr)?;
        ptr = heap.reserve(40 * page, 2)?;
        heap.release(ptr)?;
        ptr = heap.reserve(40 * page, 1)?;
        Ok(())
    })?;
    let same = ptr;
    clears(&mut heap, 3, "three pages of a dirty reservation", |heap| {
        heap.commit(ptr + 7 * page, 3 * page)?;
        heap.commit(ptr + 8 * page, page).map(drop)
    })?;
    clears(&mut heap, 40, "a dirty reservation as a whole", |heap| {
        heap.release(ptr)?;
        ptr = heap.reserve(40 * page, 0)?;
        heap.check(ptr == same, P6, || {
            "released pages are not the first to be reserved again".into()
        })
    })
}

/// How much fuel a call took.
fn fuel(heap: &mut Player<'_>, call: PageCall) -> Result<u64, Violation> {
    let answer = heap.page_call(call)?;
    heap.check(answer != 0, call.clause(), || format!("`{call}` is 0"))?;
    Ok(heap.fuel_used().unwrap_or(0))
}

const LARGE: u32 = 32 << 20;

/// Bitmaps, a byte per page: records may cost a 64th of what they are about.
const MOST_FUEL: u64 = LARGE as u64 / 64;

fn cheap(heap: &mut Player<'_>, call: PageCall) -> Result<u64, Violation> {
    let answer = heap.page_call(call)?;
    let fuel = heap.fuel_used().unwrap_or(0);
    heap.check(fuel < MOST_FUEL, P9, || {
        format!("`{call}` took {fuel} units of fuel, as if {LARGE} bytes had been cleared")
    })?;
    Ok(answer)
}

fn fresh_cost(bench: &Bench<'_>) -> Result<(), Violation> {
    for flags in 0..3 {
        let mut heap = bench.small()?;
        heap.alloc(24)?;
        heap.grow_foreign(flags);
        let call = PageCall::Reserve {
            bytes: LARGE,
            align: 1 << 16,
            flags,
        };
        let ptr = cheap(&mut heap, call)? as u32;
        heap.check(ptr != 0, P1, || format!("`{call}` is 0"))?;
        cheap(&mut heap, PageCall::Commit { ptr, bytes: LARGE })?;
    }
    Ok(())
}

fn dirty_cost(bench: &Bench<'_>) -> Result<(), Violation> {
    const PART: u32 = 1 << 20;
    let mut heap = bench.small()?;
    let reserve = |heap: &mut Player<'_>, flags| {
        let call = PageCall::Reserve {
            bytes: LARGE,
            align: 0,
            flags,
        };
        cheap(heap, call).map(|ptr| ptr as u32)
    };
    // Without the model: nobody looks at the pages, but all are dirty.
    let ptr = reserve(&mut heap, 2)?;
    cheap(&mut heap, PageCall::Decommit { ptr, bytes: LARGE })?;
    cheap(&mut heap, PageCall::Release { ptr })?;
    let ptr = reserve(&mut heap, 1)?;
    let part = fuel(&mut heap, PageCall::Commit { ptr, bytes: PART })?;
    heap.check((PART / 2..PART * 2).contains(&(part as u32)), P9, || {
        format!("to commit {PART} dirty bytes took {part} units of fuel, which is not what clearing them takes")
    })?;
    cheap(&mut heap, PageCall::Commit { ptr, bytes: PART })?;
    cheap(&mut heap, PageCall::Decommit { ptr, bytes: LARGE })?;
    cheap(&mut heap, PageCall::Unmap { ptr, bytes: LARGE })?;
    let call = PageCall::Reserve {
        bytes: LARGE,
        align: 0,
        flags: 0,
    };
    let whole = fuel(&mut heap, call)?;
    heap.check(whole > u64::from(LARGE) / 2, P9, || {
        format!("to clear {LARGE} dirty bytes took {whole} units of fuel: they were not cleared")
    })
}
