//! The cost of a link over the size of the program.

use std::{fmt::Write as _, fs, path::Path, process::Command};

use crate::{
    big,
    measured::{Measured, best, run},
};

/// From a small tool to a large application. The code of the real program is repeated, so they are what is asked for or a
/// little more.
const PROGRAM_BYTES: [usize; 6] = [64 << 10, 256 << 10, 1 << 20, 4 << 20, 10 << 20, 32 << 20];
const ROUNDS: usize = 5;

/// Measures programs of several sizes, made of `real`, and writes the figures as JSON to `path`. `process`
/// links what is at `program`, with the options that it is given.
pub(crate) fn write(
    path: &Path,
    real: &[u8],
    program: &Path,
    process: impl Fn(&[&str]) -> Command,
) {
    let mut json = String::from("[");
    for least_bytes in PROGRAM_BYTES {
        let bytes = big::repeated(real, least_bytes);
        fs::write(program, &bytes).expect("target can be written");
        let mut all: [Vec<Measured>; 2] = Default::default();
        for _ in 0..ROUNDS {
            for (options, all) in [&[][..], &["-O"]].into_iter().zip(&mut all) {
                all.push(run(&mut process(options)));
            }
        }
        let [plain, optimized] = all.map(|all| {
            let Measured { time, peak_bytes } = best(&all);
            let ms = time.as_secs_f64() * 1e3;
            format!(r#"{{"ms": {ms:.3}, "peak_bytes": {peak_bytes}}}"#)
        });
        println!("{:>9} bytes: {plain}, -O {optimized}", bytes.len());
        let _ = write!(
            json,
            "{}\n{{\"program_bytes\": {}, \"plain\": {plain}, \"optimized\": {optimized}}}",
            if json.len() > 1 { "," } else { "" },
            bytes.len(),
        );
    }
    json += "\n]\n";
    fs::write(path, json).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
