//! What is undefined still ends: frees of what is no block, by random programs under no walker.

extern crate std;

use std::panic::catch_unwind;

use super::*;

#[test]
fn no_misuse_of_free_makes_a_call_run_for_ever() {
    for seed in 1..200 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
        let mut heap = Heap::new(1);
        heap.memory.limit(20);
        let mut blocks = vec![(BASE, 8)];
        for _ in 0..400 {
            let (block, size) = blocks[random.below(blocks.len() as u32) as usize];
            let (list, memory) = (&mut heap.list, &mut heap.memory);
            match random.below(6) {
                // Blocks stay in the list: most frees are second ones.
                0 | 1 => {
                    // SAFETY: simulated memory holds every address.
                    unsafe { list.free(memory, block, size) }
                }
                2 => {
                    let size = random.log_uniform(16);
                    // SAFETY: as above.
                    unsafe { list.free(memory, block + random.below(64), size) }
                }
                _ => {
                    let size = random.log_uniform(12);
                    if let Ok(block) = list.alloc(memory, size)
                        && block.get() < memory.size_pages() << 16
                    {
                        blocks.push((block.get(), size));
                    }
                }
            }
        }
    }
}

#[test]
fn a_scope_whose_memory_was_given_out_twice_closes() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let twice = list.alloc(memory, 100_000).unwrap().get();
    list.alloc(memory, 200_000).unwrap();
    // SAFETY: simulated memory holds every address.
    unsafe {
        list.free(memory, twice, 100_000);
        list.free(memory, twice, 100_000);
    }
    let scope = list.enter_scope(memory).unwrap().get();
    for _ in 0..3 {
        _ = list.alloc(memory, 40_000);
    }
    _ = list.exit_scope(memory, scope);
}

#[test]
fn an_owner_is_not_looked_for_without_end_among_records_that_were_written_over() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let [first, wrong] = [16, 16].map(|size| list.alloc(memory, size).unwrap().get());
    list.enter_scope(memory).unwrap();
    // SAFETY: as above.
    unsafe {
        list.free(memory, wrong, 3584);
        let block = list.realloc(memory, first, 16, 3500).unwrap().get();
        memory.clear(block, 3500);
        list.free(memory, block, 3500);
    }
}

#[test]
fn no_misuse_among_scopes_makes_a_call_run_for_ever() {
    for seed in 1..150 {
        // What wasm traps at panics here, which is an end as well.
        _ = catch_unwind(|| misuse_among_scopes(seed));
    }
}

fn misuse_among_scopes(seed: u64) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ seed);
    let mut heap = Heap::new(1);
    heap.memory.limit(20);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let (mut blocks, mut open) = (vec![(BASE, 8)], Vec::new());
    for _ in 0..300 {
        let (block, size) = blocks[random.below(blocks.len() as u32) as usize];
        let new = random.log_uniform(12);
        let mut got = Err(Fault::BadHandle);
        // SAFETY: simulated memory holds every address.
        unsafe {
            match random.below(12) {
                0..3 => list.free(memory, block, size),
                3 => list.free(memory, block.wrapping_sub(16 * random.below(4)), new),
                4..6 => got = list.realloc(memory, block, size, new),
                6 => open.extend(list.enter_scope(memory)),
                7 => {
                    let handle = open.pop().map_or(0, NonZeroU32::get);
                    _ = list.exit_scope(memory, handle);
                }
                8 if random.below(20) == 0 => list.free_all(memory),
                8 => _ = list.heap_used(memory),
                _ => got = list.alloc(memory, new),
            }
        }
        if let Ok(block) = got
            && block.get() < memory.size_pages() << 16
        {
            // A program writes into what it gets.
            memory.clear(block.get(), new.min(64));
            blocks.push((block.get(), new));
        }
    }
    list.free_all(memory);
}

#[test]
fn a_scopes_record_is_no_block() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let [known, block] = [16, 16].map(|size| list.alloc(memory, size).unwrap().get());
    // SAFETY: live blocks; then simulated memory holds every address.
    unsafe {
        list.free(memory, known, 16);
        list.free(memory, block, 16);
        let scope = list.enter_scope(memory).unwrap().get();
        assert_eq!(scope, block);
        list.free(memory, block, 16);
        // Where the scope has lists, too.
        let other = list.alloc(memory, 16).unwrap().get();
        list.free(memory, other, 16);
        list.free(memory, block, 16);
        assert!(list.exit_scope(memory, scope).is_ok());
    }
    heap.walk();
}

#[test]
fn a_block_that_is_its_own_neighbour_is_joined_no_more_often_than_there_can_be_neighbours() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let blocks = [8192, 8192, 100_000].map(|size| list.alloc(memory, size).unwrap().get());
    // SAFETY: simulated memory holds every address.
    unsafe {
        list.free(memory, blocks[1], u32::MAX);
        list.free(memory, blocks[1], u32::MAX);
        list.free(memory, blocks[1] - 256, 8192);
    }
}
