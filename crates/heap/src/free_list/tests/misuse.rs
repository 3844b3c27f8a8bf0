//! What is undefined still ends: frees of what is no block, by random programs under no walker.

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
