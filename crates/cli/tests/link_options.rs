//! The options of `sigil link` and the manual, by the built `sigil` and a conformer written by hand.

mod common;

use std::{fs, path::Path, process::Stdio};

use common::Sandbox;
use serde_json::Value;
use wasmparser::{KnownCustom, Name, Parser, Payload};

const CONFORMER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../host-tests/conformers/handwritten.wat"
);

/// Allocates as many bytes as it is told; no name section, a section of its own, and producers.
const APP: &str = r#"(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (data (i32.const 16) "hello")
  (@custom "mine" "kept")
  (@custom "producers" "\00")
  (func (export "_start"))
  (func (export "take") (param i32) (result i32) (call 0 (local.get 0))))"#;

impl Sandbox {
    fn new() -> Self {
        Self::with(&[("app.wat", APP)])
    }

    /// Links `app.wat` to `out.wasm` with `options`, which have to work.
    #[track_caller]
    fn link(&self, options: &[&str]) -> Vec<u8> {
        let args = [
            "link",
            "app.wat",
            "--allocator",
            CONFORMER,
            "-o",
            "out.wasm",
        ];
        let output = self.command(&[&args, options].concat()).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        fs::read(self.path("out.wasm")).unwrap()
    }

    /// Stderr of a link that has to fail with `status`, and without an output file.
    #[track_caller]
    fn refuse(&self, program: &str, status: i32, options: &[&str]) -> String {
        let args = ["link", program, "--allocator", CONFORMER, "-o", "out.wasm"];
        let output = self.command(&[&args, options].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(status));
        assert!(!self.path("out.wasm").exists());
        text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn payloads(wasm: &[u8]) -> impl Iterator<Item = Payload<'_>> {
    Parser::new(0).parse_all(wasm).map(Result::unwrap)
}

fn maximum(wasm: &[u8]) -> Option<u64> {
    payloads(wasm).find_map(|payload| match payload {
        Payload::MemorySection(memories) => memories.into_iter().next()?.unwrap().maximum,
        _ => None,
    })
}

fn exports(wasm: &[u8]) -> Vec<String> {
    let sections = payloads(wasm).filter_map(|payload| match payload {
        Payload::ExportSection(exports) => Some(exports),
        _ => None,
    });
    sections
        .flatten()
        .map(|export| export.unwrap().name.to_string())
        .collect()
}

fn customs(wasm: &[u8]) -> Vec<String> {
    payloads(wasm)
        .filter_map(|payload| match payload {
            Payload::CustomSection(section) => Some(section.name().to_string()),
            _ => None,
        })
        .collect()
}

fn function_names(wasm: &[u8]) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for payload in payloads(wasm) {
        if let Payload::CustomSection(section) = payload
            && let KnownCustom::Name(names) = section.as_known()
        {
            for name in names {
                if let Name::Function(map) = name.unwrap() {
                    found.extend(map.into_iter().map(|named| {
                        let named = named.unwrap();
                        (named.index, named.name.to_string())
                    }));
                }
            }
        }
    }
    found
}

#[test]
fn max_heap_is_written_into_the_memory() {
    let sandbox = Sandbox::new();
    assert_eq!(maximum(&sandbox.link(&[])), None);
    assert_eq!(maximum(&sandbox.link(&["--max-heap=3"])), Some(3));
    assert_eq!(maximum(&sandbox.link(&["--max-heap=1MiB"])), Some(16));
    // It holds wherever the module runs.
    let take = |n_bytes: &str| {
        let args = ["run", "out.wasm", "--invoke", "take", n_bytes];
        sandbox.command(&args).output().unwrap()
    };
    assert!(take("900000").status.success());
    let refused = take("1100000");
    assert_eq!(refused.status.code(), Some(12));
    let json: Value = serde_json::from_str(text(&refused.stderr).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&json["limit"], &json["max_pages"]),
        (&"module-maximum".into(), &16.into())
    );
}

#[test]
fn a_max_heap_that_cannot_be_is_refused() {
    let sandbox = Sandbox::new();
    let error = sandbox.refuse("app.wat", 1, &["--max-heap=0"]);
    assert!(error.contains("use --max-heap=1 or above"), "{error}");
    let imported = APP.replace(r#"(memory (export "memory") 1)"#, "").replace(
        "(import \"wasi",
        "(import \"env\" \"memory\" (memory 1)) (import \"wasi",
    );
    fs::write(sandbox.path("imported.wat"), imported).unwrap();
    let error = sandbox.refuse("imported.wat", 1, &["--max-heap=4"]);
    assert!(
        error.contains("a memory that the program imports"),
        "{error}"
    );
}

#[test]
fn exports_are_a_list_and_wrong_ones_are_named_as_they_were_written() {
    let sandbox = Sandbox::new();
    let all = exports(&sandbox.link(&["--export", "alloc,free-all", "--export=realloc"]));
    for name in ["take", "alloc", "free-all", "realloc"] {
        assert!(all.contains(&name.to_string()), "{name} in {all:?}");
    }
    fs::remove_file(sandbox.path("out.wasm")).unwrap();
    let error = sandbox.refuse("app.wat", 1, &["--export", "alloc,nope,take"]);
    for part in [
        "`--export nope`",
        "no such function",
        "`--export take`",
        "itself",
        "`realloc`",
        "`promote`",
    ] {
        assert!(error.contains(part), "`{part}` in {error}");
    }
}

#[test]
fn strip_drops_names_and_producers_and_keeps_the_rest() {
    let sandbox = Sandbox::new();
    let named = sandbox.link(&["--names"]);
    let kept = customs(&named);
    for name in ["name", "producers", "mine", "sigil:link"] {
        assert!(kept.contains(&name.to_string()), "{name} in {kept:?}");
    }
    let stripped = sandbox.link(&["--strip"]);
    let kept = customs(&stripped);
    assert!(
        !kept
            .iter()
            .any(|name| name == "name" || name == "producers"),
        "{kept:?}"
    );
    assert!(
        ["mine", "sigil:link"]
            .iter()
            .all(|name| kept.iter().any(|k| k == name))
    );
    assert!(stripped.len() < named.len());
    wasmparser::validate(&stripped).unwrap();
}

#[test]
fn names_are_made_where_the_program_has_none() {
    let sandbox = Sandbox::new();
    let names = function_names(&sandbox.link(&["--names"]));
    for expected in [
        (0, "wasi_snapshot_preview1.proc_exit"),
        (1, "_start"),
        (2, "take"),
    ] {
        assert!(
            names.contains(&(expected.0, expected.1.into())),
            "{names:?}"
        );
    }
    assert!(
        names
            .iter()
            .any(|(index, name)| *index > 2 && name == "sigil:allocator/core@0.1.0#alloc"),
        "{names:?}"
    );
    assert_eq!(
        names.len(),
        names
            .iter()
            .map(|n| n.0)
            .collect::<std::collections::BTreeSet<_>>()
            .len()
    );
}

#[test]
fn the_map_says_what_lies_where() {
    let sandbox = Sandbox::new();
    let args = [
        "link",
        "app.wat",
        "--allocator",
        CONFORMER,
        "--print-map",
        "--names",
        "--max-heap=9",
    ];
    let output = sandbox
        .command(&[&args[..], &["-o", "out.wasm"]].concat())
        .output()
        .unwrap();
    let map = text(&output.stdout);
    assert!(
        map.starts_with("memory 0: 1 pages to begin with, at most 9\n"),
        "{map}"
    );
    let line = |parts: &[&str]| {
        assert!(
            map.lines()
                .any(|line| parts.iter().all(|part| line.contains(part))),
            "{parts:?} in {map}"
        );
    };
    line(&["0x00000010", " 5 ", "program", "data segment 0"]);
    line(&["allocator", "heap"]);
    line(&["program", "take"]);
    line(&["allocator", "sigil:allocator/core@0.1.0#alloc"]);
    line(&["(mut i32)", "allocator"]);
    // The regions have no gaps, and end where memory ends.
    let json = sandbox
        .command(&[&args[..], &["--json", "-o", "out.wasm"]].concat())
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&json.stderr).unwrap();
    let regions = json["map"]["regions"].as_array().unwrap();
    let mut at = 0;
    for region in regions {
        assert_eq!(
            region["addresses"]["start"].as_u64(),
            Some(at),
            "{regions:?}"
        );
        at = region["addresses"]["end"].as_u64().unwrap();
    }
    assert_eq!(at, 65_536);
    // With the module on stdout, the map is out of its way.
    let output = sandbox
        .command(&[&args[..], &["-o", "-"]].concat())
        .output()
        .unwrap();
    assert_eq!(output.stdout, fs::read(sandbox.path("out.wasm")).unwrap());
    assert_eq!(text(&output.stderr), map);
}

#[test]
fn diagnostics_are_lines_of_json() {
    let sandbox = Sandbox::new();
    let unversioned = APP.replace("core@0.1.0", "core");
    fs::write(sandbox.path("unversioned.wat"), unversioned).unwrap();
    let lines = |args: &[&str], status: i32| -> Vec<Value> {
        let output = sandbox.command(args).output().unwrap();
        assert_eq!(output.status.code(), Some(status));
        let lines = text(&output.stderr);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let link = [
        "link",
        "unversioned.wat",
        "--json",
        "--allocator",
        CONFORMER,
        "-o",
        "out.wasm",
    ];
    let ok = lines(&link, 0);
    assert_eq!(
        (&ok[0]["event"], &ok[1]["event"]),
        (&"warning".into(), &"linked".into())
    );
    let failed = lines(&[&link[..], &["--export=nope"]].concat(), 1);
    let error = failed.last().unwrap();
    assert_eq!(error["event"], "error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("`--export nope`")
    );
    assert!(error["help"].as_str().unwrap().contains("`realloc`"));
    let usage = lines(&["link", "--json", "--frobnicate"], 2);
    assert!(
        usage[0]["message"]
            .as_str()
            .unwrap()
            .contains("--frobnicate")
    );
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let sandbox = Sandbox::new();
    let expected = sandbox.link(&[]);
    let args = ["link", "-", "--allocator", CONFORMER, "-o", "-"];
    let output = sandbox.output_reading(&args, APP);
    assert!(output.status.success());
    assert_eq!(output.stdout, expected);
}

/// The controlling end of a new pseudo-terminal is a terminal itself.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_no_binary() {
    let sandbox = Sandbox::new();
    let terminal = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/ptmx")
        .unwrap();
    let output = sandbox
        .command(&["link", "app.wat", "--allocator", CONFORMER, "-o", "-"])
        .stdout(terminal)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(
        error.contains("is a terminal") && error.contains("-o"),
        "{error}"
    );
}

#[test]
fn a_component_is_written_on_demand_and_stays_one() {
    let sandbox = Sandbox::new();
    let is_component = |wasm: &[u8]| wasm[4..8] == [0x0d, 0, 1, 0];
    let component = sandbox.link(&["--emit", "component", "-O"]);
    assert!(is_component(&component));
    assert!(!is_component(&sandbox.link(&["--emit=module"])));
    let stripped = sandbox.link(&["--emit", "component", "-O", "--strip"]);
    assert!(stripped.len() < component.len());
    wasmparser::validate(&stripped).unwrap();
    let (program, out) = ("component.wasm", Path::new("out.wasm"));
    fs::rename(sandbox.path("out.wasm"), sandbox.path(program)).unwrap();
    let error = sandbox.refuse(program, 2, &["--emit", "module"]);
    assert!(error.contains("links to a component"), "{error}");
    // It has its allocator already.
    let error = sandbox.refuse(program, 1, &[]);
    assert!(
        error.contains("imports nothing from `sigil:allocator`"),
        "{error}"
    );
    assert!(!sandbox.path(".").join(out).exists());
}

#[test]
fn the_manual_has_a_page_for_each_verb() {
    let sandbox = Sandbox::new();
    let page = |args: &[&str]| {
        let output = sandbox.command(args).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let whole = page(&["man"]);
    for part in [".TH sigil 1", "sigil\\-link(1)", "Examples:"] {
        assert!(whole.contains(part), "`{part}` in {whole}");
    }
    let link = page(&["man", "link"]);
    for part in [
        ".TH sigil-link 1",
        "\\-\\-max\\-heap",
        "\\-\\-print\\-map",
        "Examples:",
    ] {
        assert!(link.contains(part), "`{part}` in {link}");
    }
    let output = sandbox.command(&["man", "gone"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`link`"));
}
