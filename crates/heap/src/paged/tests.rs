//! What the conformance suite does not see: where memory goes when scopes end, and how blocks and reservations
//! share it. The suite itself runs on this strategy natively.

use crate::{
    Fault, Free as _, PageSource as _, Paged, Sizes as _, Strategy as _, page_layer::LAZY,
    paged::LARGE_BYTES, simulated::Simulated,
};

const MIB: u32 = 1 << 20;

/// A heap over a memory of `wasm_pages`, from 5000 on.
fn fresh(wasm_pages: u32) -> (Simulated, Paged) {
    (
        Simulated::new(wasm_pages),
        Paged::new(5000, wasm_pages << 16),
    )
}

#[test]
fn what_a_scope_had_can_be_reserved() {
    let (mut memory, mut heap) = fresh(1);
    let scope = heap.enter_scope(&mut memory).unwrap().get();
    for n in 0..4000 {
        heap.alloc(&mut memory, 2000).unwrap();
        if n % 50 == 0 {
            heap.alloc(&mut memory, LARGE_BYTES + n).unwrap();
        }
    }
    let pages = memory.size_pages();
    heap.exit_scope(&mut memory, scope).unwrap();
    let ptr = heap
        .more_pages(&mut memory)
        .reserve(&mut memory, 14 * MIB, 0, LAZY);
    assert!(
        ptr != 0 && memory.size_pages() == pages,
        "memory grew for it"
    );
    heap.pages().walk(&memory).unwrap();
}

#[test]
fn what_was_released_serves_blocks() {
    let (mut memory, mut heap) = fresh(1);
    let ptr = heap
        .more_pages(&mut memory)
        .reserve(&mut memory, 8 * MIB, 0, 0);
    heap.pages().release(&mut memory, ptr);
    let pages = memory.size_pages();
    let mut large = 0;
    for n in 0..30 {
        heap.alloc(&mut memory, 100_000).unwrap();
        large += heap.alloc(&mut memory, 140_000 + n).unwrap().get() % 16_384;
    }
    assert_eq!((memory.size_pages(), large), (pages, 0));
    heap.free_all(&mut memory);
    heap.pages().walk(&memory).unwrap();
}

#[test]
fn a_large_initial_memory_is_reserved_before_it_grows() {
    let (mut memory, mut heap) = fresh(256);
    heap.alloc(&mut memory, 100).unwrap();
    let ptr = heap
        .more_pages(&mut memory)
        .reserve(&mut memory, 12 * MIB, 0, 0);
    assert!(ptr != 0 && memory.size_pages() == 256);
    assert_eq!(memory.cleared(), 0, "nobody had been there");
    // Blocks go on in front of it and behind it.
    for _ in 0..200 {
        let block = heap.alloc(&mut memory, 30_000).unwrap().get();
        assert!(block + 30_000 <= ptr || block >= ptr + 12 * MIB);
    }
    heap.pages().walk(&memory).unwrap();
}

#[test]
fn zeroed_blocks_clear_what_was_used_and_no_more() {
    let (mut memory, mut heap) = fresh(1);
    let block = heap.alloc_zeroed(&mut memory, 4 * MIB).unwrap().get();
    assert_eq!(memory.cleared(), 0);
    // SAFETY: its size.
    unsafe { heap.free(&mut memory, block, 4 * MIB) };
    assert_eq!(heap.alloc_zeroed(&mut memory, MIB).unwrap().get(), block);
    assert_eq!(
        memory.cleared(),
        u64::from(MIB) + 16_384,
        "and the page with the node"
    );
}

#[test]
fn what_is_freed_with_a_wrong_size_stays() {
    let (mut memory, mut heap) = fresh(1);
    let block = heap.alloc(&mut memory, MIB).unwrap().get();
    let next = heap.alloc(&mut memory, MIB).unwrap().get();
    for (ptr, size) in [
        (block, MIB + 1),
        (block + 16_384, MIB),
        (block, u32::MAX),
        (!7, MIB),
    ] {
        // SAFETY: none, which is the point.
        unsafe { heap.free(&mut memory, ptr, size) };
    }
    // SAFETY: its size; and once more.
    unsafe {
        heap.free(&mut memory, block, MIB);
        heap.free(&mut memory, block, MIB);
    }
    assert_eq!(heap.alloc(&mut memory, MIB).unwrap().get(), block);
    assert!(heap.alloc(&mut memory, MIB).unwrap().get() > next);
    heap.pages().walk(&memory).unwrap();
}

#[test]
fn a_promotion_that_finds_no_memory_leaves_the_scope_as_it_was() {
    let (mut memory, mut heap) = fresh(1);
    heap.alloc(&mut memory, LARGE_BYTES).unwrap();
    let scope = heap.enter_scope(&mut memory).unwrap().get();
    let block = heap.alloc(&mut memory, 3 * MIB).unwrap().get();
    let pages = memory.size_pages();
    memory.limit(pages + 3);
    // SAFETY: readable.
    let refused = unsafe { heap.promote(&mut memory, scope, block, 2 * MIB) };
    assert_eq!(
        refused,
        Err(Fault::Exhausted {
            size_bytes: 2 * MIB
        })
    );
    memory.limit(1 << 16);
    memory.bytes()[block as usize..][..MIB as usize].fill(7);
    // SAFETY: readable.
    let kept = unsafe { heap.promote(&mut memory, scope, block, MIB) }
        .unwrap()
        .get();
    assert!(
        memory.bytes()[kept as usize..][..MIB as usize]
            .iter()
            .all(|byte| *byte == 7)
    );
    heap.pages().walk(&memory).unwrap();
    // The scope's three MiB are free.
    let pages = memory.size_pages();
    heap.alloc(&mut memory, 2 * MIB).unwrap();
    assert_eq!(memory.size_pages(), pages);
}

/// A block that a random program has.
struct Block {
    at: u32,
    size: u32,
    paint: u8,
    depth: usize,
}

#[test]
fn blocks_scopes_and_reservations_share_memory() {
    let mut state = 7_u64;
    let mut below = move |n: u32| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        ((state >> 32) % u64::from(n)) as u32
    };
    let (mut memory, mut heap) = fresh(40);
    let mut blocks: Vec<Block> = Vec::new();
    let mut scopes: Vec<u32> = Vec::new();
    let mut reserved: Vec<(u32, u32)> = Vec::new();
    for step in 0..2500 {
        let size = match below(5) {
            0 => below(1000),
            1 => below(60_000),
            2 => LARGE_BYTES - 8 + below(16),
            _ => below(900_000),
        };
        match below(20) {
            0..6 => {
                let at = heap.alloc(&mut memory, size).unwrap().get();
                let paint = 1 + below(200) as u8;
                memory.bytes()[at as usize..][..size as usize].fill(paint);
                blocks.push(Block {
                    at,
                    size,
                    paint,
                    depth: scopes.len(),
                });
            }
            6..9 if !blocks.is_empty() => {
                let at = below(blocks.len() as u32) as usize;
                let block = &mut blocks[at];
                let old = block.size;
                // SAFETY: a live block and its size.
                let new = unsafe { heap.realloc(&mut memory, block.at, block.size, size) };
                *block = Block {
                    at: new.unwrap().get(),
                    size,
                    depth: scopes.len(),
                    ..*block
                };
                let kept = &memory.bytes()[block.at as usize..][..old.min(size) as usize];
                assert!(kept.iter().all(|byte| *byte == block.paint), "step {step}");
                memory.bytes()[block.at as usize..][..size as usize].fill(block.paint);
            }
            9..12 if !blocks.is_empty() => {
                let block = blocks.swap_remove(below(blocks.len() as u32) as usize);
                // SAFETY: a live block and its size.
                unsafe { heap.free(&mut memory, block.at, block.size) };
            }
            12..14 => scopes.push(heap.enter_scope(&mut memory).unwrap().get()),
            14 if !scopes.is_empty() => {
                let depth = below(scopes.len() as u32) as usize;
                heap.exit_scope(&mut memory, scopes[depth]).unwrap();
                scopes.truncate(depth);
                blocks.retain(|block| block.depth <= depth);
            }
            15 if !scopes.is_empty() && !blocks.is_empty() => {
                let depth = below(scopes.len() as u32) as usize;
                let from = &blocks[below(blocks.len() as u32) as usize];
                let (source, n, paint) = (from.at, from.size, from.paint);
                // SAFETY: a live block.
                let at = unsafe { heap.promote(&mut memory, scopes[depth], source, n) };
                let at = at.unwrap().get();
                assert!(
                    memory.bytes()[at as usize..][..n as usize]
                        .iter()
                        .all(|byte| *byte == paint)
                );
                scopes.truncate(depth);
                blocks.retain(|block| block.depth <= depth);
                blocks.push(Block {
                    at,
                    size: n,
                    paint,
                    depth,
                });
            }
            16 | 17 => {
                let pages = heap.more_pages(&mut memory);
                let ptr = pages.reserve(&mut memory, size.max(1), 0, below(2) * LAZY);
                assert!(pages.commit(&mut memory, ptr, size.max(1)));
                let range = ptr as usize..(ptr + size.max(1)) as usize;
                assert!(
                    memory.bytes()[range.clone()].iter().all(|byte| *byte == 0),
                    "step {step}"
                );
                memory.bytes()[range].fill(0xee);
                reserved.push((ptr, size.max(1)));
            }
            18 if !reserved.is_empty() => {
                let (ptr, _) = reserved.swap_remove(below(reserved.len() as u32) as usize);
                heap.pages().release(&mut memory, ptr);
            }
            19 if below(40) == 0 => {
                heap.free_all(&mut memory);
                blocks.clear();
                scopes.clear();
            }
            19 if below(10) == 0 => drop(memory.grow_foreign(1)),
            _ => {}
        }
        if step % 20 == 0 {
            heap.pages().walk(&memory).unwrap();
            for block in &blocks {
                let bytes = &memory.bytes()[block.at as usize..][..block.size as usize];
                assert!(bytes.iter().all(|byte| *byte == block.paint), "step {step}");
            }
            for &(ptr, bytes) in &reserved {
                let bytes = &memory.bytes()[ptr as usize..][..bytes as usize];
                assert!(bytes.iter().all(|byte| *byte == 0xee), "step {step}");
            }
            // A program that frees all the time needs no more than it has at a time.
            if blocks.len() + reserved.len() > 60 {
                heap.free_all(&mut memory);
                reserved
                    .drain(..)
                    .for_each(|(ptr, _)| heap.pages().release(&mut memory, ptr));
                blocks.clear();
                scopes.clear();
            }
        }
    }
    assert!(memory.size_pages() < 2000, "{} pages", memory.size_pages());
}
