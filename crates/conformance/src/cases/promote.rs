//! `promote`.

use crate::{Bench, Call, Case, Clause::*, Feature, Player, Source, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "scope/promote-sizes",
        &[S4],
        "0 to 70 bytes arrive in the parent; what follows is aligned and disjoint",
        promote_sizes,
    ),
    Case::new(
        "scope/promote-survives",
        &[S4],
        "a promoted block lives until the parent closes",
        promote_survives,
    ),
    Case::new(
        "scope/promote-keeps-parent",
        &[S4],
        "the parent's older blocks keep their bytes",
        promote_keeps_parent,
    ),
    Case::new(
        "scope/promote-ends-scope",
        &[S4],
        "the parent is the innermost scope, and closes as such",
        promote_ends_scope,
    ),
    Case::new(
        "scope/promote-closes-handle",
        &[S4, S7],
        "the promoted scope's handle is dead",
        promote_closes_handle,
    )
    .promised(&[Feature::ExactHandles]),
    Case::new(
        "scope/promote-outer",
        &[S4, S2],
        "promoting an outer scope closes what is inside it",
        promote_outer,
    ),
    Case::new(
        "scope/promote-grows",
        &[S4],
        "memory grows where the copy does not fit",
        promote_grows,
    ),
    Case::new(
        "scope/promote-exhausted",
        &[S4, H6],
        "a refused promote leaves the scope open and its bytes in place",
        promote_exhausted,
    ),
    Case::new(
        "scope/promote-reuse",
        &[S4, S3],
        "promoting in turns takes no more than one turn and what was promoted",
        promote_reuse,
    ),
    Case::new(
        "scope/promote-overlap",
        &[S5],
        "source and target overlap by every distance from 0 to 40",
        promote_overlap,
    ),
    Case::new(
        "scope/promote-older",
        &[S5],
        "from a block that is older than the scope",
        promote_older,
    ),
    Case::new(
        "scope/promote-from-inner",
        &[S5, S4],
        "from a block of a scope inside the one that ends",
        promote_from_inner,
    ),
    Case::new(
        "scope/promote-inside",
        &[S5],
        "from the middle of a block",
        promote_inside,
    ),
    Case::new(
        "scope/promote-static",
        &[S5],
        "from the program's static data",
        promote_static,
    )
    .in_program(),
];

fn promote_sizes(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(100)?;
    for size in 0..=70 {
        let scope = heap.enter()?;
        heap.alloc(13)?;
        let block = heap.alloc(size)?;
        heap.alloc(5)?;
        heap.promote(scope, Source::block(block), size)?;
        heap.alloc(1)?;
        let scope = heap.enter()?;
        heap.promote(scope, Source::block(older), size)?;
        heap.alloc(3)?;
    }
    Ok(())
}

fn promote_survives(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let parent = heap.enter()?;
    let scope = heap.enter()?;
    let block = heap.alloc(200)?;
    heap.promote(scope, Source::block(block), 200)?;
    heap.alloc(1000)?;
    let inner = heap.enter()?;
    heap.alloc(1000)?;
    heap.exit(inner)?;
    heap.alloc(1000)?;
    heap.exit(parent)?;
    heap.alloc(3000).map(drop)
}

fn promote_keeps_parent(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [0, 8, 100, 5000] {
        let mut heap = bench.small()?;
        heap.alloc(64)?;
        let parent = heap.enter()?;
        heap.alloc(64)?;
        heap.alloc(7)?;
        let scope = heap.enter()?;
        let block = heap.alloc(size)?;
        heap.promote(scope, Source::block(block), size)?;
        heap.alloc(64)?;
        heap.exit(parent)?;
        heap.alloc(64)?;
    }
    Ok(())
}

fn promote_ends_scope(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let turn = |heap: &mut Player<'_>| -> Result<(), Violation> {
        let parent = heap.enter()?;
        heap.alloc(30)?;
        let scope = heap.enter()?;
        let block = heap.alloc(3000)?;
        let kept = heap.promote(scope, Source::block(block), 1000)?;
        // Grows as a block of the parent, and dies with it.
        heap.realloc(kept, 2000)?;
        heap.exit(parent)
    };
    turn(&mut heap)?;
    heap.limit_growth(0);
    (0..2000).try_for_each(|_| turn(&mut heap))
}

fn promote_closes_handle(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(8)?;
    let parent = heap.enter()?;
    heap.alloc(8)?;
    let scope = heap.enter()?;
    let handle = heap.handle(scope);
    let block = heap.alloc(32)?;
    let kept = heap.promote(scope, Source::block(block), 32)?;
    heap.traps(Call::ExitScope { handle }, S4)?;
    let ptr = heap.address(kept);
    heap.traps(
        Call::Promote {
            handle,
            ptr,
            size: 32,
        },
        S4,
    )?;
    heap.exit(parent)
}

fn promote_outer(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(20)?;
    let parent = heap.enter()?;
    heap.alloc(20)?;
    let outer = heap.enter()?;
    let block = heap.alloc(20)?;
    heap.enter()?;
    heap.alloc(20)?;
    heap.enter()?;
    heap.alloc(20)?;
    let kept = heap.promote(outer, Source::block(block), 20)?;
    heap.alloc(20)?;
    heap.promote(parent, Source::block(kept), 20)?;
    heap.alloc(20).map(drop)
}

fn promote_grows(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in [40_000, 65_536, 200_000] {
        let older = heap.alloc(size)?;
        let scope = heap.enter()?;
        heap.alloc(8)?;
        heap.promote(scope, Source::block(older), size)?;
        heap.alloc(8)?;
    }
    Ok(())
}

fn promote_exhausted(bench: &Bench<'_>) -> Result<(), Violation> {
    const LARGE: u32 = 10 << 20;
    let mut heap = bench.small()?;
    let older = heap.alloc(LARGE)?;
    let parent = heap.enter()?;
    heap.alloc(24)?;
    let scope = heap.enter()?;
    let inside = heap.alloc(40)?;
    let innermost = heap.enter()?;
    heap.alloc(40)?;
    heap.limit_growth(0);
    let ptr = heap.address(older);
    for handle in [
        heap.handle(innermost),
        heap.handle(scope),
        heap.handle(parent),
    ] {
        heap.exhausts(Call::Promote {
            handle,
            ptr,
            size: LARGE,
        })?;
        // Would be where the blocks of the scope are, had it been closed.
        heap.alloc(40)?;
    }
    heap.exit(innermost)?;
    heap.alloc(40)?;
    heap.promote(scope, Source::block(inside), 40)?;
    heap.alloc(40)?;
    heap.exit(parent)?;
    heap.alloc(40).map(drop)
}

fn promote_reuse(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let parent = heap.enter()?;
    for turn in 0..500 {
        let scope = heap.enter()?;
        heap.alloc(50_000)?;
        let block = heap.alloc(48)?;
        heap.promote(scope, Source::block(block), 48)?;
        if turn == 0 {
            // 500 promoted blocks take half a page; the 50,000 bytes are the same ones every time.
            heap.limit_growth(1);
        }
    }
    heap.exit(parent)
}

fn promote_overlap(bench: &Bench<'_>) -> Result<(), Violation> {
    for distance in 0..=40 {
        for size in [1, 8, 9, 33, 64, 500] {
            let mut heap = bench.small()?;
            heap.alloc(8)?;
            // The source begins `distance` bytes into the scope, about where the copy has to go.
            let scope = heap.enter()?;
            let block = heap.alloc(distance + size)?;
            heap.promote(
                scope,
                Source::Block {
                    block,
                    offset: distance,
                },
                size,
            )?;
            // And here it ends a little above where the scope begins, in an older block.
            let block = heap.alloc(size + distance)?;
            let scope = heap.enter()?;
            heap.promote(
                scope,
                Source::Block {
                    block,
                    offset: distance,
                },
                size,
            )?;
            heap.alloc(8)?;
        }
    }
    // A source that reaches into its own target from below: only what is read before it is written
    // comes through.
    let mut heap = bench.small()?;
    let block = heap.alloc(1000)?;
    let scope = heap.enter()?;
    let address = heap.address(block);
    let handle = heap.handle(scope);
    if handle.abs_diff(address + 1000) <= 8 && bench.in_program() {
        across(&mut heap, handle, address)?;
    }
    Ok(())
}

/// Promotes 1000 bytes that begin 500 below where the scope does.
fn across(heap: &mut Player<'_>, handle: u32, address: u32) -> Result<(), Violation> {
    let ptr = address + 500;
    let expected = heap.bytes(ptr, 1000);
    let call = Call::Promote {
        handle,
        ptr,
        size: 1000,
    };
    let target = heap
        .raw(call)
        .map_err(|stop| heap.violation(S5, format!("`{call}` {stop}")))?;
    let found = heap.bytes(target, 1000);
    let differs = found
        .iter()
        .zip(&expected)
        .position(|(found, expected)| found != expected);
    heap.check(differs.is_none(), S5, || {
        format!(
            "byte {} was overwritten before it was read",
            differs.unwrap_or(0)
        )
    })
}

fn promote_older(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let oldest = heap.alloc(77)?;
    let parent = heap.enter()?;
    let older = heap.alloc(33)?;
    for _ in 0..5 {
        for block in [oldest, older] {
            let scope = heap.enter()?;
            heap.alloc(9)?;
            heap.promote(scope, Source::block(block), 77)?;
        }
    }
    heap.promote(parent, Source::block(oldest), 77)?;
    heap.alloc(9).map(drop)
}

fn promote_from_inner(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [1, 8, 100, 70_000] {
        let mut heap = bench.small()?;
        heap.alloc(10)?;
        let outer = heap.enter()?;
        heap.alloc(10)?;
        heap.enter()?;
        heap.alloc(10)?;
        heap.enter()?;
        let block = heap.alloc(size)?;
        heap.promote(outer, Source::block(block), size)?;
        heap.alloc(10)?;
    }
    Ok(())
}

fn promote_inside(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for offset in 0..40 {
        let scope = heap.enter()?;
        heap.alloc(3)?;
        let block = heap.alloc(100)?;
        heap.promote(scope, Source::Block { block, offset }, 50)?;
    }
    Ok(())
}

fn promote_static(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for (offset, size) in [(0, 256), (1, 1), (7, 64), (255, 1), (100, 0)] {
        let scope = heap.enter()?;
        heap.alloc(11)?;
        heap.promote(scope, Source::Static { offset }, size)?;
    }
    heap.alloc(1).map(drop)
}
