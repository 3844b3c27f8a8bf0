//! Each call by itself, and the corners of its arguments.

use super::{fresh, pages};
use crate::{
    PageSource as _,
    page_layer::{LAST_PAGE, LAZY, NO_ZERO, PAGE_BYTES, PER_WASM_PAGE, walker::PageState},
};

#[test]
fn what_cannot_be_reserved_is_0() {
    let (mut memory, mut layer) = fresh(1);
    for (bytes, align, flags) in [
        (0, 0, 0),
        (1, 3, 0),
        (1, u32::MAX, 0),
        (1, 0, 4),
        (1, 0, u32::MAX),
        (u32::MAX, 0, 0),
        (u32::MAX - PAGE_BYTES, 0, LAZY),
        (1 << 31, 1 << 31, LAZY),
    ] {
        assert_eq!(
            layer.reserve(&mut memory, bytes, align, flags),
            0,
            "{bytes} {align} {flags}"
        );
        layer.walk(&memory).unwrap();
    }
    assert_eq!(memory.cleared(), 0);
}

#[test]
fn every_alignment_is_kept() {
    let (mut memory, mut layer) = fresh(1);
    for log2 in 0..30 {
        let ptr = layer.reserve(&mut memory, 3 * PAGE_BYTES, 1 << log2, LAZY);
        assert!(
            ptr != 0 && ptr.is_multiple_of(1 << log2),
            "{ptr:#x} at {log2}"
        );
    }
    layer.walk(&memory).unwrap();
}

#[test]
fn memory_ends_before_the_last_page_of_4_gib() {
    let (mut memory, mut layer) = fresh(65_535);
    // Four pages, of which the last one holds the bitmaps.
    let second = [(); 3].map(|()| layer.reserve(&mut memory, 1, 0, 0))[1];
    assert_ne!(second, 0);
    assert_eq!(layer.reserve(&mut memory, 1, 0, 0), 0);
    assert_eq!(layer.state(&memory, LAST_PAGE).unwrap(), PageState::Foreign);
    assert!(!layer.commit(&mut memory, LAST_PAGE << 14, PAGE_BYTES));
    assert!(!layer.commit(&mut memory, second, u32::MAX));
    layer.unmap(&mut memory, 0, u32::MAX);
    layer.unmap(&mut memory, second, u32::MAX);
    assert_eq!(layer.used(), 0);
    layer.walk(&memory).unwrap();
}

#[test]
fn all_of_memory_is_one_reservation() {
    let (mut memory, mut layer) = fresh(1);
    let most = u32::MAX - (1 << 16) - pages(16 + 1);
    let all = layer.reserve(&mut memory, most & !(PAGE_BYTES - 1), 0, LAZY);
    assert_eq!(all, 1 << 16);
    assert!(layer.commit(&mut memory, all, 1) && layer.commit(&mut memory, 3 << 30, 8));
    layer.walk(&memory).unwrap();
    layer.release(&mut memory, all);
    assert_eq!(layer.used(), 0);
    assert_eq!((memory.cleared(), memory.refused()), (0, 0));
    let again = layer.reserve(&mut memory, 3 << 30, 1 << 20, 0);
    assert!(again != 0 && layer.cleared() == u64::from(PAGE_BYTES));
}

#[test]
fn a_hole_parts_a_reservation_in_two() {
    let (mut memory, mut layer) = fresh(1);
    let ptr = layer.reserve(&mut memory, pages(9), 0, 0);
    let behind = layer.reserve(&mut memory, pages(2), 0, 0);
    assert_eq!(behind, ptr + pages(9));
    layer.unmap(&mut memory, ptr + pages(3) + 5, pages(1));
    assert_eq!(layer.used(), u64::from(pages(9)));
    layer.release(&mut memory, ptr);
    assert_eq!(layer.used(), u64::from(pages(6)));
    layer.release(&mut memory, ptr + pages(4));
    assert_eq!(layer.used(), u64::from(pages(6)), "nothing begins there");
    layer.release(&mut memory, ptr + pages(5));
    assert_eq!(layer.used(), u64::from(pages(2)));
    layer.walk(&memory).unwrap();
    // The three parts are one free run again.
    assert_eq!(layer.reserve(&mut memory, pages(9), 0, LAZY), ptr);
}

#[test]
fn resizing_takes_neighbours_and_the_end_of_memory() {
    let (mut memory, mut layer) = fresh(1);
    // Behind it lie the bitmaps.
    layer.reserve(&mut memory, pages(3), 0, LAZY);
    let first = layer.reserve(&mut memory, pages(2), 0, NO_ZERO);
    let second = layer.reserve(&mut memory, pages(2), 0, LAZY);
    assert!(!layer.resize_in_place(&mut memory, first, pages(2), pages(3)));
    assert!(
        !layer.resize_in_place(&mut memory, first, pages(1), pages(2)),
        "another size"
    );
    assert!(!layer.resize_in_place(&mut memory, first, pages(2), 0));
    assert!(!layer.resize_in_place(&mut memory, first + PAGE_BYTES, pages(1), pages(1)));
    assert!(layer.resize_in_place(&mut memory, second, pages(2), 1));
    assert!(!layer.resize_in_place(&mut memory, second, 1, u32::MAX));
    layer.release(&mut memory, second);
    let wasm_pages = memory.size_pages();
    assert!(layer.resize_in_place(&mut memory, first, pages(2), pages(3)));
    assert_eq!(memory.size_pages(), wasm_pages);
    memory.grow_foreign(1);
    assert!(!layer.resize_in_place(&mut memory, first, pages(3), pages(60)));
    layer.walk(&memory).unwrap();
    let (mut memory, mut layer) = fresh(1);
    let last = layer.reserve(&mut memory, pages(3), 0, LAZY);
    layer.unmap(&mut memory, last + pages(3), pages(9));
    // One page of the four holds the bitmaps, and is in the way.
    assert!(!layer.resize_in_place(&mut memory, last, pages(3), pages(60)));
    let top = layer.reserve(&mut memory, pages(4), 0, LAZY);
    assert!(layer.resize_in_place(&mut memory, top, pages(4), pages(60)));
    assert_eq!(memory.size_pages() * PER_WASM_PAGE, (top >> 14) + 60);
    assert_eq!(
        layer.state(&memory, (top >> 14) + 59).unwrap(),
        PageState::DecommittedZero
    );
}

#[test]
fn a_refused_growth_tells_the_limit_and_a_granted_one_corrects_it() {
    let (mut memory, mut layer) = fresh(1);
    assert_eq!((layer.limit(&memory), layer.used()), (1 << 32, 0));
    assert_eq!(layer.available(&memory), 65_535 << 16);
    memory.limit(10);
    assert_eq!(layer.reserve(&mut memory, 10 << 16, 0, LAZY), 0);
    assert_eq!(
        layer.limit(&memory),
        11 << 16,
        "one more page is for the bitmaps"
    );
    memory.limit(30);
    assert!(layer.reserve(&mut memory, 20 << 16, 0, LAZY) != 0);
    assert!(layer.limit(&memory) >= 21 << 16);
}

#[test]
fn first_fit_is_the_lowest_and_stays_fast_in_a_full_memory() {
    let (mut memory, mut layer) = fresh(1);
    let n = 240_000;
    let all = layer.reserve(&mut memory, pages(n), 0, LAZY);
    assert_ne!(all, 0);
    // Every second page is free: many holes, all too small.
    for page in (0..n).step_by(2) {
        layer.unmap(&mut memory, all + pages(page), PAGE_BYTES);
    }
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        let ptr = layer.reserve(&mut memory, pages(2), 0, LAZY);
        assert!(ptr > all + pages(n - 2));
        layer.release(&mut memory, ptr);
    }
    // 240,000 single bits would take a thousand times longer in a debug build.
    let per_call = start.elapsed() / 1000;
    println!("past 120,000 holes: {per_call:?} for a reserve and a release");
    assert!(per_call.as_micros() < 2000, "{per_call:?} per call");
    assert_eq!(layer.reserve(&mut memory, 1, 0, LAZY), all);
    layer.walk(&memory).unwrap();
}
