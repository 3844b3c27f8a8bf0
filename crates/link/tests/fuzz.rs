//! The fuzz targets' own functions on a fixed set of inputs, so that every test run runs them.
//!
//! `cargo +nightly fuzz run link_bytes` and `link_smith` go on from there.

#[path = "../../../fuzz/oracle.rs"]
#[allow(unreachable_pub, reason = "to the fuzz targets it is a library")]
mod oracle;

/// Numbers that the seed alone decides (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn bytes(&mut self, n: usize) -> Vec<u8> {
        (0..n).map(|_| self.next() as u8).collect()
    }
}

#[test]
fn bytes_that_were_a_module_once() {
    let seeds = [oracle::CONFORMER, oracle::RELOCATED, oracle::PROGRAM];
    let seeds = seeds.map(|wat| wat::parse_str(wat).unwrap());
    let mut random = Random(1);
    let mut n_linked = 0;
    for round in 0..3000 {
        let mut bytes = seeds[round % seeds.len()].clone();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.next() as u8,
                1 => bytes[at] ^= 1 << random.below(8),
                2 => _ = bytes.remove(at),
                _ => bytes.insert(at, random.next() as u8),
            }
        }
        n_linked += oracle::any_bytes(&bytes);
    }
    println!("{n_linked} links of 3000 changed modules worked");
    assert!(n_linked > 80, "only {n_linked} links worked");
}

#[test]
fn the_modules_themselves_link() {
    for wat in [oracle::CONFORMER, oracle::RELOCATED, oracle::PROGRAM] {
        assert_eq!(oracle::any_bytes(&wat::parse_str(wat).unwrap()), 1, "{wat}");
    }
}

#[test]
fn programs_that_were_never_written() {
    let mut n_linked = 0;
    for seed in 0..200 {
        n_linked += u32::from(oracle::any_program(&Random(seed).bytes(3000)));
    }
    println!("{n_linked} of 200 generated programs were linked");
    assert!(n_linked > 150, "only {n_linked} programs were linked");
}
