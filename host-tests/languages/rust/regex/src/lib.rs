//! `regex`: the tests that the crate `regex` brings as data, which the crate `toml` reads; neither knows of `sigil:allocator`.
//!
//! For each file of tests it prints how many agree with what the file says, and how many are about something that the crate's own
//! interface does not offer; at the end a digest of every match that was found.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

mod case;
#[path = "../../heap.rs"]
mod heap;
mod search;

use alloc::format;

use case::Case;
use sigil_test_wasi::{exit, print};
use toml_alloc::{
    Spanned,
    de::{DeTable, DeValue},
};

const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/testdata.rs"));

/// What came of a test.
enum Outcome {
    Agrees,
    DoesNotApply,
    Differs,
}

/// A digest of numbers: FNV-1a.
struct Digest(u32);

impl Digest {
    fn add(&mut self, number: usize) {
        for byte in (number as u32).to_le_bytes() {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut digest = Digest(0x811c_9dc5);
    let (mut n_agree, mut n_differ) = (0, 0);
    for (file, text) in FILES {
        let Ok(document) = DeTable::parse(text) else {
            print(format!("{file}: not TOML\n").as_bytes());
            exit(1)
        };
        let (mut agree, mut other) = (0, 0);
        let tests = document.get_ref().get("test").map(Spanned::get_ref);
        for test in tests.and_then(DeValue::as_array).into_iter().flatten() {
            let Some(case) = test.get_ref().as_table().and_then(Case::new) else {
                print(format!("{file}: a test that says something unknown\n").as_bytes());
                exit(1)
            };
            match search::run(&case, &mut digest) {
                Outcome::Agrees => agree += 1,
                Outcome::DoesNotApply => other += 1,
                Outcome::Differs => {
                    print(format!("{file}: `{}` differs\n", case.name).as_bytes());
                    n_differ += 1;
                }
            }
        }
        print(format!("{file}: {agree} agree, {other} do not apply\n").as_bytes());
        n_agree += agree;
    }
    print(
        format!(
            "{n_agree} agree, {n_differ} differ; digest of the matches {:08x}\n",
            digest.0
        )
        .as_bytes(),
    );
}
