//! `heap-used`, `heap-base`, `scope-used`, `high-water`, `pages`.

use crate::{Bench, Call, Case, Clause::*, Layout, Player, Source, Violation, model::PAGE_BYTES};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "stats/used",
        &[T1],
        "`heap-used` is never below the sizes of all live blocks, and falls as scopes close",
        used,
    )
    .calls(&["heap-used"]),
    Case::new(
        "stats/base",
        &[T2],
        "`heap-base` is a multiple of 8, above the program's own, below every block, and stays",
        base,
    )
    .calls(&["heap-base"]),
    Case::new(
        "stats/scope-used",
        &[T3],
        "`scope-used` is what `heap-used` falls by when the scope closes",
        scope_used,
    )
    .calls(&["heap-used", "scope-used"]),
    Case::new(
        "stats/scope-used-wrong-handle",
        &[T3, S7],
        "`scope-used` of what is visibly no scope traps",
        wrong_handle,
    )
    .calls(&["scope-used"]),
    Case::new(
        "stats/high-water",
        &[T4],
        "`high-water` is never below what was used, never falls, and fits into the pages",
        high_water,
    )
    .calls(&["heap-used", "high-water", "pages"]),
    Case::new(
        "stats/pages",
        &[T5],
        "`pages` are those above the heap base and those that were grown, but for somebody else's",
        pages,
    )
    .calls(&["heap-base", "pages"])
    .in_program(),
    Case::new(
        "stats/at-4-gib",
        &[T1, T4, T5, H4],
        "nothing wraps in a full memory",
        at_4_gib,
    )
    .calls(&["heap-used", "high-water", "pages"])
    .in_program(),
    Case::new(
        "stats/first-call",
        &[T1, T2, T4, T5, H8],
        "each function may be the first one called",
        first_call,
    )
    .calls(&["heap-used", "heap-base", "high-water", "pages"]),
];

/// The sizes of all live blocks.
fn live(heap: &Player<'_>) -> u64 {
    let sizes = heap
        .model()
        .blocks()
        .map(|(_, block)| u64::from(block.size));
    sizes.sum()
}

/// Checks `heap-used`, and returns it.
fn check_used(heap: &mut Player<'_>) -> Result<u32, Violation> {
    let used = heap.stat(Call::HeapUsed)?;
    let live = live(heap);
    heap.check(u64::from(used) >= live, T1, || {
        format!("{used} bytes are used, and live blocks have {live}")
    })?;
    Ok(used)
}

/// Some calls, with a look at the heap after each.
fn walk(
    heap: &mut Player<'_>,
    mut look: impl FnMut(&mut Player<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    look(heap)?;
    let vector = heap.alloc(24)?;
    look(heap)?;
    let outer = heap.enter()?;
    look(heap)?;
    for size in [0, 1, 1000, 70_000, 8] {
        heap.alloc(size)?;
        look(heap)?;
        heap.grow_foreign(1);
        look(heap)?;
    }
    let inner = heap.enter()?;
    heap.realloc(vector, 5000)?;
    look(heap)?;
    let block = heap.alloc(150_000)?;
    look(heap)?;
    heap.promote(inner, Source::block(block), 100)?;
    look(heap)?;
    heap.exit(outer)?;
    look(heap)?;
    heap.alloc(300_000)?;
    look(heap)?;
    heap.free_all()?;
    look(heap)?;
    heap.alloc(100)?;
    look(heap)
}

fn used(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    walk(&mut heap, |heap| check_used(heap).map(drop))?;
    let mut heap = bench.small()?;
    heap.alloc(100)?;
    let before = check_used(&mut heap)?;
    for _ in 0..3 {
        let scope = heap.enter()?;
        heap.alloc(10_000)?;
        check_used(&mut heap)?;
        heap.exit(scope)?;
        let after = check_used(&mut heap)?;
        heap.check(after == before, T1, || {
            format!("{before} bytes were used before the scope, {after} after it")
        })?;
    }
    heap.free_all()?;
    let nothing = check_used(&mut heap)?;
    heap.check(nothing < before, T1, || {
        format!("{nothing} bytes are used after `free-all`, {before} before a block was freed")
    })
}

fn base(bench: &Bench<'_>) -> Result<(), Violation> {
    for heap_base in [1280, 4099, 65_535] {
        let mut heap = bench.open(Layout {
            heap_base,
            ..Layout::SMALL
        })?;
        let base = heap.stat(Call::HeapBase)?;
        heap.check(base.is_multiple_of(8) && base != 0, T2, || {
            format!("the heap begins at {base:#x}, no multiple of 8 above 0")
        })?;
        heap.check(!bench.in_program() || base >= heap_base, T2, || {
            format!("the heap begins at {base:#x}, the program's data ends at {heap_base:#x}")
        })?;
        walk(&mut heap, |heap| {
            let again = heap.stat(Call::HeapBase)?;
            heap.check(again == base, T2, || {
                format!("the heap began at {base:#x}, and now at {again:#x}")
            })?;
            let lowest = heap.model().blocks().map(|(_, block)| block.address).min();
            heap.check(lowest.is_none_or(|lowest| lowest >= base), T2, || {
                format!("a block lies below {base:#x}")
            })
        })?;
    }
    Ok(())
}

fn scope_used(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(100)?;
    for n in 1..6_u32 {
        let mut scopes = Vec::new();
        for depth in 0..n {
            let scope = heap.enter()?;
            scopes.push(scope);
            heap.alloc(depth * 9000)?;
            heap.alloc(20)?;
            heap.grow_foreign(1);
        }
        let mut last = 0;
        for &scope in scopes.iter().rev() {
            let handle = heap.handle(scope);
            let used = heap.stat(Call::ScopeUsed { handle })?;
            heap.check(used >= last, T3, || {
                format!("a scope has {used} bytes, one inside it {last}")
            })?;
            last = used;
        }
        // From the inside out, or all by the outermost.
        let closed = if n % 2 == 0 {
            &scopes[..1]
        } else {
            &scopes[..]
        };
        for &scope in closed.iter().rev() {
            let handle = heap.handle(scope);
            let share = heap.stat(Call::ScopeUsed { handle })?;
            let before = check_used(&mut heap)?;
            heap.exit(scope)?;
            let after = check_used(&mut heap)?;
            heap.check(before.wrapping_sub(after) == share, T3, || {
                format!(
                    "the scope had {share} bytes, and `heap-used` went from {before} to {after}"
                )
            })?;
        }
    }
    Ok(())
}

fn wrong_handle(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for handle in [u32::MAX, u32::MAX - 7] {
        heap.traps(Call::ScopeUsed { handle }, S7)?;
        let scope = heap.enter()?;
        heap.alloc(40)?;
        heap.traps(Call::ScopeUsed { handle }, S7)?;
        heap.exit(scope)?;
    }
    Ok(())
}

fn high_water(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let (mut most, mut last) = (0, 0);
    walk(&mut heap, |heap| {
        most = most.max(check_used(heap)?);
        let high = heap.stat(Call::HighWater)?;
        heap.check(high >= most, T4, || {
            format!("the high-water mark is {high}, and {most} bytes were used")
        })?;
        heap.check(high >= last, T4, || {
            format!("the high-water mark fell from {last} to {high}")
        })?;
        last = high;
        let pages = heap.stat(Call::Pages)?;
        let held = u64::from(pages) * u64::from(PAGE_BYTES);
        heap.check(u64::from(high) <= held, T4, || {
            format!("the high-water mark is {high}, in {pages} pages")
        })
    })
}

fn pages(bench: &Bench<'_>) -> Result<(), Violation> {
    for heap_base in [4099, 65_535, 65_536, 200_000] {
        let initial_pages = 4;
        let mut heap = bench.open(Layout {
            initial_pages,
            heap_base,
            ..Layout::SMALL
        })?;
        let base = heap.stat(Call::HeapBase)?;
        let below = base / PAGE_BYTES;
        let mut foreign = 0;
        for size in [0, 8, 70_000, 3, 150_000, 8] {
            heap.alloc(size)?;
            heap.grow_foreign(2);
            foreign += 2;
            let counted = heap.stat(Call::Pages)?;
            let owned = heap.pages() - foreign - below;
            heap.check(counted == owned, T5, || {
                format!("`pages` is {counted}, and {owned} are the allocator's")
            })?;
        }
    }
    Ok(())
}

fn at_4_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.open(Layout {
        initial_pages: 65_536,
        max_pages: None,
        heap_base: 8000,
    })?;
    heap.alloc(3 << 30)?;
    heap.alloc(1 << 29)?;
    check_used(&mut heap)?;
    let high = heap.stat(Call::HighWater)?;
    heap.check(high >= 7 << 29, T4, || {
        format!("the high-water mark is {high}, of more than 3.5 GiB")
    })?;
    let pages = heap.stat(Call::Pages)?;
    heap.check(pages == 65_536, T5, || {
        format!("`pages` is {pages} in a memory of 65,536")
    })
}

fn first_call(bench: &Bench<'_>) -> Result<(), Violation> {
    for call in [Call::HeapUsed, Call::HeapBase, Call::HighWater, Call::Pages] {
        let mut heap = bench.small()?;
        heap.stat(call)?;
        heap.alloc(1000)?;
        heap.alloc(70_000)?;
    }
    Ok(())
}
