//! What the bump conformer compiles to, instruction by instruction and byte by byte.
//!
//! Needs `target/conformers`; `cargo xtask test` builds it.

use std::{fs, path::Path};

use sigil_link::{Input, Options, link};

/// The folder of the workspace.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn bump() -> Vec<u8> {
    let path = root().join("target/conformers/bump.wasm");
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

#[test]
fn the_bump_conformer_is_500_bytes_of_code_in_1000_bytes_of_file() {
    let mut code_bytes = 0;
    let mut file_bytes = 8;
    for payload in wasmparser::Parser::new(0).parse_all(&bump()) {
        let payload = payload.unwrap();
        if let wasmparser::Payload::CustomSection(_) = payload {
            continue;
        }
        if let Some((_, range)) = payload.as_section() {
            let content = range.end - range.start;
            // An id and a LEB128 length before the contents.
            file_bytes += 1 + (content.max(1).ilog2() as usize / 7 + 1) + content;
        }
        if let wasmparser::Payload::CodeSectionStart { range, .. } = payload {
            code_bytes = range.end - range.start;
        }
    }
    assert!(
        code_bytes > 0 && code_bytes <= 500,
        "code: {code_bytes} bytes"
    );
    assert!(file_bytes <= 1000, "file: {file_bytes} bytes");
}
