//! Files that are no conformers get a clear verdict: no crash, no hang.

use std::time::{Duration, Instant};

use sigil_conformance::{
    Conformer,
    suite::{self, Options, Report, Verdict},
};

/// A module that exports the whole world, each function with `body` before its result.
fn world(body: &str) -> String {
    let function = |interface: &str, name: &str, ty: &str, result: &str| {
        format!(
            "(func (export \"sigil:allocator/{interface}@0.1.0#{name}\") {ty} {body} {result})\n"
        )
    };
    let functions = [
        function("core", "alloc", "(param i32) (result i32)", "(i32.const 8)"),
        function(
            "core",
            "realloc",
            "(param i32 i32 i32) (result i32)",
            "(i32.const 8)",
        ),
        function("core", "mem-copy", "(param i32 i32 i32)", ""),
        function("scope", "enter-scope", "(result i32)", "(i32.const 8)"),
        function("scope", "exit-scope", "(param i32)", ""),
        function(
            "scope",
            "promote",
            "(param i32 i32 i32) (result i32)",
            "(i32.const 8)",
        ),
        function("bulk", "free-all", "", ""),
    ];
    format!(
        "(module (import \"env\" \"memory\" (memory 0))\n{})",
        functions.concat()
    )
}

fn report(text: &str) -> Report {
    let start = Instant::now();
    let conformer = Conformer::read("hostile.wat", text.as_bytes()).expect("it is wasm");
    let report = suite::run(&conformer, &Options::default(), |_| {});
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "it took {:?}",
        start.elapsed()
    );
    assert!(!report.passed());
    report
}

fn rejection(text: &str) -> String {
    report(text).rejected.expect("no case can be run")
}

#[test]
fn an_empty_module_lacks_everything() {
    let why = rejection("(module)");
    for function in [
        "alloc",
        "realloc",
        "mem-copy",
        "enter-scope",
        "exit-scope",
        "promote",
        "free-all",
    ] {
        assert!(why.contains(&format!("`{function}`")), "{why}");
    }
}

#[test]
fn a_wrong_signature_is_named_with_the_right_one() {
    let why = rejection(&world("").replace("#alloc\") (param i32)", "#alloc\") (param i64)"));
    assert!(
        why.contains("`alloc`: expected (i32) -> (i32)") && why.contains("i64"),
        "{why}"
    );
}

#[test]
fn a_component_of_another_world_is_none() {
    let why = rejection(
        "(component (core module $m (func (export \"f\"))) (core instance $i (instantiate $m))
           (func $f (canon lift (core func $i \"f\"))) (export \"run\" (func $f)))",
    );
    assert!(
        why.contains("does not export the world `sigil:allocator/allocator`"),
        "{why}"
    );
}

#[test]
fn a_component_that_imports_functions_is_none() {
    rejection("(component (import \"host:thing/f\" (instance (export \"g\" (func)))))");
}

/// Every case that was run has failed.
fn all_fail(report: &Report) {
    assert_eq!(report.rejected, None);
    let passed: Vec<_> = report
        .outcomes
        .iter()
        .filter(|outcome| matches!(outcome.verdict, Verdict::Passed))
        .map(|outcome| outcome.case.id)
        .collect();
    assert_eq!(passed, [""; 0]);
}

#[test]
fn one_that_loops_for_ever_is_stopped() {
    let report = report(&world("(loop $again (br $again))"));
    all_fail(&report);
    let (_, violation) = report.failures().next().expect("all fail");
    assert!(
        violation.what.contains("did not return, and was stopped"),
        "{}",
        violation.what
    );
}

#[test]
fn one_that_grows_without_end_is_stopped() {
    all_fail(&report(&world(
        "(loop $again (drop (memory.grow (i32.const 1))) (br $again))",
    )));
}

#[test]
fn one_that_traps_at_once_fails() {
    let report = report(&world("(unreachable)"));
    assert!(report.failures().count() > 60);
}

#[test]
fn one_that_always_returns_the_same_fails() {
    let report = report(&world(""));
    assert!(report.failures().count() > 60);
}
