//! `free`, `alloc-aligned`, `alloc-zeroed`, `try-alloc`.

use crate::{
    Bench, BlockName, Call, Case, Clause::*, Feature, Layout, Player, Source, Violation,
    model::PAGE_BYTES,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "sized/free-nothing",
        &[F1],
        "`free(0, n)` does nothing, also as the first call",
        free_nothing,
    )
    .calls(&["free"]),
    Case::new(
        "sized/free-any",
        &[F1],
        "blocks from every function are freed, in any order, and the others keep their bytes",
        free_any,
    )
    .calls(&["free"]),
    Case::new(
        "sized/free-older",
        &[F1, S2],
        "a block of an outer scope is freed in an inner one",
        free_older,
    )
    .calls(&["free"]),
    Case::new(
        "sized/free-again",
        &[F1],
        "blocks of many sizes come and go for ever in bounded memory",
        free_again,
    )
    .calls(&["free"])
    .promised(&[Feature::Reuse]),
    Case::new(
        "sized/free-misused",
        &[F1],
        "a double free, a wrong size: no call after it runs for ever",
        free_misused,
    )
    .calls(&["free"]),
    Case::new(
        "sized/aligned",
        &[X1],
        "every alignment from 1 to 1 MiB, with sizes from 0 to a page and more",
        aligned,
    )
    .calls(&["alloc-aligned"]),
    Case::new(
        "sized/aligned-to-no-power",
        &[X1],
        "an alignment that is no power of two traps, and nothing is changed",
        aligned_to_no_power,
    )
    .calls(&["alloc-aligned"]),
    Case::new(
        "sized/aligned-exhausted",
        &[X1, H4, H5, H6],
        "sizes and alignments that cannot be had are refused as exhaustion",
        aligned_exhausted,
    )
    .calls(&["alloc-aligned"]),
    Case::new(
        "sized/aligned-foreign",
        &[X1, H3],
        "aligned blocks do not lie in pages that somebody else grew",
        aligned_foreign,
    )
    .calls(&["alloc-aligned"])
    .in_program(),
    Case::new(
        "sized/aligned-at-4-gib",
        &[X1, H4],
        "alignment in the last pages of a full memory does not wrap",
        aligned_at_4_gib,
    )
    .calls(&["alloc-aligned"])
    .in_program(),
    Case::new(
        "sized/zeroed",
        &[Z1],
        "blocks are zero where blocks were before, and where none was",
        zeroed,
    )
    .calls(&["alloc-zeroed"])
    .in_program(),
    Case::new(
        "sized/zeroed-fresh",
        &[Z1],
        "memory that has just grown is not cleared: 32 MiB take no longer than a few bytes",
        zeroed_fresh,
    )
    .calls(&["alloc-zeroed"])
    .metered(),
    Case::new(
        "sized/zeroed-exhausted",
        &[Z1, H5, H6],
        "sizes that cannot be had are refused as exhaustion",
        zeroed_exhausted,
    )
    .calls(&["alloc-zeroed"]),
    Case::new(
        "sized/try",
        &[X2],
        "`try-alloc` returns blocks as `alloc` does",
        tried,
    )
    .calls(&["try-alloc"]),
    Case::new(
        "sized/try-exhausted",
        &[X2, H4],
        "it returns 0 for what cannot be had, traps for nothing, and costs no room",
        try_exhausted,
    )
    .calls(&["try-alloc"]),
    Case::new(
        "sized/try-foreign",
        &[X2, H3],
        "it stays out of pages that somebody else grew",
        try_foreign,
    )
    .calls(&["try-alloc"])
    .in_program(),
];

/// Sizes around which allocators change what they do.
const SIZES: [u32; 12] = [
    0, 1, 8, 9, 24, 100, 1000, 4096, 20_000, 65_528, 65_537, 200_000,
];

/// Sizes that no 64 MiB hold.
const HUGE: [u32; 6] = [
    1 << 27,
    (1 << 31) - 1,
    1 << 31,
    u32::MAX - 65_535,
    u32::MAX - 7,
    u32::MAX,
];

fn free_nothing(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in [0, 8, 4096, 1 << 31, u32::MAX] {
        let call = Call::Free { ptr: 0, size };
        heap.raw(call)
            .map_err(|stop| heap.violation(F1, format!("`{call}` {stop}")))?;
        heap.alloc(40)?;
        heap.alloc(8)?;
    }
    Ok(())
}

/// A block by each of the functions that there are, each by another.
fn some_of_each(bench: &Bench<'_>, heap: &mut Player<'_>) -> Result<Vec<BlockName>, Violation> {
    let mut blocks = Vec::new();
    for size in SIZES {
        blocks.push(heap.alloc(size)?);
        let grown = heap.realloc_null(7, size)?;
        heap.realloc(grown, size / 2 + 3)?;
        blocks.push(grown);
        let scope = heap.enter()?;
        let local = heap.alloc(size)?;
        blocks.push(heap.promote(scope, Source::block(local), size)?);
        if bench.exports("alloc-aligned") {
            blocks.push(heap.aligned(size, 64)?);
            blocks.push(heap.aligned(size, 1 << 16)?);
        }
        if bench.exports("alloc-zeroed") {
            blocks.push(heap.zeroed(size)?);
        }
        if bench.exports("try-alloc") {
            blocks.extend(heap.sentinel(size)?);
        }
    }
    Ok(blocks)
}

fn free_any(bench: &Bench<'_>) -> Result<(), Violation> {
    // In the order in which they came, in the other one, and every third first.
    type Order = fn(&mut Vec<BlockName>);
    let orders: [Order; 3] = [
        |_| {},
        |blocks| blocks.reverse(),
        |blocks| blocks.sort_by_key(|name| name.0 % 3),
    ];
    for order in orders {
        let mut heap = bench.small()?;
        let mut blocks = some_of_each(bench, &mut heap)?;
        order(&mut blocks);
        for (at, block) in blocks.into_iter().enumerate() {
            heap.free(block)?;
            if at % 2 == 0 {
                heap.alloc(at as u32 * 13)?;
            }
        }
        some_of_each(bench, &mut heap)?;
    }
    Ok(())
}

fn free_older(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in SIZES {
        let mut heap = bench.small()?;
        heap.alloc(16)?;
        let first = heap.alloc(size)?;
        let second = heap.alloc(size)?;
        heap.alloc(16)?;
        let scope = heap.enter()?;
        heap.alloc(size)?;
        heap.free(first)?;
        heap.alloc(size)?;
        let inner = heap.enter()?;
        heap.free(second)?;
        heap.alloc(size)?;
        heap.exit(inner)?;
        heap.alloc(size)?;
        heap.exit(scope)?;
        heap.alloc(size)?;
        heap.alloc(size)?;
    }
    Ok(())
}

fn free_again(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let mut live = std::collections::VecDeque::new();
    for turn in 0..6000_u32 {
        // Some twenty blocks are alive at a time, and the oldest goes first.
        live.push_back(heap.alloc(turn * 7919 % 3000)?);
        if live.len() > 20
            && let Some(oldest) = live.pop_front()
        {
            heap.free(oldest)?;
        }
        if turn == 1000 {
            let pages = heap.pages();
            heap.check(pages <= 6, F1, || {
                format!("{pages} pages for 60,000 bytes of live blocks at most")
            })?;
            heap.limit_growth(2);
        }
    }
    Ok(())
}

/// Makes calls of all kinds, on a heap that may be in disorder.
fn stir(heap: &mut Player<'_>, ptr: u32) -> Result<(), Violation> {
    for turn in 0..60 {
        let size = turn * 24;
        let block = heap.returns(Call::Alloc { size }, F1)?;
        heap.returns(Call::Free { ptr, size: 64 }, F1)?;
        if let Some(ptr) = block.filter(|_| turn % 3 > 0) {
            heap.returns(Call::Free { ptr, size }, F1)?;
        }
        let grown = Call::Realloc {
            old: 0,
            old_size: 0,
            new_size: size * 5,
        };
        heap.returns(grown, F1)?;
    }
    heap.returns(Call::EnterScope, F1)?;
    heap.returns(Call::FreeAll, F1).map(drop)
}

fn free_misused(bench: &Bench<'_>) -> Result<(), Violation> {
    for (offset, size) in [(0, 64), (0, 8), (0, 4000), (8, 56), (16, 64), (0, 1 << 31)] {
        let mut heap = bench.small()?;
        heap.alloc(200)?;
        let block = heap.alloc(64)?;
        let ptr = heap.address(block);
        heap.alloc(200)?;
        heap.free(block)?;
        let again = Call::Free {
            ptr: ptr + offset,
            size,
        };
        heap.returns(again, F1)?;
        heap.returns(again, F1)?;
        stir(&mut heap, ptr)?;
    }
    Ok(())
}

fn aligned(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for log2 in 0..=20 {
        let scope = heap.enter()?;
        for size in [0, 1, 24, 1000, 70_000] {
            heap.aligned(size, 1 << log2)?;
            heap.alloc(3)?;
        }
        heap.exit(scope)?;
        heap.alloc(40)?;
    }
    let block = heap.aligned(40, 4096)?;
    heap.realloc(block, 4000)?;
    heap.realloc(block, 90_000).map(drop)
}

fn aligned_to_no_power(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for align in [0, 3, 7, 24, 4095, (1 << 31) + 1, u32::MAX] {
        heap.traps(Call::AllocAligned { size: 8, align }, X1)?;
        heap.alloc(24)?;
    }
    Ok(())
}

fn aligned_exhausted(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in HUGE {
        for align in [1, 16, 1 << 20, 1 << 31] {
            heap.exhausts(Call::AllocAligned { size, align })?;
        }
        heap.alloc(40)?;
    }
    let at_2_gib = Call::AllocAligned {
        size: 8,
        align: 1 << 31,
    };
    heap.exhausts(at_2_gib)?;
    heap.aligned(40, 64).map(drop)
}

fn aligned_foreign(bench: &Bench<'_>) -> Result<(), Violation> {
    for align in [8, 64, 4096, 1 << 16, 1 << 18] {
        let mut heap = bench.small()?;
        for size in [8, 5000, 70_000, 140_000] {
            heap.grow_foreign(1);
            heap.aligned(size, align)?;
            heap.alloc(100)?;
        }
        heap.free_all()?;
        heap.aligned(5000, align)?;
    }
    Ok(())
}

fn aligned_at_4_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 65_534,
        max_pages: None,
        heap_base: 0xfffd_f003,
    };
    for align in [8, 16, 4096, 1 << 16, 1 << 20, 1 << 31] {
        let mut heap = bench.open(layout)?;
        heap.allow_pages(65_536);
        for size in [200_000, 1 << 31, u32::MAX - 65_535, u32::MAX - 7, u32::MAX] {
            heap.exhausts(Call::AllocAligned { size, align })?;
        }
        let before = heap.model().blocks().count();
        for _ in 0..40 {
            let name = BlockName(heap.next_name());
            heap.try_aligned(name, 3000, align)?;
        }
        let n = heap.model().blocks().count() - before;
        heap.check(n > 10 || align > 4096, X1, || {
            format!("there were {n} blocks of 3000 bytes, aligned to {align}, in two pages")
        })?;
    }
    Ok(())
}

fn zeroed(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in SIZES {
        heap.zeroed(size)?;
    }
    for large in [1000, 3 * PAGE_BYTES] {
        // Painted from end to end, then freed.
        let scope = heap.enter()?;
        heap.alloc(large)?;
        let other = heap.alloc(large)?;
        heap.realloc(other, 2 * large)?;
        if bench.exports("free") {
            heap.free(other)?;
            heap.zeroed(2 * large)?;
        }
        heap.exit(scope)?;
        for size in SIZES {
            heap.zeroed(size)?;
            heap.alloc(8)?;
        }
    }
    heap.free_all()?;
    // Longer than what was used before, and than there is.
    heap.zeroed(200_000)?;
    heap.grow_foreign(1);
    heap.zeroed(200_000)?;
    heap.zeroed(4 << 20).map(drop)
}

fn zeroed_fresh(bench: &Bench<'_>) -> Result<(), Violation> {
    const LARGE: u32 = 32 << 20;
    for foreign in [false, true] {
        let mut heap = bench.small()?;
        heap.alloc(24)?;
        if foreign {
            heap.grow_foreign(1);
        }
        heap.zeroed(LARGE)?;
        // What the first page still had may be cleared; the 32 MiB behind it not.
        let fuel = heap.fuel_used().unwrap_or(0);
        heap.check(fuel < u64::from(LARGE) / 16, Z1, || {
            format!("{LARGE} fresh bytes took {fuel} units of fuel: they were cleared")
        })?;
    }
    Ok(())
}

fn zeroed_exhausted(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in HUGE {
        heap.exhausts(Call::AllocZeroed { size })?;
        heap.zeroed(40)?;
    }
    Ok(())
}

fn tried(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in SIZES {
        let scope = heap.enter()?;
        for more in [0, 3, 8] {
            let found = heap.sentinel(size + more)?;
            heap.check(found.is_some(), X2, || {
                format!("`try-alloc({})` found no memory", size + more)
            })?;
            heap.alloc(5)?;
        }
        heap.exit(scope)?;
        heap.sentinel(size)?;
    }
    Ok(())
}

fn try_exhausted(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in HUGE {
        let found = heap.sentinel(size)?;
        heap.check(found.is_none(), X2, || {
            format!("{size} bytes are more than there is")
        })?;
        heap.alloc(40)?;
    }
    let mut counts = Vec::new();
    for refusals in [false, true] {
        let mut heap = bench.small()?;
        heap.limit_growth(2);
        let scope = heap.enter()?;
        let mut n = 0;
        while heap.sentinel(700)?.is_some() {
            n += 1;
            if refusals {
                heap.sentinel(1 << 20)?;
                heap.sentinel(u32::MAX)?;
            }
            heap.check(n < 10_000, X2, || {
                "memory has an end, and was never exhausted".into()
            })?;
        }
        counts.push(n);
        heap.exhausts(Call::Alloc { size: 100_000 })?;
        heap.exit(scope)?;
        heap.alloc(700)?;
    }
    heap.check(counts[0] > 180 && counts[0] == counts[1], X2, || {
        format!("{counts:?} blocks of 700 bytes in three pages, without refused calls and with")
    })
}

fn try_foreign(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in SIZES {
        heap.grow_foreign(1);
        heap.sentinel(size)?;
        heap.sentinel(70_000)?;
    }
    Ok(())
}
