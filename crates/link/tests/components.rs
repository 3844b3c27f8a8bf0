//! Components as programs: what is rewired, and what is refused with the reason.

use sigil_link::{Input, Linked, Options, link};
use wasmparser::{Parser, Payload};

const CONFORMER: &str = r#"(module
    (import "env" "memory" (memory 0))
    (import "env" "__heap_base" (global $base i32))
    (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) global.get $base)
    (func (export "sigil:allocator/bulk@0.1.0#free-all")))"#;

/// The imports of the allocator, as an encoder writes them: types first, interfaces over them.
const IMPORTS: &str = r#"
    (type $types (instance (type u32) (export "ptr" (type (eq 0))) (type u32) (export "size" (type (eq 2)))))
    (import "sigil:allocator/types@0.1.0" (instance $types (type $types)))
    (alias export $types "ptr" (type $ptr))
    (alias export $types "size" (type $size))
    (type $core (instance
      (alias outer 1 $ptr (type)) (export "ptr" (type (eq 0)))
      (alias outer 1 $size (type)) (export "size" (type (eq 2)))
      (type (func (param "size" 3) (result 1)))
      (export "alloc" (func (type 4)))))
    (import "sigil:allocator/core@0.1.0" (instance $core (type $core)))
    (type $bulk (instance (type (func)) (export "free-all" (func (type 0)))))
    (import "sigil:allocator/bulk@0.1.0" (instance $bulk (type $bulk)))
    (type $log-type (instance (type (func (param "n" u32))) (export "note" (func (type 0)))))
    (import "other:host/log" (instance $log (type $log-type)))"#;

const MODULE: &str = r#"
    (core module $app
      (import "other:host/log" "note" (func $note (param i32)))
      (import "sigil:allocator/bulk@0.1.0" "free-all" (func $free-all))
      (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "run") (param i32) (result i32)
        (call $free-all) (call $note (local.get 0)) (call $alloc (local.get 0))))"#;

/// Lowered functions, the others' around the allocator's, so that every index behind them moves.
const LOWERED: &str = r#"
    (alias export $bulk "free-all" (func $free-all))
    (core func $free-all (canon lower (func $free-all)))
    (alias export $log "note" (func $note))
    (core func $note (canon lower (func $note)))
    (alias export $core "alloc" (func $alloc))
    (core func $alloc (canon lower (func $alloc)))
    (core instance $bulk-args (export "free-all" (func $free-all)))
    (core instance $log-args (export "note" (func $note)))
    (core instance $core-args (export "alloc" (func $alloc)))"#;

const INSTANTIATED: &str = r#"
    (core instance $app (instantiate $app
      (with "sigil:allocator/core@0.1.0" (instance $core-args))
      (with "other:host/log" (instance $log-args))
      (with "sigil:allocator/bulk@0.1.0" (instance $bulk-args))))"#;

/// Exports that use the allocator's types.
const EXPORTS: &str = r#"
    (type $run (func (param "size" $size) (result $ptr)))
    (alias core export $app "run" (core func $run))
    (func $run (type $run) (canon lift (core func $run)))
    (export "run" (func $run))"#;

fn component(parts: &[&str]) -> Vec<u8> {
    wat::parse_str(format!("(component {})", parts.concat())).unwrap()
}

fn linked(program: &[u8], options: &Options) -> Result<Linked, String> {
    let conformer = wat::parse_str(CONFORMER).unwrap();
    let program = Input {
        name: "app.wasm",
        bytes: program,
    };
    let conformer = Input {
        name: "hand.wasm",
        bytes: &conformer,
    };
    link(program, conformer, options).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(parts: &[&str], reason: &str) {
    let error = linked(&component(parts), &Options::default()).unwrap_err();
    assert!(error.starts_with("cannot link `app.wasm`: "), "{error}");
    assert!(error.contains(reason), "expected `{reason}` in: {error}");
    assert!(error.contains("\nhelp: "), "{error}");
}

/// The names of what the component and the core modules in it import.
fn imports(wasm: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::ComponentImportSection(section) => {
                names.extend(
                    section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_string()),
                );
            }
            Payload::ImportSection(section) => {
                names.extend(
                    section
                        .into_imports()
                        .map(|import| format!("core {}", import.unwrap().module)),
                );
            }
            _ => {}
        }
    }
    names
}

#[test]
fn the_allocator_moves_into_the_core_module() {
    let program = component(&[IMPORTS, MODULE, LOWERED, INSTANTIATED, EXPORTS]);
    let fused = linked(&program, &Options::default()).unwrap();
    assert_eq!(
        imports(&fused.wasm),
        ["other:host/log", "core other:host/log"]
    );
    assert_eq!(fused.record.conformer, "hand");
    let text = wasmprinter::print_bytes(&fused.wasm).unwrap();
    // `ptr` and `size`, which the exports name, are defined where they were imported.
    let defined = text
        .lines()
        .filter(|line| line.starts_with("  (type ") && line.ends_with(" u32)"));
    assert_eq!(defined.count(), 2, "{text}");
    let again = linked(&program, &Options::default()).unwrap();
    assert_eq!(fused.wasm, again.wasm);
}

#[test]
fn a_component_without_the_allocator_has_nothing_to_link() {
    let error = linked(&component(&["(core module)"]), &Options::default()).unwrap_err();
    assert!(
        error.contains("imports nothing from `sigil:allocator`"),
        "{error}"
    );
}

#[test]
fn a_module_whose_memory_is_another_ones_is_refused() {
    let module = MODULE.replace(
        r#"(memory (export "memory") 1)"#,
        r#"(import "env" "memory" (memory 1))"#,
    );
    let memory =
        r#"(core module $m (memory (export "memory") 1)) (core instance $m (instantiate $m))"#;
    let instantiated = INSTANTIATED.replace(
        "(instantiate $app",
        r#"(instantiate $app (with "env" (instance $m))"#,
    );
    refused(
        &[IMPORTS, memory, &module, LOWERED, &instantiated],
        "has its memory from another one",
    );
}

#[test]
fn more_than_one_user_is_refused() {
    let second = MODULE.replace("$app", "$second");
    refused(
        &[IMPORTS, MODULE, &second, LOWERED, INSTANTIATED, EXPORTS],
        "2 of its core modules use the allocator",
    );
    let twice = INSTANTIATED.replace("(core instance $app", "(core instance $again");
    refused(
        &[IMPORTS, MODULE, LOWERED, INSTANTIATED, &twice, EXPORTS],
        "is instantiated 2 times",
    );
    let passed_on = r#"
        (core module $plain (import "x" "alloc" (func (param i32) (result i32))))
        (core instance (instantiate $plain (with "x" (instance $core-args))))"#;
    refused(
        &[IMPORTS, MODULE, LOWERED, INSTANTIATED, passed_on],
        "takes the allocator as `x`",
    );
}

#[test]
fn an_allocator_that_leaves_the_component_again_is_refused() {
    let exported = r#"(export "heap" (instance $bulk))"#;
    refused(
        &[IMPORTS, MODULE, LOWERED, INSTANTIATED, exported],
        "exports or passes on an instance of the allocator",
    );
    let exported = r#"(export "free" (func $free-all))"#;
    refused(
        &[IMPORTS, MODULE, LOWERED, INSTANTIATED, exported],
        "exports `sigil:allocator/bulk@0.1.0` `free-all`",
    );
    let lifted = r#"(type $f (func)) (func $f (type $f) (canon lift (core func $free-all)))"#;
    refused(
        &[IMPORTS, MODULE, LOWERED, INSTANTIATED, lifted],
        "exports `sigil:allocator/bulk@0.1.0` `free-all`",
    );
}

#[test]
fn functions_under_other_names_are_refused() {
    let module = MODULE.replace(
        "(import \"sigil:allocator/bulk@0.1.0\" \"free-all\"",
        "(import \"sigil:allocator/bulk@0.1.0\" \"free\"",
    );
    let crossed = LOWERED.replace(
        r#"(export "free-all" (func $free-all)))"#,
        r#"(export "free" (func $free-all)))"#,
    );
    let error = linked(
        &component(&[IMPORTS, &module, &crossed, INSTANTIATED, EXPORTS]),
        &Options::default(),
    )
    .unwrap_err();
    assert!(error.contains("`free`"), "{error}");
    let mixed = LOWERED.replace(
        r#"(export "free-all" (func $free-all)))"#,
        r#"(export "free-all" (func $free-all)) (export "note" (func $note)))"#,
    );
    refused(
        &[IMPORTS, MODULE, &mixed, INSTANTIATED, EXPORTS],
        "mixes the allocator's functions with others",
    );
}

#[test]
fn an_allocator_inside_the_component_stays() {
    let own = r#"
        (core module $own
          (func (export "free-all"))
          (func (export "alloc") (param i32) (result i32) i32.const 8))
        (core instance $own (instantiate $own))"#;
    let instantiated = INSTANTIATED.replace("$core-args", "$own");
    refused(
        &[IMPORTS, own, MODULE, LOWERED, &instantiated, EXPORTS],
        "serves `sigil:allocator/core@0.1.0` itself",
    );
}

#[test]
fn a_user_inside_an_inner_component_is_refused() {
    let inner = ["(component $inner ", IMPORTS, MODULE, ")"].concat();
    refused(&[&inner], "by a component inside the component");
}

#[test]
fn exports_have_no_place_in_a_component() {
    let mut options = Options::default();
    options.exports = vec!["alloc".into()];
    let program = component(&[IMPORTS, MODULE, LOWERED, INSTANTIATED, EXPORTS]);
    let error = linked(&program, &options).unwrap_err();
    assert!(error.contains("--export"), "{error}");
}
