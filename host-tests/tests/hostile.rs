//! No file makes the linker panic: programs and conformers cut short and with bytes changed.
//!
//! The seed is fixed, so that a failure comes again. What links nevertheless is valid, since `link` validates
//! its result; and a result that is not is an error of its own, which fails the test. Needs `target/programs`
//! and `target/conformers`; `cargo xtask test` builds them.

use std::{fs, path::Path};

use sigil_link::{Error, Input, Options, link};

const N_MUTANTS: u32 = 4_000;
/// Files above this would take all the time, and have no other sections than the small ones.
const LARGEST_BYTES: usize = 16_000;

type File = (String, Vec<u8>);

fn files(folder: &str) -> Vec<File> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!(
            "no `{}` ({error}): run `cargo xtask build`",
            folder.display()
        )
    });
    let mut files: Vec<File> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "wasm"))
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .filter(|(_, bytes)| bytes.len() <= LARGEST_BYTES)
        .collect();
    assert!(!files.is_empty(), "no modules in `{}`", folder.display());
    files.sort();
    files
}

/// Links, and lets nothing pass but a module or a message about one of the two.
fn try_link(program: &[u8], conformer: &[u8], options: &Options, case: &str) {
    let program = Input {
        name: "program.wasm",
        bytes: program,
    };
    let conformer = Input {
        name: "conformer.wasm",
        bytes: conformer,
    };
    match link(program, conformer, options) {
        Err(error @ Error::Defect { .. }) => panic!("{case}: {error}"),
        Err(error) => assert!(
            error.to_string().starts_with("cannot link `"),
            "{case}: {error}"
        ),
        Ok(_) => {}
    }
}

#[test]
fn files_cut_short_are_refused() {
    let (programs, conformers) = (files("programs"), files("conformers"));
    let options = Options::default();
    for (name, bytes) in &programs {
        for len in 0..bytes.len() {
            let case = format!("{name} cut to {len} bytes");
            try_link(&bytes[..len], &conformers[0].1, &options, &case);
        }
    }
    for (name, bytes) in &conformers {
        for len in 0..bytes.len() {
            let case = format!("{name} cut to {len} bytes");
            try_link(&programs[0].1, &bytes[..len], &options, &case);
        }
    }
}

#[test]
fn files_with_changed_bytes_are_refused_or_linked() {
    let (programs, conformers) = (files("programs"), files("conformers"));
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for mutant in 0..N_MUTANTS {
        let (program_name, mut program) = programs[random.below(programs.len())].clone();
        let (conformer_name, mut conformer) = conformers[random.below(conformers.len())].clone();
        let victim = match random.below(3) {
            0 => &mut program,
            _ => &mut conformer,
        };
        for _ in 0..=random.below(3) {
            change(victim, &mut random);
        }
        let mut options = Options::default();
        options.heap_base = [
            None,
            Some(0),
            Some(1),
            Some(u32::MAX),
            Some(random.next() as u32),
        ][random.below(5)];
        let case = format!("mutant {mutant} of {program_name} and {conformer_name}, {options:?}");
        try_link(&program, &conformer, &options, &case);
    }
}

/// Changes a byte, or makes it the beginning of the largest number in LEB128.
fn change(bytes: &mut [u8], random: &mut Random) {
    // Behind magic number and version, which stand for nothing but themselves.
    let at = 8 + random.below(bytes.len() - 8);
    match random.below(4) {
        0 => bytes[at] = random.next() as u8,
        1 => bytes[at] ^= 1 << random.below(8),
        2 => bytes[at] = bytes[at].wrapping_add(1),
        _ => {
            for (byte, leb) in bytes[at..].iter_mut().zip([0xff, 0xff, 0xff, 0xff, 0x0f]) {
                *byte = leb;
            }
        }
    }
}

/// Marsaglia's xorshift, 64 bits.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}
