//! Joining: what was freed in whatever order is one piece again, when it is needed.

use super::*;

/// Frees `n` blocks of several sizes in an order like that of a shuffled deck, and asks for as much in one piece.
fn one_piece_of(n: u32) {
    let mut heap = Heap::new(1);
    let blocks: Vec<u32> = (0..n).map(|i| heap.alloc(16 + i * 37 % 900)).collect();
    let all = heap.list.ptr - BASE;
    let fence = heap.alloc(heap.list.limit - heap.list.ptr - 16);
    heap.memory.limit(heap.memory.size_pages());
    // Coprime to n, so that each comes once.
    let step = (1..).map(|i| n / 3 + i).find(|step| gcd(*step, n) == 1);
    for i in 0..n {
        heap.free(blocks[(i * step.unwrap() % n) as usize]);
    }
    // Memory must not grow: only one piece will do.
    assert!(heap.list.limit - heap.list.ptr < all);
    assert_eq!((heap.try_alloc(all), fence), (Ok(BASE), BASE + all));
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[test]
fn few_blocks_are_joined() {
    one_piece_of(40);
}

#[test]
fn many_blocks_are_joined() {
    one_piece_of(700);
}

#[test]
fn what_ends_at_the_bump_pointer_goes_back_to_it() {
    let mut heap = Heap::new(1);
    let blocks: Vec<u32> = (0..100).map(|_| heap.alloc(500)).collect();
    for block in blocks {
        heap.free(block);
    }
    heap.memory.limit(1);
    // More than there was behind them.
    assert_eq!(heap.try_alloc(60_000), Ok(BASE));
}

#[test]
fn what_large_blocks_leave_is_enough_for_as_many_again() {
    let mut heap = Heap::new(1);
    let turn = |heap: &mut Heap| {
        let small: Vec<u32> = (0..20).map(|_| heap.alloc(100)).collect();
        let large: Vec<u32> = (0..20).map(|_| heap.alloc(50_000)).collect();
        let blocks = [small, large].concat();
        for block in blocks {
            heap.free(block);
        }
    };
    turn(&mut heap);
    let pages = heap.memory.size_pages();
    for _ in 0..3 {
        turn(&mut heap);
    }
    assert_eq!(heap.memory.size_pages(), pages);
}

#[test]
fn a_heap_that_only_grows_is_swept_seldom() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let blocks: Vec<u32> = (0..6000)
        .map(|_| list.alloc(memory, 500).unwrap().get())
        .collect();
    // No two are neighbours, so that no sweep is worth it; each looks at 3000 blocks.
    for &block in blocks.iter().step_by(2) {
        // SAFETY: a live block.
        unsafe { list.free(memory, block, 500) };
    }
    let mut sweeps = 0;
    for _ in 0..3000 {
        let before = list.due;
        list.alloc(memory, 3000).unwrap();
        sweeps += u32::from(list.due != before);
    }
    assert!((1..10).contains(&sweeps), "{sweeps}");
}

#[test]
fn a_larger_list_is_looked_at_behind_many_blocks_that_are_too_small() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let large = list.alloc(memory, 1_000_000).unwrap().get();
    let mut small = Vec::new();
    for _ in 0..1100 {
        small.push(list.alloc(memory, 8208).unwrap().get());
        list.alloc(memory, 16).unwrap();
    }
    memory.limit(memory.size_pages());
    while list.alloc(memory, 16).is_ok() {}
    // SAFETY: live blocks.
    unsafe {
        list.free(memory, large, 1_000_000);
        for block in small {
            list.free(memory, block, 8208);
        }
    }
    assert!(list.alloc(memory, 9000).is_ok());
}

#[test]
fn large_neighbours_are_joined_at_once() {
    for order in [[0, 1, 2], [2, 1, 0]] {
        let mut heap = Heap::new(1);
        let blocks = [(); 3].map(|()| heap.alloc(100_000));
        heap.alloc(300_000);
        for i in order {
            heap.free(blocks[i]);
        }
        let (list, memory) = (&heap.list, &heap.memory);
        let mut free = Vec::new();
        let mut most = 10;
        FreeList::each_free(memory, list.root, &mut most, |_, at, bytes| {
            free.push((at, bytes));
        });
        assert_eq!(free, [(blocks[0], 300_000)], "{order:?}");
    }
}

#[test]
fn scopes_that_pass_the_same_memory_again_and_again_sweep_nothing() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let blocks: Vec<u32> = (0..2000)
        .map(|_| list.alloc(memory, 32).unwrap().get())
        .collect();
    for &block in blocks.iter().step_by(2) {
        // SAFETY: a live block.
        unsafe { list.free(memory, block, 32) };
    }
    let mut sweeps = 0;
    for _ in 0..1000 {
        let scope = list.enter_scope(memory).unwrap().get();
        let before = list.due;
        for size in (100..20_000).step_by(300) {
            list.alloc(memory, size).unwrap();
        }
        sweeps += u32::from(list.due != before);
        list.exit_scope(memory, scope).unwrap();
    }
    assert!((1..10).contains(&sweeps), "{sweeps}");
}
