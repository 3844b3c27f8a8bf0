//! `alloc`, `realloc`, `mem-copy`.

use crate::{
    Bench, BlockName, Call, Case, Clause::*, Feature, Player, Violation, model::PAGE_BYTES,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "core/alloc-sizes",
        &[A1],
        "blocks of 1 to 200 bytes are aligned, in bounds and disjoint",
        alloc_sizes,
    ),
    Case::new(
        "core/alloc-many",
        &[A1],
        "five hundred blocks over several pages keep their bytes",
        alloc_many,
    ),
    Case::new(
        "core/alloc-large",
        &[A1],
        "blocks of about a page, and of many, grow memory",
        alloc_large,
    ),
    Case::new(
        "core/alloc-to-the-end",
        &[A1],
        "sizes around what is left of memory: it is filled, or it grows, and no block ends beyond it",
        alloc_to_the_end,
    ),
    Case::new(
        "core/alloc-owner",
        &[A1, S2],
        "a block lives as long as the scope it was allocated in",
        alloc_owner,
    ),
    Case::new(
        "core/alloc-zero",
        &[A2],
        "`alloc(0)` is aligned and not 0, before, between and after blocks",
        alloc_zero,
    ),
    Case::new(
        "core/realloc-null",
        &[R1],
        "`realloc(0, x, n)` is `alloc(n)`, whatever x is",
        realloc_null,
    ),
    Case::new(
        "core/realloc-keeps-bytes",
        &[R2],
        "from any size to any size, the newest block and an older one",
        realloc_keeps_bytes,
    ),
    Case::new(
        "core/realloc-in-turns",
        &[R2],
        "five vectors that grow in turns keep their bytes",
        realloc_in_turns,
    ),
    Case::new(
        "core/realloc-at-the-end",
        &[R2],
        "a block that shrinks to the last bytes of memory brings no more than fits there",
        realloc_at_the_end,
    ),
    Case::new(
        "core/realloc-shrinks-in-place",
        &[R3],
        "a block that shrinks stays where it is",
        realloc_shrinks_in_place,
    )
    .promised(&[Feature::ShrinkInPlace]),
    Case::new(
        "core/realloc-grows-in-place",
        &[R3],
        "the newest block grows to 1 MiB where it stands",
        realloc_grows_in_place,
    )
    .promised(&[Feature::InPlaceGrow]),
    Case::new(
        "core/realloc-leaves-room",
        &[R2],
        "what a `realloc` moved away from is allocated again",
        realloc_leaves_room,
    )
    .promised(&[Feature::ReuseAfterRealloc]),
    Case::new(
        "core/realloc-exhausted",
        &[R4, H6],
        "a refused `realloc` leaves the block and its bytes",
        realloc_exhausted,
    ),
    Case::new(
        "core/copy-overlaps",
        &[M1],
        "0 to 24 bytes, shifted by -20 to 20 within a block",
        copy_overlaps,
    )
    .in_program(),
    Case::new(
        "core/copy-large",
        &[M1],
        "100,000 bytes, shifted by a little and by a lot, both ways",
        copy_large,
    )
    .in_program(),
    Case::new(
        "core/copy-nothing",
        &[M1],
        "n = 0 does nothing, at the first and the last byte of memory",
        copy_nothing,
    )
    .in_program(),
    Case::new(
        "core/copy-out-of-bounds",
        &[M2],
        "a copy from or to beyond memory traps and writes nothing",
        copy_out_of_bounds,
    )
    .in_program(),
];

fn alloc_sizes(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    (1..=200).try_for_each(|size| heap.alloc(size).map(drop))
}

fn alloc_many(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    (0..500).try_for_each(|at| heap.alloc(at * 37 % 1500).map(drop))
}

fn alloc_large(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for pages in [1, 2, 7] {
        for more in [-9, -8, -1, 0, 1, 8] {
            heap.alloc((pages * PAGE_BYTES).saturating_add_signed(more))?;
        }
    }
    Ok(())
}

fn alloc_to_the_end(bench: &Bench<'_>) -> Result<(), Violation> {
    for more in -40..=40 {
        let mut heap = bench.small()?;
        let first = heap.alloc(8)?;
        let behind = heap.address(first) + 8;
        let left = heap.pages() * PAGE_BYTES - behind;
        heap.alloc(left.saturating_add_signed(more))?;
        heap.alloc(1)?;
    }
    Ok(())
}

fn alloc_owner(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(24)?;
    let outer = heap.enter()?;
    heap.alloc(100)?;
    let inner = heap.enter()?;
    heap.alloc(1000)?;
    heap.exit(inner)?;
    // Belongs to `outer` again, whose first block must be alive still.
    heap.alloc(2000)?;
    heap.exit(outer)?;
    heap.alloc(4000)?;
    Ok(())
}

fn alloc_zero(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    for size in [0, 0, 3, 0, 8, 0, PAGE_BYTES, 0, 1] {
        heap.alloc(size)?;
    }
    let scope = heap.enter()?;
    heap.alloc(0)?;
    heap.exit(scope)?;
    heap.alloc(0)?;
    heap.alloc(16).map(drop)
}

fn realloc_null(bench: &Bench<'_>) -> Result<(), Violation> {
    for old_size in [0, 1, 8, 4096, 1 << 31, u32::MAX] {
        let mut heap = bench.small()?;
        for size in [0, 1, 8, 100, PAGE_BYTES + 1] {
            heap.realloc_null(old_size, size)?;
            heap.alloc(5)?;
        }
    }
    Ok(())
}

fn realloc_keeps_bytes(bench: &Bench<'_>) -> Result<(), Violation> {
    const SIZES: [u32; 11] = [0, 1, 7, 8, 9, 16, 63, 64, 1000, 65_528, 65_537];
    for old in SIZES {
        for new in SIZES {
            let mut heap = bench.small()?;
            heap.alloc(8)?;
            let older = heap.alloc(old)?;
            heap.alloc(16)?;
            let newest = heap.alloc(old)?;
            heap.realloc(newest, new)?;
            heap.realloc(older, new)?;
            heap.alloc(24)?;
        }
    }
    Ok(())
}

fn realloc_in_turns(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let vectors = [
        heap.alloc(0)?,
        heap.alloc(1)?,
        heap.alloc(8)?,
        heap.alloc(13)?,
        heap.alloc(24)?,
    ];
    for turn in 1..40 {
        for (at, vector) in vectors.into_iter().enumerate() {
            // Mostly up, now and then down.
            let size = if turn % 7 == 6 {
                turn * 3
            } else {
                turn * turn * (at as u32 + 1)
            };
            heap.realloc(vector, size)?;
        }
    }
    Ok(())
}

fn realloc_at_the_end(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(2000)?;
    let newest = heap.alloc(8)?;
    let behind = heap.address(newest) + 8;
    let left = heap.pages() * PAGE_BYTES - behind;
    heap.alloc(left.saturating_sub(64))?;
    heap.limit_growth(0);
    // One for which 64 bytes are not enough keeps the block as it is (R4).
    heap.try_realloc(older, 8)?;
    heap.try_realloc(older, 1)?;
    Ok(())
}

fn stays(heap: &mut Player<'_>, block: BlockName, size: u32) -> Result<(), Violation> {
    let before = heap.address(block);
    let after = heap.realloc(block, size)?;
    heap.check(after == before, R3, || {
        format!("`{block}` moved from {before:#x} to {after:#x}")
    })
}

fn realloc_shrinks_in_place(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let older = heap.alloc(100_000)?;
    let newest = heap.alloc(100_000)?;
    let scope = heap.enter()?;
    for size in [99_999, 65_537, 65_536, 5000, 64, 9, 8, 1] {
        stays(&mut heap, newest, size)?;
        stays(&mut heap, older, size)?;
        heap.alloc(8)?;
    }
    heap.exit(scope)
}

fn realloc_grows_in_place(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(40)?;
    let root = heap.alloc(1)?;
    (0..=20).try_for_each(|log2| stays(&mut heap, root, 1 << log2))?;
    let scope = heap.enter()?;
    let inner = heap.alloc(1)?;
    (0..=20).try_for_each(|log2| stays(&mut heap, inner, 1 << log2))?;
    heap.exit(scope)
}

fn realloc_leaves_room(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let block = heap.alloc(1024)?;
    heap.alloc(8)?;
    let left = heap.address(block);
    heap.realloc(block, 4096)?;
    let again = heap.alloc(1024)?;
    let address = heap.address(again);
    heap.check(address.abs_diff(left) < 1024, R2, || {
        format!("1024 bytes at {left:#x} were given up, and the next 1024 are at {address:#x}")
    })
}

fn realloc_exhausted(bench: &Bench<'_>) -> Result<(), Violation> {
    const TOO_MUCH: [u32; 6] = [
        16 << 20,
        1 << 31,
        (1 << 31) + 1,
        u32::MAX - 65_536,
        u32::MAX - 7,
        u32::MAX,
    ];
    let mut heap = bench.small()?;
    let older = heap.alloc(500)?;
    heap.alloc(8)?;
    heap.limit_growth(0);
    for size in TOO_MUCH {
        let newest = heap.alloc(600)?;
        let call = heap.realloc_call(newest, size);
        heap.exhausts(call)?;
        // Would be where the block is, had it been given up.
        heap.alloc(16)?;
        let call = heap.realloc_call(older, size);
        heap.exhausts(call)?;
        heap.alloc(16)?;
        heap.realloc(newest, 700)?;
    }
    heap.realloc(older, 400).map(drop)
}

fn copy_overlaps(bench: &Bench<'_>) -> Result<(), Violation> {
    for shift in -20..=20_i32 {
        let mut heap = bench.small()?;
        for n in 0..=24 {
            let block = heap.alloc(72)?;
            let scope = heap.enter()?;
            heap.copy((block, 24_u32.saturating_add_signed(shift)), (block, 24), n)?;
            heap.exit(scope)?;
        }
    }
    Ok(())
}

fn copy_large(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let block = heap.alloc(150_000)?;
    for shift in [1, 3, 8, 4096, 40_001] {
        heap.copy((block, shift), (block, 0), 100_000)?;
        heap.copy((block, 0), (block, shift), 100_000)?;
        let size = 150_000 + shift;
        heap.realloc(block, size)?;
    }
    Ok(())
}

fn copy_nothing(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    heap.alloc(32)?;
    let last = heap.pages() * PAGE_BYTES - 1;
    for (dst, src) in [(0, 0), (0, last), (last, 0), (last, last), (1, 2), (2, 1)] {
        let call = Call::MemCopy { dst, src, n: 0 };
        if let Err(stop) = heap.raw(call) {
            return Err(heap.violation(M1, format!("`{call}` {stop}")));
        }
    }
    heap.alloc(32).map(drop)
}

fn copy_out_of_bounds(bench: &Bench<'_>) -> Result<(), Violation> {
    let mut heap = bench.small()?;
    let block = heap.alloc(64)?;
    let inside = heap.address(block);
    let end = heap.pages() * PAGE_BYTES;
    for n in [1, 8, 33, 64, 4096, 1 << 31, u32::MAX] {
        for outside in [
            end - 1,
            end - n.min(33) + 1,
            end,
            end + 8,
            1 << 31,
            u32::MAX - 3,
            u32::MAX,
        ] {
            if u64::from(outside) + u64::from(n) <= u64::from(end) {
                continue;
            }
            let tail = heap.bytes(end - 4096, 4096);
            heap.traps(
                Call::MemCopy {
                    dst: outside,
                    src: inside,
                    n,
                },
                M2,
            )?;
            let unchanged = tail == heap.bytes(end - 4096, 4096);
            heap.check(unchanged, M2, || "the end of memory was written to".into())?;
            heap.traps(
                Call::MemCopy {
                    dst: inside,
                    src: outside,
                    n,
                },
                M2,
            )?;
        }
    }
    Ok(())
}
