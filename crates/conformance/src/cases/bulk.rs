//! `free-all`.

use crate::{Bench, Call, Case, Clause::*, Feature, Player, Source, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "bulk/frees-every-scope",
        &[B1],
        "blocks of all scopes are gone, and allocation starts over",
        frees_every_scope,
    ),
    Case::new(
        "bulk/reuses-pages",
        &[B1],
        "the pages of before are used again, and no more are taken",
        reuses_pages,
    ),
    Case::new(
        "bulk/closes-scopes",
        &[B1, S7],
        "handles of before are dead",
        closes_scopes,
    )
    .promised(&[Feature::ExactHandles]),
    Case::new(
        "bulk/scopes-start-over",
        &[B1, S1],
        "scopes opened afterwards nest and promote as ever",
        scopes_start_over,
    ),
    Case::new(
        "bulk/again-and-again",
        &[B1, S3],
        "a thousand turns take the memory of one",
        again_and_again,
    ),
    Case::new(
        "bulk/beside-neighbours",
        &[B1, H3],
        "pages on either side of somebody else's are used again",
        beside_neighbours,
    )
    .in_program(),
    Case::new(
        "bulk/after-exhaustion",
        &[B1, H6],
        "it makes room where there was none",
        after_exhaustion,
    ),
];

fn frees_every_scope(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.free_all()?;
    heap.free_all()?;
    for _ in 0..3 {
        heap.alloc(100)?;
        heap.enter()?;
        heap.alloc(1000)?;
        heap.enter()?;
        heap.alloc(10_000)?;
        heap.free_all()?;
        heap.alloc(5)?;
        heap.alloc(50_000)?;
    }
    Ok(())
}

fn fill(heap: &mut Player<'_>) -> Result<(), Violation> {
    for size in [100, 65_536, 8, 200_000, 3000] {
        heap.alloc(size)?;
        heap.enter()?;
    }
    Ok(())
}

fn reuses_pages(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    fill(&mut heap)?;
    heap.limit_growth(0);
    heap.free_all()?;
    fill(&mut heap)
}

fn closes_scopes(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(8)?;
    let outer = heap.enter()?;
    heap.alloc(8)?;
    let inner = heap.enter()?;
    let handles = [heap.handle(outer), heap.handle(inner)];
    heap.free_all()?;
    for handle in handles {
        heap.traps(Call::ExitScope { handle }, B1)?;
    }
    heap.alloc(200)?;
    for handle in handles {
        heap.traps(Call::ExitScope { handle }, B1)?;
    }
    Ok(())
}

fn scopes_start_over(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.enter()?;
    heap.alloc(8)?;
    heap.enter()?;
    heap.free_all()?;
    let root = heap.alloc(40)?;
    let outer = heap.enter()?;
    let inner = heap.enter()?;
    let kept = heap.promote(inner, Source::block(root), 40)?;
    heap.promote(outer, Source::block(kept), 40)?;
    let last = heap.enter()?;
    heap.alloc(8)?;
    heap.exit(last)
}

fn again_and_again(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..1000 {
        heap.alloc(30_000)?;
        heap.enter()?;
        heap.alloc(40_000)?;
        heap.free_all()?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}

fn beside_neighbours(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let turn = |heap: &mut Player<'_>, grow: bool| -> Result<(), Violation> {
        for size in [40_000, 60_000, 100_000, 10_000] {
            heap.alloc(size)?;
            if grow {
                heap.grow_foreign(1);
            }
        }
        Ok(())
    };
    turn(&mut heap, true)?;
    heap.limit_growth(0);
    for _ in 0..10 {
        heap.free_all()?;
        turn(&mut heap, false)?;
    }
    Ok(())
}

fn after_exhaustion(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.limit_growth(2);
    let mut blocks = 0;
    while heap
        .try_alloc(crate::BlockName(1000 + blocks), 9000)?
        .is_some()
    {
        blocks += 1;
        heap.check(blocks < 10_000, H5, || {
            "memory has an end, and was never exhausted".into()
        })?;
    }
    heap.free_all()?;
    (0..blocks).try_for_each(|_| heap.alloc(9000).map(drop))
}
