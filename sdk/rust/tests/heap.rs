//! The global allocators, over the system.
#![allow(unsafe_code, reason = "allocators are called as Rust does")]

use std::{
    alloc::{GlobalAlloc, Layout},
    collections::BTreeMap,
    env,
    process::Command,
    ptr, slice,
};

use sigil_alloc::{CoreHeap, Heap};

#[global_allocator]
static HEAP: Heap = Heap;

#[test]
fn collections_live_in_it_and_move_between_threads() {
    let threads: Vec<_> = (0..4_u32)
        .map(|start| {
            std::thread::spawn(move || -> BTreeMap<u32, String> {
                (start..start + 500).map(|n| (n, n.to_string())).collect()
            })
        })
        .collect();
    let all: BTreeMap<u32, String> = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("no panic"))
        .collect();
    assert_eq!(all.len(), 503);
    assert!(all.iter().all(|(n, text)| n.to_string() == *text));
}

#[test]
fn blocks_keep_bytes_and_alignment_when_they_grow_and_shrink() {
    fn check(heap: &impl GlobalAlloc) {
        for align in [1, 8, 16, 64, 4096] {
            let mut size = 24;
            let layout = |size| Layout::from_size_align(size, align).expect("a small layout");
            // SAFETY: sizes are not 0, and each block is given back with the layout that it has.
            unsafe {
                let mut block = heap.alloc(layout(size));
                block.write_bytes(7, size);
                for new_size in [25, 1000, 100_000, 10] {
                    block = heap.realloc(block, layout(size), new_size);
                    assert!(block.addr().is_multiple_of(align.max(8)));
                    let kept = size.min(new_size);
                    let bytes = slice::from_raw_parts(block, kept);
                    assert!(bytes.iter().all(|byte| *byte == 7));
                    block.write_bytes(7, new_size);
                    size = new_size;
                }
                heap.dealloc(block, layout(size));
                let zeroed = heap.alloc_zeroed(layout(500));
                assert!(zeroed.addr().is_multiple_of(align.max(8)));
                let bytes = slice::from_raw_parts(zeroed, 500);
                assert!(bytes.iter().all(|byte| *byte == 0));
                heap.dealloc(zeroed, layout(500));
            }
        }
    }
    check(&Heap);
    check(&CoreHeap);
}

#[test]
fn what_does_not_fit_is_null_and_the_old_block_stays() {
    let mut bytes = vec![1_u8, 2, 3];
    assert!(bytes.try_reserve_exact(isize::MAX as usize - 3).is_err());
    assert_eq!(bytes, [1, 2, 3]);
    let huge = Layout::from_size_align(isize::MAX as usize - 7, 8).expect("a legal layout");
    let aligned = Layout::from_size_align(isize::MAX as usize - 63, 64).expect("a legal layout");
    for layout in [huge, aligned] {
        // SAFETY: not of size 0.
        unsafe {
            assert_eq!(Heap.alloc(layout), ptr::null_mut());
            assert_eq!(Heap.alloc_zeroed(layout), ptr::null_mut());
        }
    }
}

#[test]
fn freeing_in_a_scope_is_allowed() {
    let text = String::from("made outside");
    let length = sigil_alloc::scope(|arena| {
        let copy = arena.copy(&*text);
        drop(text);
        copy.len()
    });
    assert_eq!(length, 12);
}

/// The other process is this test, told to do what is not allowed.
#[test]
fn allocating_in_a_scope_ends_the_program() {
    const TOLD: &str = "ALLOCATE_IN_A_SCOPE";
    if env::var_os(TOLD).is_some() {
        let escaped = sigil_alloc::scope(|arena| vec![*arena.alloc(1)]);
        unreachable!("{escaped:?} was freed with the scope");
    }
    let output = Command::new(env::current_exe().expect("this test's file"))
        .args(["--exact", "--nocapture"])
        .arg("allocating_in_a_scope_ends_the_program")
        .env(TOLD, "1")
        .output()
        .expect("this test's file runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && output.status.code().is_none(),
        "it was not stopped: {}\n{said}",
        output.status
    );
    assert!(
        said.contains("the global allocator was called while a scope"),
        "{said}"
    );
}
