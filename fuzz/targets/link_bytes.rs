//! Any bytes as a program, and as a conformer. Real files make good seeds:
//! `cargo +nightly fuzz run link_bytes fuzz/corpus/link_bytes target/programs target/conformers`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    oracle::any_bytes(bytes);
});
