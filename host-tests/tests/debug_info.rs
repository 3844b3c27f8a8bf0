//! Debug information after linking: a backtrace names the line of the source that trapped.
//!
//! The programs are `programs/debug/traps.c` and `programs/debug/traps/`, each line that matters marked with a
//! comment. Needs `target/programs/debug` and `target/conformers`; `cargo xtask test` builds them.

use std::{fs, path::Path};

use sigil_host::{Engine, Failure, Frame, Instance, Limits, Module, Place, Wasi};
use sigil_link::{Input, Linked, Options, link};

const C: &str = include_str!("../programs/debug/traps.c");
const RUST: &str = include_str!("../programs/debug/traps/src/lib.rs");

/// File, source, and the end of the source's path.
const PROGRAMS: [(&str, &str, &str); 4] = [
    ("c-O0", C, "traps.c"),
    ("c-O2", C, "traps.c"),
    ("c-O2-dwarf5", C, "traps.c"),
    ("rust", RUST, "lib.rs"),
];

fn read(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(path);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    })
}

fn linked(program: &[u8], optimize: bool) -> Linked {
    let mut options = Options::default();
    options.optimize = optimize;
    let input = |name, bytes| Input { name, bytes };
    let conformer = read("conformers/bump.wasm");
    link(
        input("program.wasm", program),
        input("bump.wasm", &conformer),
        &options,
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

fn instance(wasm: &[u8]) -> Instance {
    let module = Module::new(&Engine::new().unwrap(), wasm).unwrap();
    Instance::new(&module, &Limits::default(), Some(Wasi::default())).unwrap()
}

/// The number of the line that is marked with `mark`.
fn line(source: &str, mark: &str) -> u32 {
    let marked = |line: &&str| {
        let comments = [format!("/* {mark} */"), format!("// {mark}")];
        comments.iter().any(|comment| line.ends_with(comment))
    };
    let index = source.lines().position(|line| marked(&line));
    index.unwrap_or_else(|| panic!("no line is marked `{mark}`")) as u32 + 1
}

/// All places of a backtrace, innermost first, as lines of `file`.
fn lines(backtrace: &[Frame], file: &str) -> Vec<u32> {
    let places = backtrace.iter().flat_map(|frame| &frame.places);
    let own = places.filter(|place: &&Place| place.file.ends_with(file));
    own.map(|place| place.line).collect()
}

fn trap(outcome: Result<Option<u32>, Failure>) -> (String, Vec<Frame>) {
    let failure = outcome.expect_err("it traps");
    let shown = failure.to_string();
    match failure {
        Failure::Trap { backtrace, .. } => (shown, backtrace),
        other => panic!("expected a trap, found {other}"),
    }
}

#[test]
fn a_trap_between_two_inlined_calls_is_at_its_line() {
    for (name, source, file) in PROGRAMS {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            assert_eq!(linked.warnings, [""; 0], "{name}");
            let mut instance = instance(&linked.wasm);
            let (shown, backtrace) = trap(instance.call_i32("fails_between", &[5]));
            let expected = [line(source, "fail"), line(source, "fails_between")];
            assert_eq!(
                lines(&backtrace, file),
                expected,
                "{name}, -O {optimize}: {shown}"
            );
            assert!(
                shown.contains(&format!("{file}:{}", expected[0])),
                "{name}, -O {optimize}: {shown}"
            );
        }
    }
}

#[test]
fn a_trap_behind_moved_calls_is_at_its_line() {
    for (name, source, file) in PROGRAMS.into_iter().filter(|(_, source, _)| *source == C) {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            let mut instance = instance(&linked.wasm);
            let (shown, backtrace) = trap(instance.call_i32("reads_outside", &[16]));
            assert_eq!(
                lines(&backtrace, file)[..],
                [line(source, "reads_outside")],
                "{name}, -O {optimize}: {shown}"
            );
            let (shown, backtrace) = trap(instance.call_i32("_start", &[]));
            assert_eq!(
                lines(&backtrace, file)[..],
                [line(source, "fail"), line(source, "main")],
                "{name}, -O {optimize}: {shown}"
            );
        }
    }
}

#[test]
fn exhaustion_is_at_the_line_of_the_call() {
    for (name, source, file) in PROGRAMS {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            let mut instance = instance(&linked.wasm);
            let failure = instance.call_i32("exhausts", &[]).expect_err("it traps");
            let report = failure.exhaustion().expect("it is exhaustion");
            let place = report.place.as_ref().expect("it has a place");
            assert_eq!(
                (place.line, place.file.ends_with(file)),
                (line(source, "exhausts"), true),
                "{name}, -O {optimize}: {place}"
            );
        }
    }
}
