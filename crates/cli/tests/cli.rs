//! The built `sigil`, driven as a user does, on programs that carry or need no allocator.

mod common;

use std::process::Output;

use common::Sandbox;

/// Two exported functions, and memory that the toy conformer (functions 0 and 1, as the record says) grows.
const LINKED: &str = r#"(module
  (@custom "sigil:link" "{\22conformer\22:\22toy\22,\22contract\22:\220.1.0\22,\22functions\22:{\22start\22:0,\22end\22:1},\22heap_base\22:1024,\22heap_end\22:65536,\22statics\22:{\22start\22:1024,\22end\22:1024},\22request_address\22:null}")
  (memory (export "memory") 1)
  (func $alloc (@name "sigil:allocator/core@0.1.0#alloc") (param $pages i32) (result i32)
    (if (i32.eq (memory.grow (local.get $pages)) (i32.const -1)) (then unreachable))
    (i32.const 8))
  (func (export "_start") (drop (call $alloc (i32.const 5))))
  (func (export "fail") unreachable)
  (func (export "sub") (param i32 i32) (result i32) (i32.sub (local.get 0) (local.get 1)))
  (func (export "pair") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0)))"#;

/// Writes its arguments' total size and exits with their number.
const COMMAND: &str = r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\06\00\00\00")
  (data (i32.const 16) "hello\0a")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $sizes (i32.const 32) (i32.const 36)))
    (call $exit (i32.load (i32.const 32)))))"#;

const NEEDS_ALLOCATOR: &str = r#"(module (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32))) (memory 1))"#;

impl Sandbox {
    fn new() -> Sandbox {
        Sandbox::with(&[
            ("linked.wat", LINKED),
            ("command.wat", COMMAND),
            ("needs.wat", NEEDS_ALLOCATOR),
        ])
    }

    fn sigil(&self, args: &[&str]) -> Ran {
        Ran::of(self.output(args))
    }
}

struct Ran {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        Ran {
            status: output.status.code().expect("not killed by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    #[track_caller]
    fn expect(self, status: i32, in_stderr: &[&str]) -> Ran {
        assert_eq!(self.status, status, "stderr: {}", self.stderr);
        for part in in_stderr {
            assert!(
                self.stderr.contains(part),
                "expected `{part}` in: {}",
                self.stderr
            );
        }
        self
    }
}

#[test]
fn exhaustion_is_a_line_of_json_then_lines_for_people_and_status_12() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .sigil(&["run", "--max-heap=2", "linked.wat"])
        .expect(12, &["--max-heap=6", "`toy`"]);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let json: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(json["event"], "heap-exhausted");
    assert_eq!(
        (&json["allocator"], &json["call"]),
        (&"toy".into(), &"alloc".into())
    );
    assert_eq!(json["requested_bytes"], serde_json::Value::Null);
    assert_eq!(
        (&json["memory_pages"], &json["max_pages"]),
        (&1.into(), &2.into())
    );
    assert_eq!(json["limit"], "max-heap");
    assert_eq!(json["backtrace"][0], "sigil:allocator/core@0.1.0#alloc");
    assert!(lines.len() == 3 || lines.len() == 4, "{lines:?}");

    let ran = sandbox
        .sigil(&["--json", "run", "--max-heap=128KiB", "linked.wat"])
        .expect(12, &[]);
    assert_eq!(ran.stderr.lines().count(), 1);
    sandbox
        .sigil(&["run", "--max-heap=6", "linked.wat"])
        .expect(0, &[]);
}

#[test]
fn another_trap_is_status_134_with_its_backtrace() {
    let sandbox = Sandbox::new();
    sandbox
        .sigil(&["run", "linked.wat", "--invoke", "fail"])
        .expect(134, &["`linked.wat` trapped", "unreachable", "0: "]);
    let ran = sandbox
        .sigil(&["run", "--json", "linked.wat", "--invoke", "fail"])
        .expect(134, &[]);
    let json: serde_json::Value = serde_json::from_str(ran.stderr.trim()).unwrap();
    assert_eq!(json["event"], "trap");
}

#[test]
fn a_program_gets_its_arguments_and_keeps_its_status_and_output() {
    let sandbox = Sandbox::new();
    let ran = sandbox.sigil(&["run", "command.wat"]).expect(1, &[]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("hello\n", ""));
    // Options after the program's first argument are the program's.
    sandbox
        .sigil(&["run", "command.wat", "a", "--max-heap=0", "-x"])
        .expect(4, &[]);
}

#[test]
fn a_function_is_invoked_with_numbers() {
    let sandbox = Sandbox::new();
    for (args, expected) in [(["40", "-2"], "42\n"), (["0x10", "4294967295"], "17\n")] {
        let ran = sandbox
            .sigil(&["run", "--invoke", "sub", "linked.wat", args[0], args[1]])
            .expect(0, &[]);
        assert_eq!(ran.stdout, expected);
    }
    let ran = sandbox
        .sigil(&["run", "--invoke=pair", "linked.wat", "-9", "-0.5"])
        .expect(0, &[]);
    assert_eq!(ran.stdout, "-0.5\n-9\n");
}

#[test]
fn a_command_line_that_does_not_fit_is_status_2() {
    let sandbox = Sandbox::new();
    sandbox
        .sigil(&["run", "linked.wat", "--invoke", "sub", "1"])
        .expect(2, &["(i32, i32) -> (i32)", "found 1"]);
    sandbox
        .sigil(&["run", "linked.wat", "--invoke", "sub", "1", "x"])
        .expect(2, &["`x` is no i32"]);
    sandbox
        .sigil(&["run", "linked.wat", "--invoke", "gone"])
        .expect(2, &["`gone`", "`sub`", "`pair`"]);
    sandbox
        .sigil(&["run", "needs.wat", "--max-heap=1MB"])
        .expect(2, &["`MB` is no unit here"]);
    sandbox
        .sigil(&["run", "--max-heap=100KiB", "linked.wat"])
        .expect(2, &["`64KiB` (1 page) or `128KiB` (2 pages)"]);
    sandbox.sigil(&["frobnicate"]).expect(2, &["frobnicate"]);
}

#[test]
fn a_module_without_start_lists_what_can_be_invoked() {
    let sandbox = Sandbox::new();
    std::fs::write(
        sandbox.path("lib.wat"),
        r#"(module (func (export "one")) (func (export "two")))"#,
    )
    .unwrap();
    sandbox
        .sigil(&["run", "lib.wat"])
        .expect(2, &["no `_start`", "`one`, `two`", "--invoke"]);
}

#[test]
fn a_cap_below_the_initial_memory_says_what_to_allow() {
    let sandbox = Sandbox::new();
    sandbox
        .sigil(&["run", "--max-heap=0", "linked.wat"])
        .expect(1, &["cannot run `linked.wat`", "--max-heap=1"]);
}

#[test]
fn an_unknown_allocator_is_answered_with_places_and_names() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("conformers/toy.component.wasm"), b"").unwrap();
    let place = sandbox.path("conformers").display().to_string();
    for verb in [
        &["run", "needs.wat", "--allocator", "gone"][..],
        &["link", "needs.wat", "--allocator=gone", "-oout.wasm"],
    ] {
        sandbox
            .sigil(verb)
            .expect(1, &["`gone`", "`toy`", &place, "cargo xtask build"]);
    }
    sandbox
        .sigil(&[
            "run",
            "--allocator=gone",
            "linked.wat",
            "--invoke=sub",
            "1",
            "1",
        ])
        .expect(0, &["warning: `linked.wat`"]);
    assert!(!sandbox.path("out.wasm").exists());
}

#[test]
fn list_shows_names_and_places() {
    let sandbox = Sandbox::new();
    for file in ["toy.component.wasm", "other.wasm"] {
        std::fs::write(sandbox.path("conformers").join(file), b"").unwrap();
    }
    let ran = sandbox.sigil(&["list"]).expect(0, &[]);
    assert!(
        ran.stdout.contains("toy ") && ran.stdout.contains("other.wasm"),
        "{}",
        ran.stdout
    );
    let ran = sandbox.sigil(&["list", "--json"]).expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let names: Vec<&str> = json["conformers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"toy") && names.contains(&"other"),
        "{names:?}"
    );
}

#[test]
fn a_link_that_fails_leaves_the_old_output_alone() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("out.wasm"), b"old").unwrap();
    std::fs::write(sandbox.path("bad.wasm"), b"\0asm\x01\0\0\0nonsense").unwrap();
    sandbox
        .sigil(&[
            "link",
            "needs.wat",
            "--allocator=./bad.wasm",
            "-o",
            "out.wasm",
        ])
        .expect(1, &["error: cannot link"]);
    sandbox
        .sigil(&["link", "absent.wasm", "-o", "out.wasm"])
        .expect(1, &["cannot read `absent.wasm`"]);
    std::fs::write(sandbox.path("typo.wat"), b"(module (func $f)").unwrap();
    sandbox
        .sigil(&["link", "typo.wat", "-o", "out.wasm"])
        .expect(1, &["`typo.wat`", "expected"]);
    assert_eq!(std::fs::read(sandbox.path("out.wasm")).unwrap(), b"old");
    assert_eq!(std::fs::read_dir(sandbox.path(".")).unwrap().count(), 7);
}

#[test]
fn inspect_tells_what_was_linked_where_and_what_is_needed() {
    let sandbox = Sandbox::new();
    let ran = sandbox.sigil(&["inspect", "linked.wat"]).expect(0, &[]);
    for part in [
        "linked.wat: core module, linked with the allocator `toy`",
        "contract   0.1.0",
        "functions  1: 0 to 0",
        "heap       from 0x400, to 0x10000",
    ] {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    let alloc = "sigil:allocator/core@0.1.0#alloc";
    let ran = sandbox.sigil(&["inspect", "needs.wat"]).expect(0, &[]);
    assert!(ran.stdout.contains("needs an allocator"), "{}", ran.stdout);
    assert!(ran.stdout.contains(alloc), "{}", ran.stdout);

    let ran = sandbox
        .sigil(&["inspect", "--json", "linked.wat"])
        .expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["kind"], "linked");
    assert_eq!(json["record"]["conformer"], "toy");
    // A record of an older linker.
    assert_eq!(json["record"]["linker"], serde_json::Value::Null);
    let ran = sandbox
        .sigil(&["inspect", "needs.wat", "--json"])
        .expect(0, &[]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (&json["kind"], &json["imports"][0]),
        (&"program".into(), &alloc.into())
    );

    std::fs::write(sandbox.path("text.wasm"), b"\x7fELF").unwrap();
    std::fs::write(sandbox.path("cut.wasm"), b"\0asm\x01\0\0\0\x01\x09").unwrap();
    sandbox
        .sigil(&["inspect", "text.wasm"])
        .expect(1, &["`text.wasm` is neither a wasm binary nor valid WAT"]);
    sandbox
        .sigil(&["inspect", "cut.wasm"])
        .expect(1, &["cannot inspect `cut.wasm`", "truncated"]);
}

#[test]
fn a_program_comes_from_standard_input() {
    let sandbox = Sandbox::new();
    let output = sandbox.output_reading(&["run", "-", "--invoke", "sub", "3", "1"], LINKED);
    let ran = Ran::of(output).expect(0, &[]);
    assert_eq!(ran.stdout, "2\n");
}

#[test]
fn errors_are_json_on_demand() {
    let sandbox = Sandbox::new();
    let ran = sandbox
        .sigil(&["run", "absent.wasm", "--json"])
        .expect(1, &[]);
    let json: serde_json::Value = serde_json::from_str(ran.stderr.trim()).unwrap();
    assert_eq!(json["event"], "error");
    assert!(json["message"].as_str().unwrap().contains("absent.wasm"));
}

#[test]
fn every_verb_helps_with_examples() {
    let sandbox = Sandbox::new();
    let verbs = ["link", "run", "inspect", "list", "completions", "man"];
    for verb in verbs {
        let ran = sandbox.sigil(&[verb, "--help"]).expect(0, &[]);
        assert!(ran.stdout.contains("Examples:"), "{verb}: {}", ran.stdout);
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = sandbox.sigil(&["completions", shell]).expect(0, &[]);
        assert!(ran.stdout.contains("max-heap"), "{shell}");
    }
}
