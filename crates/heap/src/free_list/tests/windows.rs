//! Windows of scopes between foreign pages, and islands of scopes around the innermost one.

use super::*;

#[test]
fn a_scope_between_foreign_pages_gets_a_window_and_gives_it_back() {
    let mut heap = Heap::new(1);
    let mut sizes = Vec::new();
    let mut first = Vec::new();
    for turn in 0..5 {
        let scope = heap.enter().unwrap();
        let mut blocks = Vec::new();
        for _ in 0..10 {
            if turn == 0 {
                _ = heap.memory.grow_foreign(1);
            }
            blocks.push(heap.alloc(40_000));
        }
        if turn == 0 {
            first = blocks;
        }
        heap.exit(scope);
        assert_eq!(heap.list.top, heap.list.root);
        sizes.push(heap.memory.size_pages());
    }
    assert_eq!(first.len(), 10);
    assert!(sizes.iter().all(|size| *size == sizes[0]), "{sizes:?}");
}

#[test]
fn an_older_scopes_block_stays_its_own_in_every_depth() {
    let mut heap = Heap::new(1);
    let scopes: Vec<u32> = (0..5).map(|_| heap.enter().unwrap()).collect();
    // A block of each, which grows while all are open.
    let mut blocks: Vec<(u32, u32)> = scopes.iter().map(|&scope| (scope, 0)).collect();
    for scope in scopes.iter().rev() {
        heap.exit(*scope);
    }
    for entry in &mut blocks {
        entry.0 = heap.enter().unwrap();
        entry.1 = heap.alloc(64);
    }
    for round in 1..8 {
        for entry in &mut blocks {
            heap.paint(entry.1, 64 << (round - 1), entry.0);
            let moved = heap.realloc(entry.1, 64 << round).unwrap();
            heap.check(moved, 64 << round, entry.0, 64 << (round - 1));
            entry.1 = moved;
        }
    }
    // The innermost ones go first; what is older stays whole under the walker.
    while let Some((scope, _)) = blocks.pop() {
        heap.exit(scope);
        for &(scope, block) in &blocks {
            heap.check(block, 64 << 7, scope, 64 << 6);
        }
    }
    assert!(heap.live.is_empty());
}

#[test]
fn what_is_cut_off_for_the_root_is_the_roots_after_the_scope() {
    let mut heap = Heap::new(1);
    let block = heap.alloc(100);
    heap.alloc(16);
    let scope = heap.enter().unwrap();
    let moved = heap.realloc(block, 5000).unwrap();
    assert!(moved > scope);
    heap.exit(scope);
    heap.free(moved);
    heap.memory.limit(1);
    assert_eq!(heap.try_alloc(5000), Ok(moved));
}

#[test]
fn an_inner_scope_is_no_handle_of_the_outer_one_and_a_window_is_none() {
    let mut heap = Heap::new(1);
    heap.alloc(16);
    let scope = heap.enter().unwrap();
    _ = heap.memory.grow_foreign(1);
    heap.alloc(70_000);
    let window = heap.list.top;
    assert_ne!(window, scope);
    for wrong in [
        window,
        scope + 16,
        scope - 16,
        heap.list.root,
        BASE,
        0,
        u32::MAX,
    ] {
        let refused = heap.list.exit_scope(&mut heap.memory, wrong);
        assert_eq!(refused, Err(Fault::BadHandle), "{wrong:#x}");
    }
    heap.exit(scope);
    let refused = heap.list.exit_scope(&mut heap.memory, scope);
    assert_eq!(refused, Err(Fault::BadHandle));
}

#[test]
fn a_heap_at_the_bottom_of_memory_finds_its_lists() {
    // No address that leads to them may be below 0 on the way.
    let mut heap = Heap::at(1, 16 + size_of::<Root>() as u32);
    let block = heap.alloc(24);
    heap.free(block);
    assert_eq!(heap.alloc(24), block);
    let scope = heap.enter().unwrap();
    let inner = heap.alloc(7000);
    heap.free(inner);
    assert_eq!(heap.alloc(7000), inner);
    heap.exit(scope);
}

#[test]
fn freeing_takes_no_memory_that_it_has_to_grow() {
    let mut heap = Heap::new(1);
    heap.enter().unwrap();
    let block = heap.alloc(64);
    let rest = heap.list.limit - heap.list.ptr - RECORD_BYTES;
    let large = heap.alloc(rest);
    heap.free(block);
    assert_eq!(heap.memory.size_pages(), 1);
    // The lists lie in what is freed.
    heap.memory.limit(1);
    heap.free(large);
    assert!(heap.try_alloc(rest - 1000).is_ok());
}

#[test]
fn a_block_that_cannot_grow_where_it_stands_leaves_everything_as_it_was() {
    let mut heap = Heap::new(1);
    heap.enter().unwrap();
    let block = heap.alloc(100);
    _ = heap.memory.grow_foreign(1);
    let used = heap.used();
    assert!(!heap.resize(block, 1_000_000));
    assert_eq!((heap.used(), heap.memory.size_pages()), (used, 2));
    assert!(heap.resize(block, 100));
    assert_eq!(heap.used(), used);
}

#[test]
fn a_window_that_just_fits_is_the_only_one() {
    for spare in 0..4 {
        let mut heap = Heap::new(1);
        let freed = [(); 2].map(|()| {
            let block = heap.alloc(20_000);
            heap.alloc(16);
            block
        });
        heap.alloc(heap.list.limit - heap.list.ptr - 4 * RECORD_BYTES);
        for block in freed {
            heap.free(block);
        }
        heap.memory.limit(1);
        let scope = heap.enter().unwrap();
        let fits = heap.try_alloc(20_000 - spare * RECORD_BYTES).is_ok();
        assert_eq!(fits, spare >= 2);
        // SAFETY: a record.
        let below = unsafe { (*record(&heap.memory, heap.list.top)).below };
        assert!(if fits {
            below == scope
        } else {
            heap.list.top == scope
        });
    }
}

#[test]
fn islands_go_back_to_the_window_that_they_were_cut_off() {
    let mut heap = Heap::new(1);
    let limit = heap.list.limit;
    for _ in 0..1000 {
        let outer = heap.enter().unwrap();
        let mut block = heap.alloc(16);
        let inner = heap.enter().unwrap();
        for size in [64, 640, 6400] {
            heap.alloc(100);
            block = heap.realloc(block, size).unwrap();
        }
        heap.exit(inner);
        heap.exit(outer);
        assert_eq!(heap.list.limit, limit);
    }
}

#[test]
fn an_island_at_the_end_of_4_gib_has_no_bytes_that_nobody_gets_back() {
    let mut heap = Heap::at(65_536, 0xfffe_0000);
    let outer = heap.enter().unwrap();
    let block = heap.alloc(16);
    heap.enter().unwrap();
    heap.realloc(block, 64).unwrap();
    heap.exit(outer);
    assert_eq!(heap.used(), 0);
}

#[test]
fn a_request_that_just_fits_what_is_left_is_served() {
    let mut heap = Heap::new(1);
    heap.memory.limit(1);
    let left = heap.list.limit - heap.list.ptr;
    heap.alloc(left);
    assert_eq!(heap.list.ptr, heap.list.limit);
}
