//! Clause by clause on a simulated memory, with the edges that broke other allocators.

mod extension;

use super::*;
use crate::{
    address::{ADDRESS_LIMIT, PAGE_SIZE},
    simulated::Simulated,
};

/// A heap over a simulated memory, laid out as a linker does: the root header, then the heap.
struct Heap {
    bump: Bump,
    memory: Simulated,
}

const ROOT: u32 = 1016;
const BASE: u32 = 1024;

impl Heap {
    fn new(pages: u32) -> Self {
        Self::at(pages, ROOT)
    }

    fn at(pages: u32, root: u32) -> Self {
        let memory = Simulated::new(pages);
        let end = end_of_pages(memory.size_pages());
        // SAFETY: in bounds and aligned.
        unsafe { memory.at(root).cast::<Chunk>().write(Chunk::root(end, 0)) };
        Self {
            bump: Bump::new(root, root + HEADER_BYTES, end),
            memory,
        }
    }

    fn alloc(&mut self, size_bytes: u32) -> u32 {
        self.try_alloc(size_bytes).unwrap()
    }

    fn try_alloc(&mut self, size_bytes: u32) -> Result<u32, Fault> {
        self.bump
            .alloc(&mut self.memory, size_bytes)
            .map(NonZeroU32::get)
    }

    fn realloc(&mut self, old: u32, old_bytes: u32, new_bytes: u32) -> Result<u32, Fault> {
        // SAFETY: the tests pass blocks of theirs.
        unsafe {
            self.bump
                .realloc(&mut self.memory, old, old_bytes, new_bytes)
        }
        .map(NonZeroU32::get)
    }

    fn enter(&mut self) -> u32 {
        self.bump.enter_scope(&mut self.memory).unwrap().get()
    }

    fn exit(&mut self, handle: u32) -> Result<(), Fault> {
        self.bump.exit_scope(&mut self.memory, handle)
    }

    fn promote(&mut self, handle: u32, source: u32, size_bytes: u32) -> Result<u32, Fault> {
        // SAFETY: the tests pass readable bytes.
        unsafe {
            self.bump
                .promote(&mut self.memory, handle, source, size_bytes)
        }
        .map(NonZeroU32::get)
    }

    fn fill(&mut self, block: u32, size_bytes: u32, seed: u8) {
        for (i, byte) in self.bytes(block, size_bytes).iter_mut().enumerate() {
            *byte = pattern(i, seed);
        }
    }

    fn check(&mut self, block: u32, size_bytes: u32, seed: u8) {
        for (i, byte) in self.bytes(block, size_bytes).iter().enumerate() {
            assert_eq!(*byte, pattern(i, seed), "byte {i} of the block at {block}");
        }
    }

    fn bytes(&mut self, block: u32, size_bytes: u32) -> &mut [u8] {
        &mut self.memory.bytes()[block as usize..][..size_bytes as usize]
    }
}

fn pattern(i: usize, seed: u8) -> u8 {
    (i as u8).wrapping_mul(31).wrapping_add(seed)
}

const REFUSED: fn(u32) -> Result<u32, Fault> = |size_bytes| Err(Fault::Exhausted { size_bytes });

#[test]
fn blocks_follow_each_other_at_multiples_of_8() {
    let mut heap = Heap::new(1);
    assert_eq!(
        [1, 8, 9, 0, 0, 3].map(|n| heap.alloc(n) - BASE),
        [0, 8, 16, 32, 32, 32]
    );
}

#[test]
fn the_last_byte_of_a_page_is_used_before_the_next_page() {
    let mut heap = Heap::new(1);
    assert_eq!(heap.alloc(PAGE_SIZE - BASE), BASE);
    assert_eq!(heap.memory.size_pages(), 1);
    assert_eq!(heap.alloc(0), PAGE_SIZE);
    assert_eq!(heap.alloc(PAGE_SIZE), PAGE_SIZE);
    assert_eq!(heap.memory.size_pages(), 2);
    heap.alloc(1);
    assert_eq!(heap.memory.size_pages(), 3);
}

#[test]
fn every_size_is_served_or_refused_without_a_wrap() {
    for size_bytes in [1 << 31, u32::MAX - 15, u32::MAX - 7, u32::MAX - 6, u32::MAX] {
        let mut heap = Heap::new(1);
        heap.memory.limit(4);
        heap.alloc(24);
        assert_eq!(heap.try_alloc(size_bytes), REFUSED(size_bytes));
        assert_eq!(heap.memory.size_pages(), 1);
        assert_eq!(heap.alloc(8), BASE + 24);
    }
}

#[test]
fn a_huge_size_behind_foreign_pages_is_refused_too() {
    for size_bytes in [u32::MAX - 8, u32::MAX - 7, u32::MAX] {
        let mut heap = Heap::new(1);
        heap.memory.grow_foreign(1);
        assert_eq!(heap.try_alloc(size_bytes), REFUSED(size_bytes));
        assert_eq!(heap.alloc(8), BASE);
    }
}

#[test]
fn a_block_straddles_2_gib_and_the_heap_ends_8_bytes_below_4_gib() {
    let mut heap = Heap::new(1);
    let low = heap.alloc((1 << 31) - 4 * PAGE_SIZE);
    let straddling = heap.alloc(8 * PAGE_SIZE);
    assert!(low < straddling && straddling < 1 << 31 && straddling + 8 * PAGE_SIZE > 1 << 31);
    heap.fill(straddling, 8 * PAGE_SIZE, 5);
    let rest = ADDRESS_LIMIT - (straddling + 8 * PAGE_SIZE);
    let last = heap.alloc(rest);
    assert_eq!(last + rest, ADDRESS_LIMIT);
    assert_ne!(heap.alloc(0), 0);
    assert_eq!(heap.try_alloc(1), REFUSED(1));
    heap.check(straddling, 8 * PAGE_SIZE, 5);
}

#[test]
fn what_only_the_last_8_bytes_of_4_gib_would_hold_is_refused() {
    let mut heap = Heap::new(1);
    let size_bytes = ADDRESS_LIMIT - BASE + 1;
    assert_eq!(heap.try_alloc(size_bytes), REFUSED(size_bytes));
    assert_eq!(heap.alloc(size_bytes - 1), BASE);
}

#[test]
fn a_heap_may_begin_above_2_gib_in_a_full_memory() {
    let mut heap = Heap::at(65_536, (1 << 31) + 1016);
    let block = heap.alloc(1 << 30);
    assert_eq!(block, (1 << 31) + 1024);
    let scope = heap.enter();
    heap.alloc(1 << 29);
    heap.exit(scope).unwrap();
    assert_eq!(heap.alloc(8), scope);
}

#[test]
fn pages_that_somebody_else_grew_are_never_handed_out() {
    let mut heap = Heap::new(1);
    let scope = heap.enter();
    heap.alloc(PAGE_SIZE - BASE - 8);
    heap.memory.grow_foreign(2);
    let above = heap.alloc(16);
    assert_eq!(above, 3 * PAGE_SIZE + HEADER_BYTES);
    heap.memory.grow_foreign(1);
    assert_eq!(heap.alloc(PAGE_SIZE), 5 * PAGE_SIZE + HEADER_BYTES);
    heap.exit(scope).unwrap();
    assert_eq!(heap.alloc(8), BASE);
}

#[test]
fn a_scope_that_spans_chunks_runs_for_ever_in_one_turns_memory() {
    let mut heap = Heap::new(1);
    let mut pages = None;
    for _ in 0..100 {
        let scope = heap.enter();
        for i in 0..40 {
            let block = heap.alloc(10_000);
            heap.fill(block, 10_000, i);
            if pages.is_none() && i % 10 == 3 {
                heap.memory.grow_foreign(1);
            }
        }
        heap.exit(scope).unwrap();
        assert_eq!(
            heap.memory.size_pages(),
            *pages.get_or_insert(heap.memory.size_pages())
        );
    }
}

#[test]
fn the_newest_block_grows_in_place_and_no_other_moves_to_shrink() {
    let mut heap = Heap::new(1);
    let older = heap.alloc(16);
    let vector = heap.alloc(16);
    heap.fill(older, 16, 1);
    heap.fill(vector, 16, 2);
    let mut capacity = 16;
    while capacity < 1 << 20 {
        assert_eq!(heap.realloc(vector, capacity, 2 * capacity), Ok(vector));
        capacity *= 2;
    }
    heap.check(vector, 16, 2);
    assert_eq!(heap.realloc(older, 16, 3), Ok(older));
    let moved = heap.realloc(older, 16, 17).unwrap();
    assert_eq!(moved, vector + capacity);
    heap.check(moved, 16, 1);
}

#[test]
fn the_newest_block_moves_where_foreign_pages_follow_it() {
    let mut heap = Heap::new(1);
    let vector = heap.alloc(1000);
    heap.fill(vector, 1000, 9);
    heap.memory.grow_foreign(1);
    let moved = heap.realloc(vector, 1000, PAGE_SIZE).unwrap();
    assert_eq!(moved, 2 * PAGE_SIZE + HEADER_BYTES);
    heap.check(moved, 1000, 9);
}

#[test]
fn realloc_of_null_is_alloc_whatever_the_old_size() {
    let mut heap = Heap::new(1);
    for old_bytes in [0, 7, BASE, BASE + 8, u32::MAX] {
        let block = heap.realloc(0, old_bytes, 8).unwrap();
        assert_eq!(heap.alloc(8), block + 8);
    }
    assert_ne!(heap.realloc(0, 8, 0), Ok(0));
}

#[test]
fn a_refused_realloc_leaves_the_block_where_it_was() {
    let mut heap = Heap::new(1);
    heap.memory.limit(2);
    let block = heap.alloc(100);
    heap.fill(block, 100, 3);
    assert_eq!(
        heap.realloc(block, 100, 3 * PAGE_SIZE),
        REFUSED(3 * PAGE_SIZE)
    );
    heap.check(block, 100, 3);
    assert_eq!(heap.realloc(block, 100, PAGE_SIZE), Ok(block));
}

#[test]
fn leaving_an_outer_scope_leaves_the_inner_ones() {
    let mut heap = Heap::new(1);
    heap.alloc(8);
    let outer = heap.enter();
    heap.alloc(8);
    let inner = heap.enter();
    heap.alloc(8);
    heap.exit(outer).unwrap();
    assert_eq!(heap.exit(inner), Err(Fault::BadHandle));
    assert_eq!(heap.alloc(8), outer);
}

#[test]
fn a_handle_that_is_none_changes_nothing() {
    let mut heap = Heap::new(2);
    heap.alloc(64);
    let scope = heap.enter();
    let next = heap.alloc(64) + 64;
    for handle in [
        0,
        1,
        ROOT,
        BASE - 8,
        BASE + 4,
        scope + 1,
        next + 8,
        1 << 31,
        u32::MAX - 7,
    ] {
        assert_eq!(heap.exit(handle), Err(Fault::BadHandle), "{handle}");
        assert_eq!(
            heap.promote(handle, BASE, 8),
            Err(Fault::BadHandle),
            "{handle}"
        );
    }
    assert_eq!(heap.alloc(8), next);
    heap.exit(scope).unwrap();
    assert_eq!(heap.alloc(8), scope);
}

#[test]
fn a_chunk_header_survives_a_handle_that_points_at_it() {
    let mut heap = Heap::new(1);
    heap.memory.grow_foreign(1);
    let above = heap.alloc(PAGE_SIZE);
    heap.exit(above - HEADER_BYTES).unwrap();
    assert_eq!(heap.alloc(8), above);
}

#[test]
fn promote_keeps_the_value_and_ends_the_scope() {
    let mut heap = Heap::new(1);
    let kept = heap.alloc(24);
    heap.fill(kept, 24, 7);
    heap.fill(0, 16, 1);
    // From the scope (overlapping its own start), from an older block, from static data.
    for source in [None, Some(kept), Some(0)] {
        let outer = heap.enter();
        let scope = heap.enter();
        let local = heap.alloc(40);
        let (source, seed) = match source {
            Some(source) => (source, if source == 0 { 1 } else { 7 }),
            None => {
                heap.fill(local + 8, 16, 9);
                (local + 8, 9)
            }
        };
        let promoted = heap.promote(scope, source, 16).unwrap();
        assert_eq!(promoted, scope);
        heap.check(promoted, 16, seed);
        assert_eq!(heap.alloc(8), promoted + 16);
        heap.check(kept, 24, 7);
        heap.exit(outer).unwrap();
    }
}

#[test]
fn promote_near_the_end_of_memory_grows_it() {
    let mut heap = Heap::new(1);
    heap.fill(0, 1000, 4);
    heap.alloc(PAGE_SIZE - BASE - 16);
    let scope = heap.enter();
    assert_eq!(heap.promote(scope, 0, 1000), Ok(scope));
    heap.check(scope, 1000, 4);
    assert_eq!(heap.memory.size_pages(), 2);
}

#[test]
fn a_refused_promote_leaves_the_scope_open() {
    let mut heap = Heap::new(1);
    heap.memory.limit(1);
    heap.fill(0, 1000, 4);
    heap.alloc(PAGE_SIZE - BASE - 16);
    let scope = heap.enter();
    let local = heap.alloc(8);
    heap.fill(local, 8, 6);
    assert_eq!(heap.promote(scope, 0, 1000), REFUSED(1000));
    heap.check(local, 8, 6);
    assert_eq!(heap.alloc(8), local + 8);
    heap.exit(scope).unwrap();
    assert_eq!(heap.alloc(16), scope);
}

#[test]
fn promote_across_chunks_copies_exactly_where_source_and_target_overlap() {
    let mut heap = Heap::new(1);
    heap.alloc(PAGE_SIZE - BASE - 8);
    let scope = heap.enter();
    heap.memory.grow_foreign(1);
    let local = heap.alloc(3000);
    heap.fill(local + 8, 2000, 3);
    let promoted = heap.promote(scope, local + 8, 2000).unwrap();
    assert_eq!(promoted, local);
    heap.check(promoted, 2000, 3);
    assert_eq!(heap.alloc(8), promoted + 2000);
}

#[test]
fn free_all_begins_again_at_the_lowest_address_and_keeps_the_pages() {
    let mut heap = Heap::new(1);
    heap.enter();
    heap.alloc(PAGE_SIZE);
    heap.memory.grow_foreign(1);
    heap.alloc(3 * PAGE_SIZE);
    let pages = heap.memory.size_pages();
    heap.bump.free_all(&mut heap.memory);
    assert_eq!(heap.alloc(PAGE_SIZE), BASE);
    heap.alloc(3 * PAGE_SIZE);
    assert_eq!(heap.memory.size_pages(), pages);
}
