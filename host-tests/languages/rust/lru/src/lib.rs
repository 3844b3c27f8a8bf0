//! `lru`: a least-recently-used cache; every entry and every value is an allocation.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

mod cache;
#[path = "../../heap.rs"]
mod heap;

use alloc::{format, vec};

use cache::Cache;
use sigil_test_wasi::print;

const N_ENTRIES: usize = 1_000;
const N_CALLS: usize = 300_000;
const N_KEYS: u32 = 4_000;

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut cache = Cache::new(N_ENTRIES);
    let (mut hits, mut misses, mut evictions) = (0, 0, 0);
    let mut sum = 0_u32;
    let mut x = 12345_u32;
    for _ in 0..N_CALLS {
        x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let key = (x >> 8) % N_KEYS;
        if (x >> 24).is_multiple_of(4) {
            let length = (x >> 4) % 64;
            let letter = b'a' + (key % 26) as u8;
            let evicted = cache.put(key, vec![letter; length as usize].into());
            evictions += u32::from(evicted.is_some());
            continue;
        }
        match cache.get(key) {
            None => misses += 1,
            Some(value) => {
                hits += 1;
                let worth =
                    (value.first()).map_or(7, |first| value.len() as u32 * 31 + u32::from(*first));
                sum = sum.wrapping_add(worth);
            }
        }
    }
    let live = cache.len();
    let bytes: usize = cache.values().map(<[u8]>::len).sum();
    print(
        format!(
            "hits {hits}\nmisses {misses}\nevictions {evictions}\nlive {live}\nbytes {bytes}\nsum {sum}\n"
        )
        .as_bytes(),
    );
}
