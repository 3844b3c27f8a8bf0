//! Handles that are not open (S7).

use crate::{Bench, Call, Case, Clause::*, Feature, Layout, Player, Source, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "scope/no-scope-at-all",
        &[S7],
        "handles that cannot be open trap where none is",
        no_scope_at_all,
    ),
    Case::new(
        "scope/impossible-handle",
        &[S7],
        "handles beyond any scope's trap, and the open scopes stay open",
        impossible_handle,
    ),
    Case::new(
        "scope/closed-handle",
        &[S7],
        "a handle traps once its scope is closed, by whatever call",
        closed_handle,
    )
    .promised(&[Feature::ExactHandles]),
    Case::new(
        "scope/invented-handle",
        &[S7],
        "no number near an open scope's handle passes for one",
        invented_handle,
    )
    .promised(&[Feature::ExactHandles]),
];

/// Handles that no conformer can have given out: they are no aligned address, and no count of scopes.
const IMPOSSIBLE: [u32; 3] = [u32::MAX, u32::MAX - 1, u32::MAX - 7];

fn no_scope_at_all(bench: &Bench<'_>) -> Result<(), Violation> {
    for handle in IMPOSSIBLE.into_iter().chain([0]) {
        let mut heap = bench.small()?;
        heap.traps(Call::ExitScope { handle }, S7)?;
        heap.alloc(10)?;
        heap.traps(Call::ExitScope { handle }, S7)?;
        heap.traps(
            Call::Promote {
                handle,
                ptr: Layout::STATICS,
                size: 8,
            },
            S7,
        )?;
        heap.alloc(20)?;
    }
    Ok(())
}

fn impossible_handle(bench: &Bench<'_>) -> Result<(), Violation> {
    for handle in IMPOSSIBLE {
        let mut heap = bench.small()?;
        heap.alloc(8)?;
        let outer = heap.enter()?;
        heap.alloc(8)?;
        let inner = heap.enter()?;
        let block = heap.alloc(8)?;
        let ptr = heap.address(block);
        heap.traps(Call::ExitScope { handle }, S7)?;
        heap.traps(
            Call::Promote {
                handle,
                ptr,
                size: 8,
            },
            S7,
        )?;
        heap.alloc(8)?;
        let promoted = heap.promote(inner, Source::block(block), 8)?;
        heap.promote(outer, Source::block(promoted), 8)?;
        heap.alloc(8)?;
    }
    Ok(())
}

fn closed_handle(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let block = heap.alloc(40)?;
    let ptr = heap.address(block);
    let refuse = |heap: &mut Player<'_>, handle| -> Result<(), Violation> {
        heap.traps(Call::ExitScope { handle }, S7)?;
        heap.traps(
            Call::Promote {
                handle,
                ptr,
                size: 40,
            },
            S7,
        )?;
        heap.alloc(40).map(drop)
    };
    let scope = heap.enter()?;
    let handle = heap.handle(scope);
    heap.exit(scope)?;
    refuse(&mut heap, handle)?;

    let outer = heap.enter()?;
    heap.alloc(8)?;
    let scope = heap.enter()?;
    let handle = heap.handle(scope);
    heap.promote(scope, Source::block(block), 40)?;
    refuse(&mut heap, handle)?;
    let scope = heap.enter()?;
    let handle = heap.handle(scope);
    heap.exit(outer)?;
    refuse(&mut heap, handle)?;

    heap.alloc(8)?;
    let scope = heap.enter()?;
    let handle = heap.handle(scope);
    heap.free_all()?;
    heap.traps(Call::ExitScope { handle }, S7)
}

fn invented_handle(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(64)?;
    let outer = heap.enter()?;
    heap.alloc(64)?;
    let inner = heap.enter()?;
    heap.alloc(64)?;
    let open = [heap.handle(outer), heap.handle(inner)];
    for handle in open
        .into_iter()
        .flat_map(|open| open.saturating_sub(80)..open + 81)
    {
        if !open.contains(&handle) {
            heap.traps(Call::ExitScope { handle }, S7)?;
        }
    }
    heap.exit(inner)?;
    heap.exit(outer)
}
