//! How much memory a program takes that allocates, reallocates and frees at random.

use super::*;

const N_SLOTS: u32 = 3000;
const N_CALLS: u32 = 400_000;

/// Blocks that are a little too large for one class and too small for the next.
#[test]
fn blocks_next_to_the_largest_class_are_used_again_without_a_sweep() {
    let mut heap = Heap::new(1);
    let (list, memory) = (&mut heap.list, &mut heap.memory);
    let mut random = Random(7);
    let mut blocks: Vec<(u32, u32)> = (0..200)
        .map(|_| (list.alloc(memory, 7500).unwrap().get(), 7500))
        .collect();
    let pages = memory.size_pages();
    let mut sweeps = 0;
    for _ in 0..10_000 {
        let slot = &mut blocks[random.below(200) as usize];
        let size = 7169 + random.below(1000);
        let before = list.due;
        // SAFETY: a live block.
        unsafe { list.free(memory, slot.0, slot.1) };
        *slot = (list.alloc(memory, size).unwrap().get(), size);
        sweeps += u32::from(list.due != before);
    }
    assert!(sweeps < 50 && memory.size_pages() <= pages + 1, "{sweeps}");
}

/// A third of all calls each; about 2,000 blocks live, of 1 to 4095 bytes, each doubling as likely as any other.
#[test]
fn random_blocks_take_at_most_a_third_more_than_their_bytes() {
    let mut heap = Heap::new(1);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut slots = vec![(0, 0); N_SLOTS as usize];
    let (mut live, mut most_live) = (0, 0);
    for _ in 0..N_CALLS {
        let slot = &mut slots[random.below(N_SLOTS) as usize];
        let (block, size) = *slot;
        let new = random.log_uniform(12);
        let (list, memory) = (&mut heap.list, &mut heap.memory);
        // SAFETY: what stands in a slot is a live block.
        *slot = unsafe {
            if block == 0 {
                (list.alloc(memory, new).unwrap().get(), new)
            } else if random.below(2) == 0 {
                list.free(memory, block, size);
                (0, 0)
            } else {
                let moved = list.realloc(memory, block, size, new).unwrap();
                (moved.get(), new)
            }
        };
        live = live + slot.1 - size;
        most_live = most_live.max(live);
    }
    let taken = heap.list.touched.max(heap.list.ptr) - BASE;
    assert!(
        taken < most_live / 3 * 4,
        "{most_live} bytes live at most, {taken} taken"
    );
}
