//! Any valid program.

#![no_main]

libfuzzer_sys::fuzz_target!(|noise: &[u8]| {
    oracle::any_program(noise);
});
