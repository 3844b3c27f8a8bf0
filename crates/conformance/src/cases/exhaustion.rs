//! The end of memory, and what is left behind it (H4 to H6).

use crate::{Bench, BlockName, Call, Case, Clause::*, Layout, Player, Stop, Violation};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "heap/huge-sizes",
        &[H4, H5],
        "sizes near 2^31 and 2^32 are refused as exhaustion, by every call",
        huge_sizes,
    ),
    Case::new(
        "heap/refused",
        &[H5],
        "a refused growth ends in `unreachable`, in every call that allocates",
        refused,
    ),
    Case::new(
        "heap/own-maximum",
        &[H5],
        "so does the maximum that the program's memory declares",
        own_maximum,
    )
    .in_program(),
    Case::new(
        "heap/refused-scope",
        &[H5, H6],
        "`enter-scope` without memory traps, and nothing is opened",
        refused_scope,
    ),
    Case::new(
        "heap/after-refusal",
        &[H6],
        "after a refused call, small ones are served and scopes close",
        after_refusal,
    ),
    Case::new(
        "heap/room-after-refusal",
        &[H6],
        "refused calls cost no room: as many blocks fit as without them",
        room_after_refusal,
    ),
    Case::new(
        "heap/growth-after-refusal",
        &[H6],
        "what was refused is served once memory grows again",
        growth_after_refusal,
    ),
];

/// Sizes that no 64 MiB hold.
const HUGE: [u32; 12] = [
    1 << 28,
    (1 << 31) - 8,
    (1 << 31) - 1,
    1 << 31,
    (1 << 31) + 1,
    3 << 30,
    u32::MAX - 65_536,
    u32::MAX - 65_535,
    u32::MAX - 15,
    u32::MAX - 7,
    u32::MAX - 6,
    u32::MAX,
];

fn huge_sizes(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in HUGE {
        // As the very first call, too.
        let mut heap = bench.small()?;
        heap.exhausts(Call::Alloc { size })?;
        let older = heap.alloc(40)?;
        let scope = heap.enter()?;
        let newest = heap.alloc(40)?;
        heap.exhausts(Call::Alloc { size })?;
        heap.exhausts(Call::Realloc {
            old: 0,
            old_size: 0,
            new_size: size,
        })?;
        for block in [older, newest] {
            let call = heap.realloc_call(block, size);
            heap.exhausts(call)?;
        }
        heap.alloc(40)?;
        heap.exit(scope)?;
        heap.alloc(40)?;
    }
    Ok(())
}

fn refused(bench: &Bench<'_>) -> Result<(), Violation> {
    const LARGE: u32 = 8 << 20;
    let mut heap = bench.small()?;
    let block = heap.alloc(LARGE)?;
    let scope = heap.enter()?;
    let (handle, ptr) = (heap.handle(scope), heap.address(block));
    heap.limit_growth(1);
    let grow = heap.realloc_call(block, LARGE + (1 << 20));
    for call in [
        Call::Alloc { size: LARGE },
        Call::Realloc {
            old: 0,
            old_size: 1,
            new_size: LARGE,
        },
        grow,
        Call::Promote {
            handle,
            ptr,
            size: LARGE,
        },
    ] {
        heap.exhausts(call)?;
    }
    heap.alloc(8).map(drop)
}

fn own_maximum(bench: &Bench<'_>) -> Result<(), Violation> {
    for max_pages in [1, 2, 5] {
        let mut heap = bench.open(Layout {
            max_pages: Some(max_pages),
            ..Layout::SMALL
        })?;
        heap.exhausts(Call::Alloc {
            size: max_pages << 16,
        })?;
        heap.alloc(1000)?;
        heap.exhausts(Call::Alloc { size: u32::MAX })?;
        heap.alloc(1000)?;
    }
    Ok(())
}

fn refused_scope(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let outer = heap.enter()?;
    heap.alloc(16)?;
    heap.limit_growth(0);
    fill(&mut heap, 1000)?;
    fill(&mut heap, 8)?;
    // A conformer may keep its scopes where no memory is needed; then this ends without a refusal.
    for _ in 0..500 {
        match heap.raw(Call::EnterScope) {
            Ok(_) => {}
            Err(Stop::Exhausted) => break,
            Err(stop) => return Err(heap.violation(H5, format!("`enter-scope()` {stop}"))),
        }
    }
    heap.exit(outer)?;
    heap.alloc(500)?;
    let again = heap.enter()?;
    heap.alloc(500)?;
    heap.exit(again)
}

/// Allocates until there is no more room for `size` bytes; returns how many blocks there were.
fn fill(heap: &mut Player<'_>, size: u32) -> Result<u32, Violation> {
    for n in 0.. {
        let name = BlockName(heap.next_name());
        if heap.try_alloc(name, size)?.is_none() {
            return Ok(n);
        }
        heap.check(n < 100_000, H5, || {
            "memory has an end, and was never exhausted".into()
        })?;
    }
    Ok(0)
}

fn after_refusal(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(100)?;
    let outer = heap.enter()?;
    heap.alloc(100)?;
    let inner = heap.enter()?;
    heap.alloc(100)?;
    heap.limit_growth(0);
    for size in [16 << 20, 1 << 31, u32::MAX] {
        heap.exhausts(Call::Alloc { size })?;
        heap.alloc(100)?;
    }
    heap.exit(inner)?;
    heap.exhausts(Call::Alloc { size: 16 << 20 })?;
    heap.alloc(100)?;
    heap.exit(outer)?;
    heap.exhausts(Call::Alloc { size: 16 << 20 })?;
    heap.alloc(100).map(drop)
}

fn room_after_refusal(bench: &Bench<'_>) -> Result<(), Violation> {
    let room = |refusals: bool| -> Result<u32, Violation> {
        let mut heap = bench.small()?;
        heap.alloc(100)?;
        heap.enter()?;
        let block = heap.alloc(100)?;
        heap.limit_growth(1);
        if refusals {
            for size in [16 << 20, (1 << 31) + 8, u32::MAX - 100] {
                heap.exhausts(Call::Alloc { size })?;
                heap.exhausts(Call::Realloc {
                    old: 0,
                    old_size: 0,
                    new_size: size,
                })?;
                let call = heap.realloc_call(block, size);
                heap.exhausts(call)?;
            }
        }
        fill(&mut heap, 400)
    };
    let (without, with) = (room(false)?, room(true)?);
    let heap = bench.small()?;
    heap.check(with >= without, H6, || {
        format!("{without} blocks of 400 bytes fit, but only {with} after calls that were refused")
    })
}

fn growth_after_refusal(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let block = heap.alloc(100)?;
    heap.limit_growth(0);
    heap.exhausts(Call::Alloc { size: 20 << 20 })?;
    heap.lift_limit();
    heap.alloc(20 << 20)?;
    heap.limit_growth(0);
    let call = heap.realloc_call(block, 20 << 20);
    heap.exhausts(call)?;
    heap.lift_limit();
    heap.realloc(block, 20 << 20).map(drop)
}
