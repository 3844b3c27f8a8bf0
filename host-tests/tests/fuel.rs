//! How many instructions the fast paths take, held to a committed table: what a clock would tell too, on a machine that
//! does nothing else.
//!
//! Fuel is one for each instruction of wasm that runs, so the figures are the same on every machine; they move with
//! the compiler by a little, and 3% are let pass both ways. `BLESS=1` writes the table anew.
//!
//! Needs `target/conformers` and `target/bench/guests`; `cargo xtask test` builds them.

#[path = "../benches/heaps/modules.rs"]
mod modules;

use std::{fmt::Write as _, fs, path::Path};

use modules::{conformer, linked};
use wasmtime::{Config, Engine, Instance, Module, Store};

const TABLE: &str = "benches/fuel.txt";

/// By how much a figure may differ, either way.
const SLACK: f64 = 0.03;

/// Conformer, driver, function of the driver, its arguments, and how many operations that is.
const MEASURED: &[(&str, &str, &str, &[u32], u32)] = &[
    ("bump", "sigil-scopes", "a_scopes", &[20], 200_000),
    ("bump", "sigil-scopes", "b_scopes", &[2_000], 200_000),
    ("freelist", "sigil-frees", "a", &[20], 200_000),
    ("freelist", "sigil-frees", "a_scopes", &[20], 200_000),
    ("freelist", "sigil-frees", "b", &[2_000], 200_000),
    ("freelist", "sigil-frees", "b_scopes", &[2_000], 200_000),
    (
        "freelist",
        "sigil-frees",
        "d",
        &[3_000, 200_000, 1],
        200_000,
    ),
];

#[test]
fn the_fast_paths_take_no_more_instructions_than_before() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(TABLE);
    let found: Vec<(String, f64)> = MEASURED
        .iter()
        .flat_map(|measured| [false, true].map(|optimize| per_op(measured, optimize)))
        .collect();
    if std::env::var_os("BLESS").is_some() {
        let mut table = String::new();
        for (name, fuel) in &found {
            writeln!(table, "{name:<24} {fuel:>8.2}").unwrap();
        }
        fs::write(&path, table).unwrap();
        return;
    }
    let table = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{TABLE}: {error}"));
    let expected: Vec<(String, f64)> = table.lines().map(line).collect();
    let names = |figures: &[(String, f64)]| -> Vec<String> {
        figures.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(&found), names(&expected), "run it with BLESS=1");
    let mut wrong = String::new();
    for ((name, new), (_, old)) in found.iter().zip(&expected) {
        if (new / old - 1.0).abs() > SLACK {
            writeln!(wrong, "  `{name}`: {old:.2} instructions, now {new:.2}").unwrap();
        }
    }
    assert!(
        wrong.is_empty(),
        "instructions per operation differ from `host-tests/{TABLE}`:\n{wrong}\
         help: where that is meant, run this test with BLESS=1"
    );
}

/// A line of the table: a name of several words, and a number.
fn line(line: &str) -> (String, f64) {
    let (name, fuel) = line.rsplit_once(' ').expect("a name and a number");
    (name.trim().to_owned(), fuel.parse().expect("a number"))
}

/// Instructions per operation, harness included.
fn per_op(
    &(allocator, driver, function, arguments, n_ops): &(&str, &str, &str, &[u32], u32),
    optimize: bool,
) -> (String, f64) {
    let wasm = linked(driver, &conformer(allocator), optimize);
    let mut config = Config::new();
    config.consume_fuel(true);
    let engine = Engine::new(&config).unwrap();
    let module = Module::new(&engine, wasm).unwrap();
    let mut store = Store::new(&engine, ());
    store.set_fuel(u64::MAX).unwrap();
    let instance = Instance::new(&mut store, &module, &[]).unwrap();
    let arguments: Vec<_> = arguments
        .iter()
        .map(|&n| wasmtime::Val::I32(n as i32))
        .collect();
    let run = instance.get_func(&mut store, function).unwrap();
    let before = store.get_fuel().unwrap();
    run.call(&mut store, &arguments, &mut [wasmtime::Val::I32(0)])
        .unwrap();
    let fuel = before - store.get_fuel().unwrap();
    let flag = if optimize { " -O" } else { "" };
    (
        format!("{allocator}{flag} {function}"),
        fuel as f64 / f64::from(n_ops),
    )
}
