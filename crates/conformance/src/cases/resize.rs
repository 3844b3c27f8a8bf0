//! `resize-in-place`.

use crate::{
    Bench, BlockName, Case,
    Clause::{self, *},
    Feature, Player, Violation,
};

/// What all of these call.
const RESIZE: &[&str] = &["resize-in-place"];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "sized/resize-same",
        &[X3],
        "the same size is always true",
        same,
    )
    .calls(RESIZE),
    Case::new(
        "sized/resize",
        &[X3],
        "from any size to any size: bytes are kept, neighbours untouched, whatever the answer",
        any,
    )
    .calls(RESIZE),
    Case::new(
        "sized/resize-refused",
        &[X3, H4, H6],
        "what cannot be had is false, without a trap, and the block is as it was",
        refused,
    )
    .calls(RESIZE),
    Case::new(
        "sized/resize-shrinks",
        &[X3, R3],
        "every block shrinks",
        shrinks,
    )
    .calls(RESIZE)
    .promised(&[Feature::ShrinkInPlace]),
    Case::new(
        "sized/resize-grows",
        &[X3, R3],
        "the newest block grows to 1 MiB",
        grows,
    )
    .calls(RESIZE)
    .promised(&[Feature::InPlaceGrow]),
    Case::new(
        "sized/resize-in-scopes",
        &[X3, S2, S6],
        "scopes close as ever around blocks that were resized in them",
        in_scopes,
    )
    .calls(RESIZE),
    Case::new(
        "sized/resize-foreign",
        &[X3, H3],
        "no block grows into pages that somebody else grew",
        foreign,
    )
    .calls(RESIZE)
    .in_program(),
];

const SIZES: [u32; 9] = [0, 1, 8, 9, 64, 1000, 4096, 65_528, 140_000];

/// Resizes `block`, which must be possible.
fn must(
    heap: &mut Player<'_>,
    block: BlockName,
    size: u32,
    clause: Clause,
) -> Result<(), Violation> {
    let done = heap.resize(block, size)?;
    heap.check(done, clause, || {
        format!("`{block}` did not become {size} bytes long where it stands")
    })
}

fn same(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in SIZES {
        let older = heap.alloc(size)?;
        let newest = heap.alloc(size)?;
        must(&mut heap, newest, size, X3)?;
        must(&mut heap, older, size, X3)?;
    }
    Ok(())
}

fn any(bench: &Bench<'_>) -> Result<(), Violation> {
    for old in SIZES {
        for new in SIZES {
            let mut heap = bench.small()?;
            heap.alloc(8)?;
            let older = heap.alloc(old)?;
            heap.alloc(16)?;
            let newest = heap.alloc(old)?;
            heap.resize(newest, new)?;
            heap.resize(older, new)?;
            heap.alloc(24)?;
            heap.resize(newest, old)?;
            heap.resize(older, old)?;
            heap.alloc(24)?;
            heap.realloc(older, new)?;
        }
    }
    Ok(())
}

fn refused(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(500)?;
    let newest = heap.alloc(500)?;
    heap.limit_growth(0);
    for size in [1 << 20, (1 << 31) - 1, 1 << 31, u32::MAX - 7, u32::MAX] {
        for block in [newest, older] {
            let done = heap.resize(block, size)?;
            heap.check(!done, X3, || format!("{size} bytes are more than there is"))?;
        }
    }
    heap.alloc(500)?;
    heap.realloc(newest, 600).map(drop)
}

fn shrinks(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(100_000)?;
    let newest = heap.alloc(100_000)?;
    for size in [99_999, 65_537, 5000, 64, 9, 8, 1, 0] {
        must(&mut heap, newest, size, R3)?;
        must(&mut heap, older, size, R3)?;
        heap.alloc(8)?;
    }
    Ok(())
}

fn grows(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(40)?;
    let root = heap.alloc(1)?;
    (0..=20).try_for_each(|log2| must(&mut heap, root, 1 << log2, R3))?;
    let scope = heap.enter()?;
    let inner = heap.alloc(1)?;
    (0..=20).try_for_each(|log2| must(&mut heap, inner, 1 << log2, R3))?;
    heap.exit(scope)
}

fn in_scopes(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in SIZES {
        let mut heap = bench.small()?;
        heap.alloc(48)?;
        let outer = heap.enter()?;
        let block = heap.alloc(64)?;
        let inner = heap.enter()?;
        heap.resize(block, size)?;
        let local = heap.alloc(32)?;
        heap.resize(local, size)?;
        heap.resize(block, 8)?;
        heap.exit(inner)?;
        heap.alloc(100)?;
        heap.exit(outer)?;
        heap.alloc(300)?;
    }
    Ok(())
}

fn foreign(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [8, 50_000, 61_000] {
        let mut heap = bench.small()?;
        let block = heap.alloc(size)?;
        heap.grow_foreign(2);
        for new in [size + 8, 61_440, 65_536, 131_072, 200_000] {
            heap.resize(block, new)?;
        }
        let above = heap.alloc(70_000)?;
        heap.grow_foreign(1);
        heap.resize(above, 200_000)?;
        heap.alloc(8)?;
    }
    Ok(())
}
