//! Scopes: whose a block is, and where it stays.

use super::*;

#[test]
fn a_vector_of_an_outer_scope_outlives_the_inner_one_that_filled_it() {
    let mut heap = Heap::new(1);
    let outer = heap.enter().unwrap();
    let mut vector = heap.alloc(16);
    heap.alloc(8);
    let inner = heap.enter().unwrap();
    let mut size = 16;
    while size < 200_000 {
        heap.paint(vector, size, 3);
        vector = heap.realloc(vector, 2 * size).unwrap();
        heap.check(vector, size, 3, size);
        heap.alloc(100);
        size *= 2;
    }
    heap.paint(vector, size, 4);
    heap.exit(inner);
    heap.alloc(70_000);
    heap.check(vector, size, 4, size);
    heap.exit(outer);
    assert!(heap.live.is_empty());
}

#[test]
fn what_an_inner_scope_frees_for_an_outer_one_is_the_outer_ones_again() {
    let mut heap = Heap::new(1);
    let block = heap.alloc(100);
    heap.alloc(8);
    let inner = heap.enter().unwrap();
    heap.free(block);
    assert_ne!(heap.alloc(100), block);
    heap.exit(inner);
    assert_eq!(heap.alloc(100), block);
}

#[test]
fn a_promoted_block_stays_where_little_lies_below_it() {
    let mut heap = Heap::new(1);
    let scope = heap.enter().unwrap();
    let large = heap.alloc(4000);
    assert_eq!(heap.promote(scope, large, 4000), Ok(large));
    let scope = heap.enter().unwrap();
    heap.alloc(5000);
    let small = heap.alloc(40);
    // Far above the start of the scope: copied down, to a run of the parent's.
    assert!(heap.promote(scope, small, 40).unwrap() < small - 3000);
}

#[test]
fn what_promoting_took_between_foreign_pages_is_used_again() {
    let mut heap = Heap::new(1);
    let mut sizes = Vec::new();
    for turn in 0..8 {
        let outer = heap.enter().unwrap();
        for _ in 0..20 {
            if turn == 0 {
                _ = heap.memory.grow_foreign(1);
            }
            let inner = heap.enter().unwrap();
            let block = heap.alloc(8184);
            heap.promote(inner, block, 8184).unwrap();
        }
        heap.exit(outer);
        sizes.push(heap.memory.size_pages());
    }
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
}

#[test]
fn a_source_below_a_scope_near_4_gib_is_not_taken_to_lie_in_it() {
    let mut heap = Heap::new(65_536);
    let size = 0xffff_0000 - BASE - 64;
    let block = heap.alloc(size);
    let scope = heap.enter().unwrap();
    assert!(heap.promote(scope, block, size).is_err());
    heap.exit(scope);
}

#[test]
fn forty_scopes_with_a_small_block_each_fit_a_page() {
    let mut heap = Heap::new(1);
    for _ in 0..40 {
        heap.enter().unwrap();
        heap.alloc(100);
    }
    assert_eq!(heap.memory.size_pages(), 1);
}
