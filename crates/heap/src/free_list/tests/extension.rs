//! The calls of `sized`.

use super::*;

#[test]
fn blocks_are_aligned_to_any_power_of_two_and_what_lies_before_them_is_used() {
    let mut heap = Heap::new(1);
    for log2 in 0..20 {
        let block = heap.aligned(100, 1 << log2).unwrap();
        assert!(block.is_multiple_of(1 << log2));
    }
    assert_eq!(heap.aligned(1, 3), Err(Fault::BadAlign));
    assert_eq!(heap.aligned(1, 0), Err(Fault::BadAlign));
}

#[test]
fn recycled_bytes_are_cleared_and_fresh_ones_are_not_touched() {
    let mut heap = Heap::new(1);
    let block = heap.alloc(3000);
    heap.paint(block, 3000, 1);
    heap.free(block);
    let again = heap.zeroed(3000).unwrap();
    assert_eq!(again, block);
    assert!(heap.is_zero(again, 3000));
    let high = heap.list.touched.max(heap.list.ptr);
    // SAFETY: in bounds; a mark that clearing would wipe out.
    unsafe { heap.memory.at(high + 5000).write(7) };
    let fresh = heap.zeroed(10_000).unwrap();
    assert!(fresh <= high + 5000 && !heap.is_zero(fresh, 10_000));
}

#[test]
fn a_block_resizes_in_place_down_anywhere_and_up_at_the_bump_pointer() {
    let mut heap = Heap::new(1);
    let older = heap.alloc(1000);
    let newest = heap.alloc(1000);
    assert!(heap.resize(newest, 100_000) && heap.resize(older, 10));
    assert!(!heap.resize(older, 5000));
    heap.memory.limit(2);
    assert!(!heap.resize(newest, 1 << 20));
}

#[test]
fn blocks_that_grow_in_place_are_used_again_when_they_are_freed() {
    let mut heap = Heap::new(1);
    heap.alloc(16);
    for _ in 0..2000 {
        let block = heap.alloc(1000);
        let grown = if heap.resize(block, 2000) {
            block
        } else {
            let moved = heap.alloc(2000);
            heap.free(block);
            moved
        };
        heap.free(grown);
    }
    assert!(heap.memory.size_pages() <= 3);
}

#[test]
fn what_is_freed_in_reverse_order_is_bumped_over_again() {
    let mut heap = Heap::new(1);
    // The first free makes the lists known.
    let block = heap.alloc(16);
    heap.free(block);
    heap.alloc(16);
    let start = heap.list.ptr;
    for sizes in [[16, 200, 7168], [3000, 1, 129], [0, 40, 5000]] {
        let blocks = sizes.map(|size| {
            let block = heap.alloc(size);
            heap.paint(block, size, 1);
            block
        });
        for block in blocks.into_iter().rev() {
            heap.free(block);
        }
        assert_eq!(heap.list.ptr, start);
        let zeroed = heap.zeroed(7000).unwrap();
        assert!(zeroed == start && heap.is_zero(zeroed, 7000));
        heap.free(zeroed);
    }
}
