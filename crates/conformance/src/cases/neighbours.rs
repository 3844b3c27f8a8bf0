//! Others who grow the same memory (H3).

use crate::{Bench, Case, Clause::*, Layout, Player, Source, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "heap/foreign-first",
        &[H3],
        "somebody else grows memory before the first call",
        foreign_first,
    )
    .in_program(),
    Case::new(
        "heap/foreign-between",
        &[H3],
        "allocations and foreign growth in turn",
        foreign_between,
    )
    .in_program(),
    Case::new(
        "heap/foreign-small",
        &[H3],
        "small blocks fill the page before somebody else's and go on behind it",
        foreign_small,
    )
    .in_program(),
    Case::new(
        "heap/foreign-realloc",
        &[H3, R2],
        "a vector grows up to somebody else's page and moves",
        foreign_realloc,
    )
    .in_program(),
    Case::new(
        "heap/foreign-scope",
        &[H3, S3],
        "a scope that spans somebody else's pages frees both sides",
        foreign_scope,
    )
    .in_program(),
    Case::new(
        "heap/foreign-promote",
        &[H3, S4],
        "a promotion that does not fit goes past somebody else's pages",
        foreign_promote,
    )
    .in_program(),
    Case::new(
        "heap/foreign-promote-reuse",
        &[H3, S3],
        "what was promoted between somebody else's pages is used again when its scope ends",
        foreign_promote_reuse,
    )
    .in_program(),
    Case::new(
        "heap/foreign-refused",
        &[H3, H5],
        "memory that others took to the limit is exhausted",
        foreign_refused,
    )
    .in_program(),
    Case::new(
        "heap/foreign-base-at-the-end",
        &[H3, H2],
        "a heap that begins at the end of memory, and somebody else grows there",
        foreign_base_at_the_end,
    )
    .in_program(),
];

fn foreign_first(bench: &Bench<'_>) -> Result<(), Violation> {
    for pages in [1, 3] {
        for size in [0, 8, 50_000, 65_536, 100_000] {
            let mut heap = bench.small()?;
            heap.grow_foreign(pages);
            heap.alloc(size)?;
            let scope = heap.enter()?;
            heap.alloc(50_000)?;
            heap.alloc(50_000)?;
            heap.exit(scope)?;
            heap.alloc(200_000)?;
        }
    }
    Ok(())
}

fn foreign_between(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..30 {
        heap.alloc(7000 * (turn % 12))?;
        heap.grow_foreign(1 + turn % 2);
    }
    Ok(())
}

fn foreign_small(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..400 {
        heap.alloc(1000)?;
        if turn % 50 == 5 {
            heap.grow_foreign(1);
        }
    }
    Ok(())
}

fn foreign_realloc(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let vector = heap.alloc(8)?;
    for log2 in 4..19 {
        heap.grow_foreign(u32::from(log2 > 12));
        heap.realloc(vector, 1 << log2)?;
    }
    heap.realloc(vector, 100)?;
    heap.alloc(300_000).map(drop)
}

fn foreign_scope(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(100)?;
    let turn = |heap: &mut Player<'_>, grow: bool| -> Result<(), Violation> {
        let outer = heap.enter()?;
        for size in [30_000, 50_000, 70_000, 140_000] {
            heap.alloc(size)?;
            heap.enter()?;
            if grow {
                heap.grow_foreign(1);
            }
        }
        heap.exit(outer)?;
        heap.alloc(8).map(drop)
    };
    turn(&mut heap, true)?;
    heap.limit_growth(0);
    (0..20).try_for_each(|_| turn(&mut heap, false))
}

fn foreign_promote(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(40_000)?;
    heap.grow_foreign(1);
    let scope = heap.enter()?;
    heap.alloc(8)?;
    heap.promote(scope, Source::block(older), 40_000)?;
    heap.grow_foreign(2);
    let outer = heap.enter()?;
    let large = heap.alloc(90_000)?;
    heap.enter()?;
    heap.alloc(90_000)?;
    heap.promote(outer, Source::block(large), 90_000)?;
    heap.alloc(8).map(drop)
}

fn foreign_promote_reuse(bench: &Bench<'_>) -> Result<(), Violation> {
    // About an eighth of a page: pieces between neighbours hold a few of them, and a rest that is too small.
    const SIZE: u32 = 8184;
    let mut heap = bench.small()?;
    let turn = |heap: &mut Player<'_>, grow: bool| -> Result<(), Violation> {
        let outer = heap.enter()?;
        for _ in 0..20 {
            if grow {
                heap.grow_foreign(1);
            }
            let scope = heap.enter()?;
            let block = heap.alloc(SIZE)?;
            heap.promote(scope, Source::block(block), SIZE)?;
        }
        heap.exit(outer)
    };
    turn(&mut heap, true)?;
    heap.limit_growth(0);
    (0..80).try_for_each(|_| turn(&mut heap, false))
}

fn foreign_refused(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.open(Layout {
        max_pages: Some(3),
        ..Layout::SMALL
    })?;
    heap.alloc(100)?;
    heap.grow_foreign(2);
    heap.exhausts(crate::Call::Alloc { size: 65_536 })?;
    heap.exhausts(crate::Call::Alloc { size: 150_000 })?;
    heap.alloc(100).map(drop)
}

fn foreign_base_at_the_end(bench: &Bench<'_>) -> Result<(), Violation> {
    for heap_base in [65_535, 65_536] {
        let mut heap = bench.open(Layout {
            heap_base,
            ..Layout::SMALL
        })?;
        heap.grow_foreign(1);
        let scope = heap.enter()?;
        heap.alloc(10)?;
        heap.grow_foreign(1);
        heap.alloc(100_000)?;
        heap.exit(scope)?;
        heap.alloc(10)?;
    }
    Ok(())
}
