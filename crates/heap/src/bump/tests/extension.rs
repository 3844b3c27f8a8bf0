//! What a bump heap does beyond the contract.

use super::*;
use crate::{Sizes as _, Stats as _};

impl Heap {
    fn aligned(&mut self, size_bytes: u32, align: u32) -> Result<u32, Fault> {
        self.bump
            .alloc_aligned(&mut self.memory, size_bytes, align)
            .map(NonZeroU32::get)
    }

    fn zeroed(&mut self, size_bytes: u32) -> u32 {
        self.bump
            .alloc_zeroed(&mut self.memory, size_bytes)
            .unwrap()
            .get()
    }

    fn sentinel(&mut self, size_bytes: u32) -> u32 {
        self.bump
            .try_alloc(&mut self.memory, size_bytes)
            .map_or(0, NonZeroU32::get)
    }

    fn resize(&mut self, block: u32, old_bytes: u32, new_bytes: u32) -> bool {
        // SAFETY: the tests pass blocks of theirs.
        unsafe {
            self.bump
                .resize_in_place(&mut self.memory, block, old_bytes, new_bytes)
        }
    }

    fn used(&self) -> u32 {
        self.bump.heap_used(&self.memory)
    }

    fn scope_used(&mut self, handle: u32) -> Result<u32, Fault> {
        self.bump.scope_used(&mut self.memory, handle)
    }
}

#[test]
fn every_alignment_is_kept_and_nothing_overlaps() {
    let mut heap = Heap::new(1);
    let mut last = (BASE, 0);
    for log2 in 0..20 {
        for size_bytes in [0, 1, 24, 70_000] {
            let block = heap.aligned(size_bytes, 1 << log2).unwrap();
            assert_eq!(block % (1 << log2.max(3)), 0);
            assert!(block >= last.0 + last.1);
            heap.fill(block, size_bytes, 3);
            last = (block, size_bytes);
        }
    }
    assert_eq!(heap.alloc(8), (last.0 + last.1).next_multiple_of(8));
}

#[test]
fn an_alignment_that_is_no_power_of_two_is_refused() {
    let mut heap = Heap::new(1);
    for align in [0, 3, 24, u32::MAX, (1 << 31) + 1] {
        assert_eq!(heap.aligned(8, align), Err(Fault::BadAlign));
    }
    assert_eq!(heap.memory.refused(), 0);
    assert_eq!(heap.alloc(8), BASE);
}

#[test]
fn alignment_does_not_wrap_and_grows_no_more_than_it_takes() {
    let mut heap = Heap::new(1);
    assert_eq!(heap.aligned(16, 1 << 16), Ok(PAGE_SIZE));
    assert_eq!(heap.memory.size_pages(), 2);
    assert_eq!(heap.aligned(8, 1 << 31), Ok(1 << 31));
    for (size_bytes, align) in [
        (8, 1 << 31),
        (1 << 31, 1 << 31),
        (u32::MAX, 1 << 31),
        (u32::MAX, 1),
        (u32::MAX - 7, 16),
    ] {
        assert_eq!(heap.aligned(size_bytes, align), REFUSED(size_bytes));
    }
    assert_eq!(heap.memory.refused(), 5);
    assert_eq!(heap.alloc(8), (1 << 31) + 8);
    let last = heap.aligned(PAGE_SIZE - 8, 1 << 15).unwrap();
    assert_eq!(last, (1 << 31) + (1 << 15));
}

#[test]
fn what_only_the_last_8_bytes_of_4_gib_would_hold_is_refused_to_all() {
    let mut heap = Heap::new(65_535);
    let size_bytes = ADDRESS_LIMIT - BASE + 1;
    let vector = heap.alloc(0);
    assert_eq!(heap.sentinel(size_bytes), 0);
    assert_eq!(heap.aligned(size_bytes, 1), REFUSED(size_bytes));
    assert!(!heap.resize(vector, 0, size_bytes));
    assert!(heap.resize(vector, 0, size_bytes - 1));
    assert_eq!(heap.sentinel(1), 0);
}

#[test]
fn an_aligned_block_lies_behind_foreign_pages_where_it_does_not_fit_before_them() {
    let mut heap = Heap::new(1);
    heap.memory.grow_foreign(1);
    let above = heap.aligned(100, 1 << 16).unwrap();
    assert_eq!(above, 3 * PAGE_SIZE);
    assert_eq!(heap.memory.size_pages(), 4);
    let scope = heap.enter();
    heap.memory.grow_foreign(1);
    assert_eq!(heap.sentinel(PAGE_SIZE), 5 * PAGE_SIZE + HEADER_BYTES);
    heap.exit(scope).unwrap();
    assert_eq!(heap.aligned(8, 16), Ok(above + 112));
    assert_eq!(heap.aligned(PAGE_SIZE, 8), Ok(5 * PAGE_SIZE + HEADER_BYTES));
}

#[test]
fn zeroed_blocks_are_zero_wherever_they_lie() {
    let mut heap = Heap::new(1);
    for foreign in [false, true] {
        let scope = heap.enter();
        let old = heap.alloc(3 * PAGE_SIZE);
        heap.fill(old, 3 * PAGE_SIZE, 1);
        heap.exit(scope).unwrap();
        for size_bytes in [0, 1, 1000, 2 * PAGE_SIZE, 3 * PAGE_SIZE] {
            let block = heap.zeroed(size_bytes);
            assert!(heap.bytes(block, size_bytes).iter().all(|&byte| byte == 0));
            heap.fill(block, size_bytes, 2);
        }
        if !foreign {
            heap.memory.grow_foreign(1);
        }
    }
}

#[test]
fn pages_that_have_just_grown_are_not_cleared() {
    let mut heap = Heap::new(1);
    // A mark on pages that are not there yet shows whether they are written to.
    let mark = 3 * PAGE_SIZE - 1;
    // SAFETY: the range of addresses is backed as a whole.
    unsafe { heap.memory.at(mark).write(7) };
    let block = heap.zeroed(3 * PAGE_SIZE);
    assert_eq!(heap.bytes(mark, 1), [7]);
    assert_eq!(heap.bytes(block, 1), [0]);
}

#[test]
fn a_refused_try_changes_nothing() {
    let mut heap = Heap::new(1);
    heap.memory.limit(2);
    let block = heap.alloc(100);
    heap.fill(block, 100, 1);
    for size_bytes in [2 * PAGE_SIZE, 1 << 31, u32::MAX - 7, u32::MAX] {
        assert_eq!(heap.sentinel(size_bytes), 0);
    }
    heap.check(block, 100, 1);
    assert_eq!(heap.sentinel(PAGE_SIZE), block + 104);
}

#[test]
fn the_newest_block_is_resized_in_place_and_an_older_one_only_shrinks() {
    let mut heap = Heap::new(1);
    let older = heap.alloc(16);
    let vector = heap.alloc(16);
    heap.fill(vector, 16, 2);
    assert!(heap.resize(vector, 16, 3 * PAGE_SIZE));
    assert_eq!(heap.memory.size_pages(), 4);
    heap.check(vector, 16, 2);
    assert!(!heap.resize(older, 16, 17));
    assert!(heap.resize(older, 16, 16) && heap.resize(older, 16, 1));
    assert_eq!(heap.alloc(8), vector + 3 * PAGE_SIZE);
}

#[test]
fn a_block_does_not_grow_into_foreign_pages_nor_beyond_the_limit() {
    let mut heap = Heap::new(1);
    heap.memory.limit(2);
    let vector = heap.alloc(16);
    for size_bytes in [2 * PAGE_SIZE, 1 << 31, u32::MAX] {
        assert!(!heap.resize(vector, 16, size_bytes));
    }
    heap.memory.limit(9);
    heap.memory.grow_foreign(1);
    assert!(!heap.resize(vector, 16, PAGE_SIZE));
    assert!(heap.resize(vector, 16, PAGE_SIZE - BASE));
    let above = heap.alloc(8);
    assert!(heap.resize(above, 8, 2 * PAGE_SIZE));
    assert_eq!(heap.memory.size_pages(), 5);
}

#[test]
fn shrinking_below_a_scopes_mark_leaves_the_scope_open() {
    let mut heap = Heap::new(1);
    let older = heap.alloc(64);
    let scope = heap.enter();
    assert!(heap.resize(older, 64, 8));
    assert_eq!(heap.exit(scope), Ok(()));
}

#[test]
fn a_heap_knows_what_is_taken() {
    let mut heap = Heap::new(1);
    assert_eq!((heap.bump.heap_base(), heap.used()), (BASE, 0));
    assert_eq!(heap.bump.pages(&heap.memory), 1);
    assert_eq!(heap.bump.high_water(&heap.memory), PAGE_SIZE - BASE);
    heap.alloc(20);
    assert_eq!(heap.used(), 24);
    let outer = heap.enter();
    heap.memory.grow_foreign(2);
    // The rest of the first chunk is lost to this block, and a header comes before it.
    heap.alloc(2 * PAGE_SIZE);
    let used = PAGE_SIZE - BASE + HEADER_BYTES + 2 * PAGE_SIZE;
    assert_eq!(heap.used(), used);
    assert_eq!(heap.bump.pages(&heap.memory), 4);
    let inner = heap.enter();
    heap.alloc(8);
    assert_eq!(heap.scope_used(inner), Ok(8));
    assert_eq!(heap.scope_used(outer), Ok(used + 8 - 24));
    for handle in [0, ROOT, inner + 16, inner + 1, u32::MAX] {
        assert_eq!(heap.scope_used(handle), Err(Fault::BadHandle));
    }
    heap.exit(outer).unwrap();
    assert_eq!(heap.used(), 24);
    let high = PAGE_SIZE - BASE + 3 * PAGE_SIZE;
    assert_eq!(heap.bump.high_water(&heap.memory), high);
    heap.bump.free_all(&mut heap.memory);
    assert_eq!((heap.used(), heap.bump.pages(&heap.memory)), (0, 4));
}

#[test]
fn a_full_heap_of_4_gib_is_counted_without_a_wrap() {
    let mut heap = Heap::new(65_536);
    heap.alloc(ADDRESS_LIMIT - BASE);
    assert_eq!(heap.used(), ADDRESS_LIMIT - BASE);
    assert_eq!(heap.bump.high_water(&heap.memory), ADDRESS_LIMIT - BASE);
    assert_eq!(heap.bump.pages(&heap.memory), 65_536);
}

#[test]
fn a_heap_that_begins_at_the_end_of_memory_owns_no_page() {
    let mut heap = Heap::at(1, PAGE_SIZE - HEADER_BYTES);
    assert_eq!(heap.bump.pages(&heap.memory), 0);
    assert_eq!(heap.aligned(8, 4096), Ok(PAGE_SIZE));
    assert_eq!(heap.bump.pages(&heap.memory), 1);
}
