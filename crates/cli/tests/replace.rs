//! `sigil link --replace` and what `sigil inspect` says of it, by the built `sigil`.

mod common;

use std::fs;

use common::Sandbox;
use serde_json::Value;
use sigil_conformance::mutants;

/// A program whose allocator hands out what others grew, and wraps.
const FAULTS: &str = include_str!("../../../host-tests/retrofit/faults.wat");
const PRELUDE: &str = include_str!("../../../host-tests/retrofit/prelude.wat");
const STORED: &str = include_str!("../../../host-tests/retrofit/refused/stored.wat");
const REGIONS: &str = include_str!("../../../host-tests/retrofit/profiles/regions.toml");
const HANDWRITTEN: &str = include_str!("../../../host-tests/conformers/handwritten.wat");

/// A program in the shape of C's, as far as names go.
const C: &str = r#"(module
  (memory (export "memory") 1)
  (func $malloc (export "malloc") (param i32) (result i32) (i32.const 1024))
  (func $free (export "free") (param i32)))"#;

/// A folder with programs, and one with two conformers: `full` has the extensions, `plain` has not.
impl Sandbox {
    fn new() -> Self {
        let with_prelude = |text: &str| text.replace(";; prelude\n", PRELUDE);
        let sandbox = Self::with(&[
            ("faults.wat", &with_prelude(FAULTS)),
            ("stored.wat", &with_prelude(STORED)),
            ("c.wat", C),
            ("regions.toml", REGIONS),
            (
                "wrong.toml",
                "name = \"wrong\"\nabout = \"\"\n[functions]\nalloc = \"allocate\"\n",
            ),
        ]);
        let conformers = [
            ("plain.wasm", HANDWRITTEN),
            ("full.wasm", &mutants::extended().unwrap()),
        ];
        for (name, text) in conformers {
            let wasm = wat::parse_str(text).unwrap();
            fs::write(sandbox.path("conformers").join(name), wasm).unwrap();
        }
        sandbox
    }

    /// Links `program`, and what is said on stderr.
    fn link(&self, program: &str, status: i32, options: &[&str]) -> String {
        let plain: &[&str] = if options.contains(&"--allocator") {
            &[]
        } else {
            &["--allocator", "plain"]
        };
        let args = ["link", program, "-o", "out.wasm"];
        let output = self.output(&[&args, plain, options].concat());
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{stderr}");
        assert_eq!(self.path("out.wasm").exists(), status == 0);
        stderr
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_replaced_allocator_is_right_where_the_old_one_was_wrong() {
    let sandbox = Sandbox::new();
    let run = |file: &str| {
        let output = sandbox.output(&["run", file, "--invoke", "foreign"]);
        (output.status.code(), text(&output.stdout))
    };
    assert_eq!(run("faults.wat"), (Some(0), "0\n".into()));
    let said = sandbox.link("faults.wat", 0, &["--replace", "silicon", "-O", "--json"]);
    assert_eq!(run("out.wasm"), (Some(0), "77\n".into()));

    let [linked] = &lines(&said)[..] else {
        panic!("{said}");
    };
    assert_eq!(linked["event"], "linked");
    assert_eq!(linked["replacement"]["profile"], "silicon");
    let gone = linked["replacement"]["gone"].as_array().unwrap();
    assert!(gone.contains(&Value::from("`scratch_alloc`")), "{linked}");
    // A request that wrapped is exhaustion now, and reported as that.
    let output = sandbox.output(&["run", "out.wasm", "--invoke", "wrap_array"]);
    assert_eq!(output.status.code(), Some(12));
    let report: Value = serde_json::from_str(text(&output.stderr).lines().next().unwrap()).unwrap();
    assert_eq!(
        (&report["event"], &report["call"]),
        (&"heap-exhausted".into(), &"alloc".into())
    );
    assert_eq!(report["requested_bytes"], u32::MAX);
}

#[test]
fn a_refusal_names_the_place_and_insisting_makes_it_a_warning() {
    let sandbox = Sandbox::new();
    let said = sandbox.link("stored.wat", 1, &["--replace", "silicon"]);
    for part in [
        "error: cannot replace the allocator of `stored.wat`: it does not fit the profile `silicon`",
        "function `run` at offset 0x1fb: the saved bump pointer is stored to memory",
        "help: --force-save-restore",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let said = sandbox.link(
        "stored.wat",
        1,
        &["--replace", "silicon", "--force-heap-access", "--json"],
    );
    let error = &lines(&said)[0];
    assert!(
        error["help"]
            .as_str()
            .unwrap()
            .starts_with("--force-save-restore"),
        "{said}"
    );

    let said = sandbox.link(
        "stored.wat",
        0,
        &["--replace", "silicon", "--force-save-restore"],
    );
    assert!(
        said.contains("warning: forced: function `run` at offset 0x1fb"),
        "{said}"
    );
}

#[test]
fn profiles_are_named_or_read() {
    let sandbox = Sandbox::new();
    for (profile, status, expected) in [
        (
            "python",
            1,
            "no profile is called `python`\nhelp: there are `malloc`, `silicon`; or name a TOML file",
        ),
        ("./gone.toml", 1, "cannot read the profile `./gone.toml`"),
        (
            "wrong.toml",
            1,
            "cannot use the profile `wrong.toml`: TOML parse error at line 4",
        ),
        (
            "regions.toml",
            1,
            "no function is exported or named `rt_new`",
        ),
    ] {
        let said = sandbox.link("faults.wat", status, &["--replace", profile]);
        assert!(said.contains(expected), "{said}");
    }
    // Insisting without anything to insist on is a mistake.
    let said = sandbox.link("faults.wat", 2, &["--force-save-restore"]);
    assert!(said.contains("--replace"), "{said}");
}

#[test]
fn a_conformer_that_has_what_is_missing_is_named() {
    let sandbox = Sandbox::new();
    let said = sandbox.link("c.wat", 1, &["--replace", "malloc"]);
    for part in ["`sigil:allocator-ext/sized@0.1.0` `free`", "`try-alloc`"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    // Beside the conformers of this repository, where they have been built.
    let help = said.lines().find(|line| line.starts_with("help: "));
    assert!(help.is_some_and(|help| help.contains("`full`")), "{said}");
    sandbox.link("c.wat", 0, &["--replace", "malloc", "--allocator", "full"]);
}

#[test]
fn inspect_tells_what_can_be_replaced() {
    let sandbox = Sandbox::new();
    let inspected = |file: &str| -> Value {
        let output = sandbox.output(&["inspect", file, "--json"]);
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let found = inspected("faults.wat");
    assert_eq!(found["found"][0]["profile"], "silicon", "{found}");
    let found = inspected("stored.wat");
    assert_eq!(found["found"][0]["profile"], Value::Null);
    let hindrance = found["found"][0]["hindrances"][0].as_str().unwrap();
    assert!(
        hindrance.starts_with("function `run` at offset 0x1fb"),
        "{found}"
    );
    let output = sandbox.output(&["inspect", "faults.wat"]);
    let shown = text(&output.stdout);
    assert!(
        shown.contains("can be replaced: `sigil link --replace silicon`"),
        "{shown}"
    );
}

#[test]
fn a_component_is_refused_before_anything_else() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.path("it.wat"), "(component)").unwrap();
    let said = sandbox.link("it.wat", 1, &["--replace", "silicon"]);
    assert!(
        said.contains("--replace rewrites a core module, and the program is a component"),
        "{said}"
    );
}
