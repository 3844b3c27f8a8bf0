//! What the bump conformer compiles to, instruction by instruction and byte by byte.
//!
//! Needs `target/conformers`; `cargo xtask test` builds it.

use std::{collections::BTreeMap, fs, path::Path};

use sigil_link::{Input, Options, link};
use wasmparser::{FunctionBody, Parser, Payload, TypeRef};

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The core module, which has the contract alone.
fn bump() -> Vec<u8> {
    read("bump.wasm")
}

fn read(conformer: &str) -> Vec<u8> {
    let path = root().join("target/conformers").join(conformer);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    })
}

/// The lines of a function's `text` behind its head, without comments, indentation and blank lines.
fn instructions(text: &str) -> Vec<String> {
    let code = |line: &str| {
        let line = line.split(";;").next().unwrap_or("");
        line.split("(;").next().unwrap_or("").trim().to_string()
    };
    text.lines()
        .skip(1)
        .map(code)
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_fast_path_is_the_one_in_architecture_md() {
    let program = wat::parse_str(
        r#"(module
            (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
            (memory 1)
            (global (export "__heap_base") i32 (i32.const 1024))
            (func $names_are_kept))"#,
    )
    .unwrap();
    let linked = link(
        Input {
            name: "program.wasm",
            bytes: &program,
        },
        Input {
            name: "bump.wasm",
            bytes: &bump(),
        },
        &Options::default(),
    )
    .unwrap();
    let printed = wasmprinter::print_bytes(&linked.wasm).unwrap();
    let names = printed
        .lines()
        .filter(|line| line.trim_start().starts_with("(data $bump."))
        .count();
    assert_eq!(names, 1, "the conformer's data has a name: {printed}");
    let header = "(func $sigil:allocator/core@0.1.0#alloc";
    let alloc = printed
        .split(header)
        .nth(1)
        .expect("`alloc` is in the output");
    let alloc = alloc.split("\n  (").next().unwrap();
    let mut emitted = instructions(alloc);
    // The words of the state are globals, named by the static and a number.
    for line in &mut emitted {
        for (end, name) in [(".0", "$ptr"), (".1", "$end")] {
            if line.starts_with("global.") && line.ends_with(end) {
                let instruction = line.split(' ').next().unwrap();
                *line = format!("{instruction} {name}");
            }
        }
    }
    // Its name is mangled.
    let place = emitted
        .iter_mut()
        .find(|line| line.starts_with("call "))
        .unwrap();
    assert!(place.contains("place"), "{place}");
    *place = "call $place".into();

    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let listing = architecture
        .split(header)
        .nth(1)
        .expect("the listing is in ARCHITECTURE.md");
    let listed = instructions(listing.split("\n```").next().unwrap());
    assert_eq!(
        listed, emitted,
        "bring the listing in ARCHITECTURE.md up to date"
    );

    let fast = emitted
        .iter()
        .take_while(|line| *line != "return")
        .collect::<Vec<_>>();
    assert!(
        !fast.iter().any(|line| line.starts_with("call")),
        "no call: {fast:?}"
    );
    let compares: Vec<&str> = fast
        .iter()
        .map(|line| line.as_str())
        .filter(|line| line.contains("_u"))
        .collect();
    assert_eq!(compares, ["i32.gt_u"], "one unsigned compare");
}

/// A program that calls all of `core`, `scope` and `bulk`, and nothing else.
const CALLS_ALL: &str = r#"(module
    (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
    (import "sigil:allocator/core@0.1.0" "realloc" (func (param i32 i32 i32) (result i32)))
    (import "sigil:allocator/core@0.1.0" "mem-copy" (func (param i32 i32 i32)))
    (import "sigil:allocator/scope@0.1.0" "enter-scope" (func (result i32)))
    (import "sigil:allocator/scope@0.1.0" "exit-scope" (func (param i32)))
    (import "sigil:allocator/scope@0.1.0" "promote" (func (param i32 i32 i32) (result i32)))
    (import "sigil:allocator/bulk@0.1.0" "free-all" (func))
    (memory 1)
    (global (export "__heap_base") i32 (i32.const 1024)))"#;

/// The bytes of each function body of a module, its length included, by function index.
fn bodies(wasm: &[u8]) -> BTreeMap<u32, (usize, FunctionBody<'_>)> {
    let (mut at, mut found) = (0, BTreeMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::ImportSection(imports) => {
                let functions = imports.into_imports().map(Result::unwrap);
                at += functions
                    .filter(|import| matches!(import.ty, TypeRef::Func(_)))
                    .count() as u32;
            }
            Payload::CodeSectionEntry(body) => {
                let len = body.range().len();
                found.insert(at, (leb_len(len) + len, body));
                at += 1;
            }
            _ => {}
        }
    }
    found
}

fn leb_len(value: usize) -> usize {
    value.max(1).ilog2() as usize / 7 + 1
}

#[test]
fn the_contract_alone_is_500_bytes_of_code() {
    let bump = bump();
    let code_bytes: usize = bodies(&bump).values().map(|(len, _)| len).sum();
    assert!(code_bytes <= 500, "code: {code_bytes} bytes");

    let mut custom_bytes = 0;
    for payload in Parser::new(0).parse_all(&bump) {
        if let Payload::CustomSection(section) = payload.unwrap() {
            let len = section.range().len();
            custom_bytes += 1 + leb_len(len) + len;
        }
    }
    let file_bytes = bump.len() - custom_bytes;
    assert!(
        file_bytes <= 1000,
        "without custom sections: {file_bytes} bytes"
    );
}

#[test]
fn a_program_that_calls_no_extension_gets_none() {
    let program = wat::parse_str(CALLS_ALL).unwrap();
    let linked = link(
        Input {
            name: "program.wasm",
            bytes: &program,
        },
        Input {
            name: "bump.component.wasm",
            bytes: &read("bump.component.wasm"),
        },
        &Options::default(),
    )
    .unwrap();
    let code_bytes: usize = bodies(&linked.wasm).values().map(|(len, _)| len).sum();
    // As it stands in the conformer, and the three notes of what was asked for.
    assert!(code_bytes <= 500 + 3 * 9, "code: {code_bytes} bytes");
}
