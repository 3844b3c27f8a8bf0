//! `release`, `unmap`, `resize-in-place`: how reservations end, in part or as a whole.

use crate::{Bench, Case, Clause::*, Violation, page_call::FUNCTIONS};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "pages/release",
        &[P6],
        "the reservation that begins there ends; any other address is nothing",
        release,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/unmap",
        &[P6],
        "any part is taken out, and what is left of a reservation can be released",
        unmap,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/again",
        &[P6],
        "released pages are reserved again before memory grows, also in larger pieces",
        again,
    )
    .calls(FUNCTIONS),
    Case::new(
        "pages/resize",
        &[P7],
        "a reservation shrinks, and grows where there is room, or nothing is changed",
        resize,
    )
    .calls(FUNCTIONS),
];

fn release(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let ptrs = [
        heap.reserve(5 * page, 0)?,
        heap.reserve(page + 1, 1)?,
        heap.reserve(3 * page, 2)?,
        heap.reserve(page, 0)?,
    ];
    for wrong in [
        0,
        1,
        ptrs[0] + page,
        ptrs[0] + 1,
        ptrs[2] + 8,
        u32::MAX,
        1 << 31,
    ] {
        heap.release(wrong)?;
    }
    for at in [2, 0, 3, 1] {
        heap.release(ptrs[at])?;
        // It is none any more.
        heap.release(ptrs[at])?;
        let committed = heap.commit(ptrs[at], page)?;
        heap.check(!committed, P3, || "what was released was committed".into())?;
    }
    Ok(())
}

fn unmap(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for (from, bytes) in [
        (0, page),
        (3 * page, page),
        (8 * page, 2 * page),
        (2 * page + 5, 10),
        (3 * page - 1, 2),
        (0, 10 * page),
        (4 * page, 0),
    ] {
        let before = heap.reserve(2 * page, 0)?;
        let ptr = heap.reserve(10 * page, 0)?;
        let behind = heap.reserve(2 * page, 1)?;
        heap.unmap(ptr + from, bytes)?;
        // Once more: there is nothing left to take.
        heap.unmap(ptr + from, bytes)?;
        heap.commit(ptr, page)?;
        heap.release(ptr)?;
        for page_at in 1..10 {
            heap.release(ptr + page_at * page)?;
        }
        heap.commit(behind, 2 * page)?;
        heap.release(before)?;
        heap.release(behind)?;
    }
    let ptr = heap.reserve(4 * page, 0)?;
    let next = heap.reserve(4 * page, 0)?;
    // From one reservation into the next, if that is where it lies.
    heap.unmap(ptr + 3 * page, 2 * page)?;
    heap.release(ptr)?;
    heap.release(next)?;
    heap.release(next + page)
}

fn again(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    let whole = heap.reserve(45 * page, 1)?;
    heap.release(whole)?;
    heap.limit_growth(0);
    for turn in 0..30 {
        let ptrs = [
            heap.reserve(10 * page, 0)?,
            heap.reserve(20 * page, 1)?,
            heap.reserve(10 * page, 0)?,
        ];
        // In another order each time; neighbours are one again.
        for at in 0..3 {
            heap.release(ptrs[(at + turn) % 3])?;
        }
        let whole = heap.reserve(35 * page, 1)?;
        heap.unmap(whole + 5 * page, 20 * page)?;
        heap.unmap(whole, 35 * page)?;
    }
    Ok(())
}

fn resize(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let page = heap.page_bytes()?;
    for flags in [0, 1] {
        let ptr = heap.reserve(10 * page, flags)?;
        for (old, new) in [
            (10 * page, 10 * page),
            (10 * page, 10 * page - 1),
            (10 * page, 4 * page),
            (4 * page, page + 1),
            // Not its size, and nothing it could become.
            (9 * page, page),
            (2 * page, 0),
            (2 * page, u32::MAX),
            (2 * page, 9 * page),
            (2 * page, 2 * page),
            (9 * page, 12 * page),
            (9 * page, 3 * page),
        ] {
            heap.resize_pages(ptr, old, new)?;
        }
        heap.resize_pages(ptr + page, page, page)?;
        heap.resize_pages(0, page, page)?;
        let behind = heap.reserve(page, 0)?;
        heap.resize_pages(ptr, 3 * page, 40 * page)?;
        heap.release(behind)?;
        heap.grow_foreign(1);
        heap.resize_pages(ptr, 3 * page, 400 * page)?;
        heap.release(ptr)?;
    }
    // Where nothing can be in the way.
    let ptr = heap.reserve(8 * page, 0)?;
    let shrunk = heap.resize_pages(ptr, 8 * page, 3 * page)?;
    let grown = heap.resize_pages(ptr, 3 * page, 8 * page)?;
    heap.check(shrunk && grown, P7, || {
        "what was given up a moment ago is not taken back".into()
    })?;
    heap.limit_growth(0);
    heap.resize_pages(ptr, 8 * page, 4000 * page).map(drop)
}
