//! `enter-scope` and `exit-scope`; `promote` and wrong handles have files of their own.

use crate::{Bench, Call, Case, Clause::*, Feature, Player, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "scope/nested",
        &[S1, S2],
        "scopes open inside scopes, and close from the inside out",
        nested,
    ),
    Case::new(
        "scope/empty",
        &[S1, S2],
        "scopes without a block in them, nested and in turn",
        empty,
    ),
    Case::new(
        "scope/deep",
        &[S1, S2],
        "five thousand scopes inside each other",
        deep,
    ),
    Case::new(
        "scope/exit-outer",
        &[S2],
        "closing an outer scope frees what is inside it, and leaves what is not",
        exit_outer,
    ),
    Case::new(
        "scope/exit-outer-closes-inner",
        &[S2, S7],
        "a scope that its outer one took along is closed",
        exit_outer_closes_inner,
    )
    .promised(&[Feature::ExactHandles]),
    Case::new(
        "scope/exit-outer-reopens-parent",
        &[S2, S3],
        "after closing an outer scope its parent is the innermost",
        exit_outer_reopens_parent,
    ),
    Case::new(
        "scope/exit-cost",
        &[S2],
        "closing costs the same fuel for ten blocks as for ten thousand",
        exit_cost,
    )
    .metered(),
    Case::new(
        "scope/reuse",
        &[S3],
        "two thousand turns run in the memory that the first one took",
        reuse,
    ),
    Case::new(
        "scope/reuse-large",
        &[S3],
        "a turn that takes many pages takes them once",
        reuse_large,
    ),
    Case::new(
        "scope/reuse-nested",
        &[S3, S2],
        "turns with scopes inside, closed from outside",
        reuse_nested,
    ),
    Case::new(
        "scope/reuse-after-realloc",
        &[S3],
        "turns in which vectors grow run in bounded memory",
        reuse_after_realloc,
    ),
    Case::new(
        "scope/realloc-older",
        &[S6],
        "a block of an outer scope grows inside; the outer scope's other blocks survive",
        realloc_older,
    ),
    Case::new(
        "scope/realloc-newest-older",
        &[S6],
        "the last block before a scope grows and shrinks inside it",
        realloc_newest_older,
    ),
    Case::new(
        "scope/realloc-keeps-owner",
        &[S6],
        "a vector of an outer scope that grows in an inner one outlives it",
        realloc_keeps_owner,
    )
    .promised(&[Feature::OwnerPreserving]),
    Case::new(
        "scope/realloc-older-bounded",
        &[S6, S3],
        "what a `realloc` inside took is free after the exit",
        realloc_older_bounded,
    ),
];

fn nested(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(8)?;
    let mut scopes = Vec::new();
    for depth in 0..30 {
        scopes.push(heap.enter()?);
        heap.alloc(depth * 11)?;
        heap.alloc(3)?;
    }
    while let Some(scope) = scopes.pop() {
        heap.exit(scope)?;
        heap.alloc(20)?;
    }
    Ok(())
}

fn empty(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for _ in 0..50 {
        let outer = heap.enter()?;
        let inner = heap.enter()?;
        heap.exit(inner)?;
        let inner = heap.enter()?;
        heap.exit(inner)?;
        heap.exit(outer)?;
        heap.alloc(1)?;
    }
    Ok(())
}

fn deep(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let first = heap.enter()?;
    let second = heap.enter()?;
    for _ in 0..5000 {
        heap.enter()?;
    }
    heap.alloc(100)?;
    heap.exit(second)?;
    heap.alloc(100)?;
    heap.exit(first)
}

fn exit_outer(bench: &Bench<'_>) -> Result<(), Violation> {
    for depth in 0..4 {
        let mut heap = bench.small()?;
        let mut scopes = Vec::new();
        for size in [10, 200, 3000, 40_000] {
            heap.alloc(size)?;
            scopes.push(heap.enter()?);
        }
        heap.alloc(64)?;
        heap.exit(scopes[depth])?;
        heap.alloc(50_000)?;
        if depth > 0 {
            heap.exit(scopes[depth - 1])?;
            heap.alloc(70_000)?;
        }
    }
    Ok(())
}

fn exit_outer_closes_inner(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(16)?;
    let outer = heap.enter()?;
    heap.alloc(16)?;
    let inner = heap.enter()?;
    let handle = heap.handle(inner);
    heap.alloc(16)?;
    heap.exit(outer)?;
    heap.traps(Call::ExitScope { handle }, S2)?;
    heap.alloc(16).map(drop)
}

fn exit_outer_reopens_parent(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let root = heap.enter()?;
    let turn = |heap: &mut Player<'_>| -> Result<(), Violation> {
        let outer = heap.enter()?;
        heap.enter()?;
        heap.alloc(300)?;
        heap.enter()?;
        heap.alloc(100)?;
        heap.exit(outer)
    };
    turn(&mut heap)?;
    let parent = heap.alloc(64)?;
    heap.limit_growth(0);
    (0..2000).try_for_each(|_| turn(&mut heap))?;
    heap.realloc(parent, 128)?;
    heap.exit(root)?;
    let again = heap.enter()?;
    heap.alloc(500)?;
    heap.exit(again)
}

fn exit_cost(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let mut cost = |n_blocks: u32| -> Result<u64, Violation> {
        let scope = heap.enter()?;
        for at in 0..n_blocks {
            // Not through the model, which would compare every block after every call.
            let call = Call::Alloc { size: 8 + at % 64 };
            heap.raw(call)
                .map_err(|stop| heap.violation(A1, format!("`{call}` {stop}")))?;
        }
        heap.exit(scope)?;
        Ok(heap.fuel_used().unwrap_or(0))
    };
    cost(10)?;
    let (few, many) = (cost(10)?, cost(10_000)?);
    // Pages that the many blocks took may be told of one by one; blocks may not.
    heap.check(many <= few + 1000, S2, || {
        format!("`exit-scope` took {few} units of fuel for 10 blocks, and {many} for 10,000")
    })
}

fn reuse(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(50)?;
    for turn in 0..2000 {
        let scope = heap.enter()?;
        // What is left of the page would not last for 8 bytes lost in each turn.
        heap.alloc(55_000)?;
        heap.alloc(17)?;
        heap.exit(scope)?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}

fn reuse_large(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..50 {
        let scope = heap.enter()?;
        for size in [70_000, 10, 140_000, 65_536] {
            heap.alloc(size)?;
        }
        heap.exit(scope)?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}

fn reuse_nested(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..2000 {
        let outer = heap.enter()?;
        heap.alloc(400)?;
        for _ in 0..3 {
            heap.enter()?;
            heap.alloc(3000)?;
        }
        heap.exit(outer)?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}

fn reuse_after_realloc(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..200 {
        let scope = heap.enter()?;
        let vectors = [heap.alloc(16)?, heap.alloc(16)?];
        for log2 in 5..12 {
            for vector in vectors {
                heap.realloc(vector, 1 << log2)?;
            }
        }
        heap.exit(scope)?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}

fn realloc_older(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [0, 1, 40, 64, 65, 500, 70_000] {
        let mut heap = bench.small()?;
        heap.alloc(48)?;
        let block = heap.alloc(64)?;
        heap.alloc(48)?;
        let scope = heap.enter()?;
        heap.alloc(16)?;
        heap.realloc(block, size)?;
        heap.alloc(100)?;
        heap.exit(scope)?;
        heap.alloc(200)?;
        let scope = heap.enter()?;
        heap.alloc(600)?;
        heap.exit(scope)?;
    }
    Ok(())
}

fn realloc_newest_older(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [0, 1, 8, 63, 64, 65, 72, 500, 70_000] {
        let mut heap = bench.small()?;
        heap.alloc(48)?;
        let outer = heap.enter()?;
        heap.alloc(24)?;
        let block = heap.alloc(64)?;
        let inner = heap.enter()?;
        heap.realloc(block, size)?;
        heap.alloc(32)?;
        heap.realloc(block, size + 40)?;
        let innermost = heap.enter()?;
        heap.alloc(32)?;
        heap.exit(innermost)?;
        heap.exit(inner)?;
        heap.alloc(32)?;
        heap.exit(outer)?;
        heap.alloc(300)?;
    }
    Ok(())
}

fn realloc_keeps_owner(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let root = heap.alloc(24)?;
    let outer = heap.enter()?;
    let vector = heap.alloc(8)?;
    for turn in 1..60 {
        let inner = heap.enter()?;
        heap.alloc(turn * 40)?;
        heap.realloc(vector, turn * turn * 8)?;
        heap.realloc(root, turn * 100)?;
        heap.alloc(16)?;
        heap.exit(inner)?;
        // Would lie where the inner scope was.
        heap.alloc(turn * 30)?;
    }
    heap.exit(outer)?;
    heap.alloc(5000)?;
    heap.realloc(root, 16).map(drop)
}

fn realloc_older_bounded(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for turn in 0..1000 {
        let outer = heap.enter()?;
        let block = heap.alloc(500)?;
        let inner = heap.enter()?;
        heap.realloc(block, 1000)?;
        heap.realloc(block, 3000)?;
        heap.exit(inner)?;
        let inner = heap.enter()?;
        heap.alloc(3000)?;
        heap.exit(inner)?;
        heap.exit(outer)?;
        if turn == 0 {
            heap.limit_growth(0);
        }
    }
    Ok(())
}
