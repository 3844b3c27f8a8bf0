//! How long a link of 10 MB takes and how much memory, beside binaryen's `wasm-merge` on the same pair.
//!
//! ```console
//! $ cargo xtask build && cargo bench --package sigil-link
//! ```
//!
//! The program is the code of a real one (`expressions`, C with its library), repeated; the conformer is `bump`. Both tools run
//! as processes that read and write files, in turns; a process of ours is this bench again, called with
//! `--link`. With `LINK_CURVE=FILE` it measures programs of several sizes in the place of that, without `wasm-merge`, and writes
//! the figures to that file, as JSON. `wasm-merge` is what npm's `binaryen` ships, C++ compiled to run on node, unless
//! `WASM_MERGE` names another. Its start, which takes node a while, is measured too, and taken off.

mod big;
mod curve;
mod measured;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use measured::{Measured, best, run};
use sigil_link::{Input, Options, link};

const PROGRAM_BYTES: usize = 10 << 20;
const ROUNDS: usize = 7;

/// The most that a link may take.
const MOST_TIME: Duration = Duration::from_millis(150);

/// The most memory that it may take, as a multiple of the program's size.
const MOST_OF_SIZE: f64 = 8.0;

/// The most time that it may take, as a multiple of `wasm-merge`'s.
const MOST_OF_MERGE: f64 = 0.5;

/// What npm is asked for.
const BINARYEN: &str = "binaryen@132.0.0";

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    if let [verb, program, conformer, out, options @ ..] = &args[..]
        && verb == "--link"
    {
        return link_files(program, conformer, out, !options.is_empty());
    }
    let folder = target().join("tmp/link_speed");
    fs::create_dir_all(&folder).expect("target can be written");
    let path = |name: &str| folder.join(name);
    let conformer = target().join("conformers/bump.wasm");
    let real = read(&target().join("programs/expressions.wasm"));
    let ours = |optimize: &[&str]| {
        let mut command = Command::new(env::current_exe().expect("a running program"));
        command
            .arg("--link")
            .args([&path("program.wasm"), &conformer, &path("linked.wasm")])
            .args(optimize);
        command
    };
    if let Some(curve) = env::var_os("LINK_CURVE") {
        return curve::write(Path::new(&curve), &real, &path("program.wasm"), ours);
    }
    let program = big::repeated(&real, PROGRAM_BYTES);
    fs::write(path("program.wasm"), &program).expect("target can be written");
    let for_merge = big::for_wasm_merge(&program);
    fs::write(path("for-merge.wasm"), for_merge).expect("target can be written");
    let wasm_merge = wasm_merge();
    let merge = || {
        let mut command = Command::new(&wasm_merge);
        command
            .args([&path("for-merge.wasm"), Path::new("program")])
            .args([&conformer, Path::new("conformer")])
            .args(["--all-features", "--skip-export-conflicts", "--output"])
            .arg(path("merged.wasm"))
            // It warns of the conformer's relocations.
            .stderr(Stdio::null());
        command
    };
    let start = || {
        let mut command = Command::new(&wasm_merge);
        command.arg("--version");
        command
    };
    let mut all: [Vec<Measured>; 4] = Default::default();
    for _ in 0..ROUNDS {
        let commands = [ours(&[]), ours(&["-O"]), merge(), start()];
        for (mut command, all) in commands.into_iter().zip(&mut all) {
            all.push(run(&mut command));
        }
    }
    report(
        program.len(),
        all.each_ref().map(|all| best(all)),
        &in_process(&program, &read(&conformer)),
    );
}

fn report(program_bytes: usize, measured: [Measured; 4], in_process: &[Duration; 2]) {
    let [plain, optimized, merge, start] = measured;
    let megabytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let of_size = |bytes: u64| bytes as f64 / program_bytes as f64;
    println!(
        "a program of {:.1} MB; fastest of {ROUNDS} rounds in turns, largest resident sets:",
        megabytes(program_bytes as u64)
    );
    for (name, one) in [
        ("link", plain),
        ("link -O", optimized),
        ("wasm-merge", merge),
        ("wasm-merge --version", start),
    ] {
        let Measured { time, peak_bytes } = one;
        println!(
            "  {name:<21} {:>8.1} ms  {:>7.1} MB  {:>5.1} times the program",
            time.as_secs_f64() * 1e3,
            megabytes(peak_bytes),
            of_size(peak_bytes)
        );
    }
    println!(
        "  without files and process: link {:.1} ms, link -O {:.1} ms",
        in_process[0].as_secs_f64() * 1e3,
        in_process[1].as_secs_f64() * 1e3
    );
    let slower = plain.time.max(optimized.time);
    let larger = plain.peak_bytes.max(optimized.peak_bytes);
    let merging = merge.time.saturating_sub(start.time);
    let of_merge = slower.as_secs_f64() / merging.as_secs_f64();
    let limit_ms = MOST_TIME.as_millis();
    let verdict = |reached| if reached { "reached" } else { "MISSED" };
    println!(
        "  at most {limit_ms} ms: {}\n  at most {MOST_OF_SIZE} times the program's size in memory: {}\n  \
         at most {MOST_OF_MERGE} of wasm-merge's time: {of_merge:.2}  {}",
        verdict(slower <= MOST_TIME),
        verdict(of_size(larger) <= MOST_OF_SIZE),
        verdict(of_merge <= MOST_OF_MERGE)
    );
}

/// What `link` alone takes, plain and with `-O`.
fn in_process(program: &[u8], conformer: &[u8]) -> [Duration; 2] {
    [false, true].map(|optimize| {
        let times = (0..ROUNDS).map(|_| {
            let start = Instant::now();
            let wasm = linked(program, conformer, optimize);
            let time = start.elapsed();
            assert!(!wasm.is_empty());
            time
        });
        times.min().unwrap_or_default()
    })
}

fn linked(program: &[u8], conformer: &[u8], optimize: bool) -> Vec<u8> {
    let mut options = Options::default();
    options.optimize = optimize;
    let input = |name, bytes| Input { name, bytes };
    let linked = link(
        input("program.wasm", program),
        input("bump.wasm", conformer),
        &options,
    );
    linked.unwrap_or_else(|error| panic!("{error}")).wasm
}

/// What the process of ours does.
fn link_files(program: &str, conformer: &str, out: &str, optimize: bool) {
    let read = |path| read(Path::new(path));
    let wasm = linked(&read(program), &read(conformer), optimize);
    fs::write(out, wasm).unwrap_or_else(|error| panic!("{out}: {error}"));
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build it with `cargo xtask build`",
            path.display()
        )
    })
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target")
}

/// The `wasm-merge` to compare with, installed where there is none.
///
/// Panics: with the command that installs it.
fn wasm_merge() -> PathBuf {
    if let Some(named) = env::var_os("WASM_MERGE") {
        return named.into();
    }
    let folder = target().join("setup/binaryen");
    let installed = folder.join("node_modules/.bin/wasm-merge");
    if !installed.is_file() {
        fs::create_dir_all(&folder).expect("target can be written");
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--prefix"])
            .arg(&folder)
            .arg(BINARYEN)
            .stdout(Stdio::null());
        let status = npm.status();
        assert!(
            status.is_ok_and(|status| status.success()) && installed.is_file(),
            "no `wasm-merge` to compare with; install it with `npm install --prefix {} {BINARYEN}`, or \
             name one in WASM_MERGE",
            folder.display()
        );
        println!("installed {BINARYEN} under `{}`", folder.display());
    }
    installed
}
