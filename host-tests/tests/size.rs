//! What linking the bump conformer adds to a program's file, in bytes without custom sections: those are
//! names, and the record of the link.
//!
//! Needs `target/conformers`; `cargo xtask test` builds it.

use std::{fmt::Write as _, fs, path::Path};

use sigil_link::{Input, Options, link};
use wasmparser::{Parser, Payload};

/// A program whose ten functions each open a scope, allocate in it and close it.
fn program() -> Vec<u8> {
    let mut functions = String::new();
    for i in 0..10 {
        let work = format!(
            r#"(func (export "work{i}") (param $n i32) (local $scope i32)
                (local.set $scope (call $enter))
                (i32.store offset={offset} (call $alloc (local.get $n)) (i32.const {i}))
                (call $exit (local.get $scope)))"#,
            offset = 4 * i,
        );
        writeln!(functions, "{work}").unwrap();
    }
    wat::parse_str(format!(
        r#"(module
            (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
            (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter (result i32)))
            (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit (param i32)))
            (memory (export "memory") 1)
            (global (export "__heap_base") i32 (i32.const 1024))
            {functions})"#
    ))
    .unwrap()
}

fn bump() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/conformers/bump.wasm");
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    })
}

/// The size of `wasm` without custom sections.
fn stripped_bytes(wasm: &[u8]) -> usize {
    let mut custom = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::CustomSection(section) = payload.unwrap() {
            let content = section.range().len();
            // An id and a LEB128 length before the contents.
            custom += 1 + (content.max(1).ilog2() as usize / 7 + 1) + content;
        }
    }
    wasm.len() - custom
}

/// What the link adds.
fn added_bytes(optimize: bool) -> usize {
    let (program, bump) = (program(), bump());
    let mut options = Options::default();
    options.optimize = optimize;
    let linked = link(
        Input {
            name: "program.wasm",
            bytes: &program,
        },
        Input {
            name: "bump.wasm",
            bytes: &bump,
        },
        &options,
    )
    .unwrap();
    if let Some(report) = linked.report {
        let inlined: u32 = report
            .functions
            .iter()
            .map(sigil_link::InlinedFunction::n_inlined)
            .sum();
        assert!(
            inlined >= 20,
            "`alloc` and `enter-scope` are inlined: {report}"
        );
    }
    stripped_bytes(&linked.wasm) - stripped_bytes(&program)
}

#[test]
fn a_program_with_ten_places_grows_by_at_most_450_bytes() {
    let added = added_bytes(false);
    println!("added: {added} bytes");
    assert!(added <= 450, "{added} bytes");
}

#[test]
fn with_inlining_it_grows_by_at_most_900_bytes() {
    let added = added_bytes(true);
    println!("added with -O: {added} bytes");
    assert!(added <= 900, "{added} bytes");
}
