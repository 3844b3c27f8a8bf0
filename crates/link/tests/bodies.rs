//! Function bodies that are wrong by themselves, and would be right in the linked module: what linking adds
//! is nobody else's. And bodies at the limits of what engines take.

use sigil_link::{Error, InlinedFunction, Input, Linked, Options, link};
use wasmparser::{Validator, WasmFeatures};

/// Has a type, a global and data that programs do not have, and a fast path with a local.
const CONFORMER: &str = r#"(module
    (import "env" "memory" (memory 0))
    (import "env" "__heap_base" (global $base i32))
    (global $used (mut i32) (i32.const 0))
    (func $note (param f64 f32 i64))
    (func (export "sigil:allocator/core@0.1.0#alloc") (param $size i32) (result i32)
        (local $block i32)
        (local.set $block (global.get $used))
        (if (i32.gt_u (local.get $size) (i32.const 1000))
            (then (call $note (f64.const 0) (f32.const 0) (i64.const 0)) unreachable))
        (global.set $used (i32.add (local.get $block) (local.get $size)))
        (i32.add (global.get $base) (local.get $block))))"#;

fn program(body: &str) -> Vec<u8> {
    // `wat` checks nothing but the syntax.
    wat::parse_str(format!(
        r#"(module
            (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
            (memory 1)
            (func (export "run") (result i32) {body} (call $alloc (i32.const 8))))"#
    ))
    .unwrap()
}

fn linked(program: &[u8], optimize: bool) -> Result<Linked, Error> {
    linked_with(CONFORMER, program, optimize)
}

fn linked_with(conformer: &str, program: &[u8], optimize: bool) -> Result<Linked, Error> {
    let mut options = Options::default();
    options.optimize = optimize;
    let conformer = wat::parse_str(conformer).unwrap();
    let input = |name, bytes| Input { name, bytes };
    link(
        input("program.wasm", program),
        input("conformer.wasm", &conformer),
        &options,
    )
}

#[test]
fn a_fast_path_may_return_with_more_on_the_stack() {
    let conformer = r#"(module
        (import "env" "memory" (memory 0))
        (import "env" "__heap_base" (global $base i32))
        (global $used (mut i32) (i32.const 0))
        (func (export "sigil:allocator/core@0.1.0#alloc") (param $size i32) (result i32)
            (if (i32.eqz (local.get $size)) (then (i32.const 5) (global.get $base) return))
            (i32.const 7)
            (global.set $used (i32.add (global.get $used) (local.get $size)))
            (i32.add (global.get $base) (global.get $used))
            return))"#;
    // A constant that takes the first path, one that takes the second, and the program's own which may be either.
    for body in [
        "(drop (call $alloc (i32.const 0)))",
        "(drop (call $alloc (memory.size)))",
    ] {
        let linked = linked_with(conformer, &program(body), true).unwrap();
        let report = linked.report.unwrap();
        let n: u32 = report
            .functions
            .iter()
            .map(InlinedFunction::n_inlined)
            .sum();
        assert_eq!(n, 2);
    }
}

#[test]
fn a_body_refers_to_nothing_that_linking_adds() {
    for (body, expected) in [
        ("", None),
        ("(drop (global.get 0))", Some("unknown global")),
        ("(block (type 2))", Some("unknown type")),
        ("(drop (ref.null 2))", Some("unknown type")),
        ("(drop (local.get 0))", Some("unknown local")),
        ("(call 9)", Some("unknown function")),
        ("(drop (i32.add (i32.const 1)))", Some("type mismatch")),
    ] {
        for optimize in [false, true] {
            let program = program(body);
            match (linked(&program, optimize), expected) {
                (Ok(linked), None) => {
                    let report = linked.report.unwrap_or_default();
                    let n: u32 = report
                        .functions
                        .iter()
                        .map(InlinedFunction::n_inlined)
                        .sum();
                    assert_eq!(n, u32::from(optimize), "the case is about inlined calls");
                }
                (Err(error @ Error::Invalid { .. }), Some(expected)) => {
                    let (by_itself, error) = (
                        Validator::new_with_features(WasmFeatures::all())
                            .validate_all(&program)
                            .err()
                            .expect("it is invalid"),
                        error.to_string(),
                    );
                    assert!(error.contains("`program.wasm`"), "{body}: {error}");
                    assert!(error.contains(expected), "{body}: {error}");
                    let offset = format!("at offset {:#x}", by_itself.offset());
                    assert!(error.contains(&offset), "{body}: {error}, not {offset}");
                }
                (outcome, _) => panic!("{body}, -O {optimize}: {outcome:?}"),
            }
        }
    }
}

#[test]
fn a_function_with_as_many_locals_as_engines_take_is_linked() {
    for n in [127, 128, 48_999, 49_001, 50_000] {
        let body = format!("(local {})", "i64 ".repeat(n));
        for optimize in [false, true] {
            if let Err(error) = linked(&program(&body), optimize) {
                panic!("{n} locals, -O {optimize}: {error}");
            }
        }
    }
}

/// More code than one thread validates: the first wrong body is the one that is reported.
#[test]
fn the_first_of_many_wrong_bodies_is_reported() {
    let right = "(func (drop (i32.const 1)) (drop (i32.const 2)) (drop (i32.const 3)))";
    let mut functions = right.repeat(20_000);
    for wrong in ["f64", "f32", "i64"] {
        functions += &format!("(func (result {wrong}) i32.const 0)");
        functions += &right.repeat(20_000);
    }
    let wat = format!(
        r#"(module
            (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
            (memory 1) {functions})"#
    );
    let program = wat::parse_str(wat).unwrap();
    for _ in 0..8 {
        let error = linked(&program, false).unwrap_err().to_string();
        assert!(error.contains("expected f64, found i32"), "{error}");
    }
}

#[test]
fn a_signature_that_is_not_the_contracts_is_refused_also_where_both_have_it() {
    let ty = "(param i64) (result i32)";
    let program =
        format!(r#"(module (import "sigil:allocator/core@0.1.0" "alloc" (func {ty})) (memory 1))"#);
    let conformer = format!(
        r#"(module (func (export "sigil:allocator/core@0.1.0#alloc") {ty} (i32.const 16)))"#
    );
    let input = |name, bytes| Input { name, bytes };
    let error = link(
        input("program.wasm", &wat::parse_str(program).unwrap()),
        input("conformer.wasm", &wat::parse_str(conformer).unwrap()),
        &Options::default(),
    );
    let error = error.unwrap_err().to_string();
    let expected =
        "`alloc`: the contract says (i32) -> (i32), but program and conformer have (i64) -> (i32)";
    assert!(error.contains(expected), "{error}");
}
