//! Where the heap lies, and how far it reaches.

use crate::{
    Bench, BlockName, Call, Case, Clause::*, Feature, Layout, Player, Source, Violation,
    model::PAGE_BYTES,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "heap/never-zero",
        &[H1],
        "not even in a program without memory, or with a heap base of 0",
        never_zero,
    )
    .in_program(),
    Case::new(
        "heap/above-the-base",
        &[H2],
        "static data and stack stay as they are, wherever the heap begins",
        above_the_base,
    )
    .in_program(),
    Case::new(
        "heap/initial-memory",
        &[H2],
        "what there is above the heap base is used before memory grows",
        initial_memory,
    )
    .in_program(),
    Case::new(
        "heap/no-page-in-vain",
        &[H2],
        "each page is filled to its last byte before the next one is grown",
        no_page_in_vain,
    )
    .in_program()
    .promised(&[Feature::Dense]),
    Case::new(
        "heap/above-2-gib",
        &[H4],
        "all of it works where every address has its top bit set",
        above_2_gib,
    )
    .in_program(),
    Case::new(
        "heap/across-2-gib",
        &[H4],
        "blocks below, across and above 2^31",
        across_2_gib,
    )
    .in_program(),
    Case::new(
        "heap/last-page",
        &[H4],
        "up to page 65,536, and not beyond",
        last_page,
    )
    .in_program(),
    Case::new(
        "heap/whole-memory",
        &[H4],
        "a program that begins with all 4 GiB",
        whole_memory,
    )
    .in_program(),
    Case::new(
        "heap/half-of-it",
        &[H4],
        "a block of 2^31 bytes, and more",
        half_of_it,
    )
    .in_program(),
    Case::new(
        "heap/recycled-bytes",
        &[H7],
        "blocks and scopes work on memory full of old bytes",
        recycled_bytes,
    ),
    Case::new(
        "heap/first-call",
        &[H8],
        "each function is the first one called",
        first_call,
    ),
];

/// A bit of everything.
fn everything(heap: &mut Player<'_>) -> Result<(), Violation> {
    let root = heap.alloc(24)?;
    heap.alloc(0)?;
    let outer = heap.enter()?;
    let vector = heap.alloc(8)?;
    heap.realloc(vector, 5000)?;
    heap.alloc(3)?;
    heap.realloc(vector, 9000)?;
    heap.realloc(vector, 10)?;
    heap.copy((root, 4), (root, 0), 20)?;
    let inner = heap.enter()?;
    heap.alloc(700)?;
    let kept = heap.promote(inner, Source::block(vector), 10)?;
    heap.realloc(kept, 600)?;
    heap.exit(outer)?;
    heap.alloc(4000)?;
    heap.realloc(root, 100).map(drop)
}

fn never_zero(bench: &Bench<'_>) -> Result<(), Violation> {
    for (initial_pages, heap_base) in [(0, 0), (1, 0), (1, 1), (1, 8)] {
        for size in [0, 1, 8, 100, PAGE_BYTES] {
            let mut heap = bench.open(Layout {
                initial_pages,
                max_pages: None,
                heap_base,
            })?;
            heap.alloc(size)?;
            heap.alloc(0)?;
            let scope = heap.enter()?;
            heap.alloc(0)?;
            heap.exit(scope)?;
            heap.free_all()?;
            heap.alloc(size)?;
        }
    }
    Ok(())
}

fn above_the_base(bench: &Bench<'_>) -> Result<(), Violation> {
    for heap_base in [1280, 4096, 4099, 60_000, 65_528, 65_535, 65_536] {
        let mut heap = bench.open(Layout {
            heap_base,
            ..Layout::SMALL
        })?;
        for size in [0, 1, 8, 100, 70_000] {
            heap.alloc(size)?;
        }
        let scope = heap.enter()?;
        heap.alloc(500)?;
        heap.exit(scope)?;
        heap.free_all()?;
        heap.alloc(500)?;
    }
    Ok(())
}

fn initial_memory(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 2,
        max_pages: Some(2),
        ..Layout::SMALL
    };
    let mut heap = bench.open(layout)?;
    (0..100).try_for_each(|_| heap.alloc(1000).map(drop))
}

fn no_page_in_vain(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for n_pages in [1, 1, 2, 5] {
        let newest = heap.alloc(1)?;
        let pages = heap.pages();
        let room = pages * PAGE_BYTES - (heap.address(newest) + 8);
        heap.alloc(room)?;
        let now = heap.pages();
        heap.check(now == pages, H2, || {
            format!("memory grew from {pages} to {now} pages for {room} bytes, which were free")
        })?;
        heap.limit_growth(n_pages);
        heap.alloc(n_pages * PAGE_BYTES)?;
        heap.lift_limit();
    }
    Ok(())
}

fn above_2_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 32_770,
        max_pages: None,
        heap_base: (1 << 31) + 65_539,
    };
    let mut heap = bench.open(layout)?;
    heap.allow_pages(32_790);
    (0..3).try_for_each(|_| everything(&mut heap))?;
    heap.grow_foreign(1);
    heap.alloc(100_000)?;
    everything(&mut heap)?;
    heap.free_all()?;
    everything(&mut heap)
}

fn across_2_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 32_768,
        max_pages: None,
        heap_base: (1 << 31) - 40_001,
    };
    let mut heap = bench.open(layout)?;
    heap.allow_pages(32_790);
    heap.alloc(30_000)?;
    let scope = heap.enter()?;
    let across = heap.alloc(20_000)?;
    heap.realloc(across, 90_000)?;
    heap.copy((across, 1), (across, 0), 80_000)?;
    let kept = heap.promote(scope, Source::block(across), 90_000)?;
    heap.realloc(kept, 1000)?;
    everything(&mut heap)?;
    heap.free_all()?;
    heap.alloc(39_992)?;
    everything(&mut heap)
}

/// Allocates `size` bytes at a time until there is no more; returns how many there were.
fn fill(heap: &mut Player<'_>, size: u32) -> Result<u32, Violation> {
    for n in 0.. {
        let name = BlockName(heap.next_name());
        if heap.try_alloc(name, size)?.is_none() {
            return Ok(n);
        }
        heap.check(n < 10_000, H5, || {
            "memory has an end, and was never exhausted".into()
        })?;
    }
    Ok(0)
}

fn last_page(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 65_534,
        max_pages: None,
        heap_base: 0xfffd_f003,
    };
    for size in [1000, 8000, 65_000] {
        let mut heap = bench.open(layout)?;
        heap.allow_pages(65_536);
        heap.alloc(8)?;
        for edge in [140_000, 1 << 31, u32::MAX - 65_535, u32::MAX - 7, u32::MAX] {
            heap.exhausts(Call::Alloc { size: edge })?;
        }
        let n = fill(&mut heap, size)?;
        heap.check(n * size > PAGE_BYTES, H4, || {
            format!("there were {n} blocks of {size} bytes in more than two pages")
        })?;
        fill(&mut heap, 500)?;
        fill(&mut heap, 8)?;
        heap.exhausts(Call::Alloc { size: 8 })?;
        heap.exhausts(Call::Alloc { size: u32::MAX })?;
        // Where a conformer has room for it, that is not at the address that follows the last one: 0.
        let nothing = BlockName(heap.next_name());
        heap.try_alloc(nothing, 0)?;
        heap.free_all()?;
        let again = fill(&mut heap, size)?;
        heap.check(again >= n, B1, || {
            format!("{n} blocks fitted before `free-all`, {again} after")
        })?;
    }
    Ok(())
}

fn whole_memory(bench: &Bench<'_>) -> Result<(), Violation> {
    let layout = Layout {
        initial_pages: 65_536,
        max_pages: None,
        heap_base: 0xfffe_8003,
    };
    let mut heap = bench.open(layout)?;
    everything(&mut heap)?;
    let n = fill(&mut heap, 500)?;
    heap.check(n > 80, H2, || {
        format!("there were {n} blocks of 500 bytes in a page and a half")
    })?;
    heap.free_all()?;
    everything(&mut heap)
}

fn half_of_it(bench: &Bench<'_>) -> Result<(), Violation> {
    for size in [(1 << 31) - 8, 1 << 31, (1 << 31) + 1, 3 << 30] {
        let mut heap = bench.small()?;
        heap.allow_pages(65_536);
        heap.alloc(100)?;
        heap.alloc(size)?;
        heap.alloc(100)?;
        heap.exhausts(Call::Alloc { size })?;
        everything(&mut heap)?;
        heap.free_all()?;
        heap.alloc(size)?;
    }
    Ok(())
}

fn recycled_bytes(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    // Painted from end to end, because what fits is filled.
    heap.limit_growth(1);
    let scope = heap.enter()?;
    fill(&mut heap, 1000)?;
    fill(&mut heap, 8)?;
    heap.exit(scope)?;
    heap.lift_limit();
    everything(&mut heap)?;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(heap.enter()?);
        heap.alloc(40)?;
    }
    while let Some(scope) = open.pop() {
        heap.exit(scope)?;
    }
    everything(&mut heap)?;
    heap.free_all()?;
    everything(&mut heap)
}

fn first_call(bench: &Bench<'_>) -> Result<(), Violation> {
    type Step = fn(&mut Player<'_>) -> Result<(), Violation>;
    let first: [Step; 8] = [
        |heap| heap.alloc(0).map(drop),
        |heap| heap.alloc(100_000).map(drop),
        |heap| heap.realloc_null(9, 9).map(drop),
        |heap| {
            let call = Call::MemCopy {
                dst: 0,
                src: 0,
                n: 0,
            };
            heap.raw(call)
                .map(drop)
                .map_err(|stop| heap.violation(H8, format!("`{call}` {stop}")))
        },
        |heap| heap.enter().map(drop),
        |heap| heap.traps(Call::ExitScope { handle: u32::MAX }, S7),
        |heap| {
            heap.traps(
                Call::Promote {
                    handle: u32::MAX,
                    ptr: 1024,
                    size: 8,
                },
                S7,
            )
        },
        |heap| heap.free_all(),
    ];
    for call in first {
        let mut heap = bench.small()?;
        call(&mut heap).map_err(|violation| Violation {
            clause: H8,
            ..violation
        })?;
        everything(&mut heap)?;
    }
    Ok(())
}
