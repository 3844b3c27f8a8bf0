//! Exhaustion (contract H5) and its look-alikes, on hand-made modules that carry a linker's record.

use sigil_host::{Engine, Failure, Frame, Instance, Limit, Limits, Module};

/// A program with a toy conformer: function 0 and 1 are "from the conformer" as the record says.
///
/// `alloc` grows by whole pages and gives up as H5 wants; `exit-scope` is a conformer's function that traps without wanting
/// memory. The rest is the program.
fn toy(memory: &str) -> String {
    format!(
        r#"(module
          (@custom "sigil:link" "{{\22conformer\22:\22toy\22,\22contract\22:\220.1.0\22,\22functions\22:{{\22start\22:0,\22end\22:3}},\22heap_base\22:1024,\22heap_end\22:65536,\22statics\22:{{\22start\22:1016,\22end\22:1024}},\22request_address\22:1016}}")
          (memory (export "memory") {memory})
          (func $slow (param $pages i32) (result i32)
            (local $old i32)
            (local.set $old (memory.grow (local.get $pages)))
            (if (i32.eq (local.get $old) (i32.const -1)) (then unreachable))
            (i32.mul (local.get $old) (i32.const 65536)))
          (func $alloc (@name "sigil:allocator/core@0.1.0#alloc") (param $pages i32) (result i32)
            (i32.store (i32.const 1016) (i32.mul (local.get $pages) (i32.const 65536)))
            (call $slow (local.get $pages)))
          (func $exit_scope (@name "sigil:allocator/scope@0.1.0#exit-scope") unreachable)
          (func $build (param $pages i32) (result i32) (call $alloc (local.get $pages)))
          (func (export "build") (param i32) (result i32) (call $build (local.get 0)))
          (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
          (func (export "program_asserts_after_probing") (param i32)
            (drop (memory.grow (local.get 0)))
            unreachable)
          (func (export "conformer_traps_after_growth") (param i32)
            (drop (memory.grow (local.get 0)))
            (drop (memory.grow (i32.const 1)))
            (call $trap_in_conformer))
          (func (export "wrong_handle_after_probing") (param i32)
            (drop (memory.grow (local.get 0)))
            (call $exit_scope))
          (func (export "divide") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
          (func $trap_in_conformer (call $exit_scope)))"#
    )
}

fn start(memory: &str, limits: &Limits) -> Instance {
    let wasm = wat::parse_str(toy(memory)).unwrap();
    Instance::new(
        &Module::new(&Engine::new().unwrap(), &wasm).unwrap(),
        limits,
        None,
    )
    .unwrap()
}

fn capped(pages: u32) -> Limits {
    Limits {
        max_heap_pages: Some(pages),
        ..Limits::default()
    }
}

#[track_caller]
fn exhausted(result: Result<Option<u32>, Failure>) -> sigil_host::Exhaustion {
    match result {
        Err(Failure::Exhausted(report)) => *report,
        other => panic!("expected exhaustion, got {other:?}"),
    }
}

#[track_caller]
fn trapped(result: Result<Option<u32>, Failure>) -> (String, Vec<Frame>) {
    match result {
        Err(Failure::Trap {
            message, backtrace, ..
        }) => (message, backtrace),
        other => panic!("expected a plain trap, got {other:?}"),
    }
}

#[test]
fn the_cap_refuses() {
    let report = exhausted(start("1", &capped(3)).call_i32("build", &[5]));
    assert_eq!(
        (report.allocator.as_str(), report.call.as_str()),
        ("toy", "alloc")
    );
    assert_eq!(report.requested_bytes, Some(5 * 65_536));
    assert_eq!(
        (report.refused_pages, report.memory_pages, report.max_pages),
        (5, 1, 3)
    );
    assert_eq!(report.limit, Limit::Flag);
    assert_eq!(
        report.backtrace[..3],
        ["slow", "sigil:allocator/core@0.1.0#alloc", "build"]
    );
    assert!(report.backtrace.len() == 4);
}

#[test]
fn the_modules_own_maximum_refuses() {
    let report = exhausted(start("1 2", &Limits::default()).call_i32("build", &[2]));
    assert_eq!((report.limit, report.max_pages), (Limit::Module, 2));
    let report = exhausted(start("1 2", &capped(100)).call_i32("build", &[2]));
    assert_eq!((report.limit, report.max_pages), (Limit::Module, 2));
}

#[test]
fn a_delta_beyond_four_gib_counts() {
    let report = exhausted(start("1", &Limits::default()).call_i32("build", &[70_000]));
    assert_eq!(
        (report.limit, report.refused_pages, report.max_pages),
        (Limit::Module, 70_000, 65_536)
    );
    let report = exhausted(start("1", &capped(3)).call_i32("build", &[u32::MAX]));
    assert_eq!(
        (report.limit, report.refused_pages),
        (Limit::Flag, u64::from(u32::MAX))
    );
}

#[test]
fn an_unreachable_of_the_program_after_a_refused_growth_is_a_plain_trap() {
    let mut instance = start("1", &capped(2));
    let (message, backtrace) = trapped(instance.call_i32("program_asserts_after_probing", &[9]));
    assert!(message.contains("unreachable"), "{message}");
    assert_eq!(instance.refused_growths(), 1);
    assert_eq!(backtrace.len(), 1);
}

#[test]
fn an_unreachable_of_the_conformer_after_growth_that_succeeded_is_a_plain_trap() {
    let mut instance = start("1", &capped(3));
    trapped(instance.call_i32("conformer_traps_after_growth", &[9]));
    assert_eq!(
        (instance.refused_growths(), instance.memory_pages()),
        (1, 2)
    );
}

#[test]
fn a_wrong_handle_is_never_exhaustion() {
    let (_, backtrace) =
        trapped(start("1", &capped(2)).call_i32("wrong_handle_after_probing", &[9]));
    assert_eq!(
        backtrace[0].to_string(),
        "sigil:allocator/scope@0.1.0#exit-scope"
    );
}

#[test]
fn a_refusal_of_an_earlier_call_is_forgotten() {
    let mut instance = start("1", &capped(2));
    assert_eq!(instance.call_i32("grow", &[9]).unwrap(), Some(u32::MAX));
    trapped(instance.call_i32("conformer_traps_after_growth", &[0]));
    assert_eq!(instance.grow_memory(9), None);
    trapped(instance.call_i32("wrong_handle_after_probing", &[0]));
}

#[test]
fn a_trap_of_another_kind_keeps_the_engines_words() {
    let (message, _) = trapped(start("1", &Limits::default()).call_i32("divide", &[]));
    assert!(message.contains("divide by zero"), "{message}");
}

#[test]
fn the_instance_works_after_exhaustion() {
    let mut instance = start("1", &capped(3));
    exhausted(instance.call_i32("build", &[3]));
    assert_eq!(instance.call_i32("build", &[2]).unwrap(), Some(65_536));
    exhausted(instance.call_i32("build", &[1]));
    instance.set_max_heap_pages(Some(4));
    assert_eq!(instance.call_i32("build", &[1]).unwrap(), Some(3 * 65_536));
    assert_eq!(instance.refused_growths(), 2);
}

#[test]
fn a_lone_conformer_needs_no_record() {
    let wasm = wat::parse_str(
        r#"(module
          (memory (export "memory") 1 1)
          (func $helper (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)))
          (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) (call $helper) (i32.const 8))
          (func (export "sigil:allocator/scope@0.1.0#exit-scope") (param i32) (call $helper)))"#,
    )
    .unwrap();
    let module = Module::new(&Engine::new().unwrap(), &wasm)
        .unwrap()
        .with_allocator_name("tiny");
    let mut instance = Instance::new(&module, &Limits::default(), None).unwrap();
    let report = exhausted(instance.call_i32("sigil:allocator/core@0.1.0#alloc", &[1]));
    assert_eq!(
        (report.allocator.as_str(), report.call.as_str()),
        ("tiny", "alloc")
    );
    assert_eq!(report.requested_bytes, None);
    trapped(instance.call_i32("sigil:allocator/scope@0.1.0#exit-scope", &[1]));
}

#[test]
fn without_a_record_the_names_tell() {
    let wasm = wat::parse_str(
        r#"(module
          (memory 1 1)
          (func $grow (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)))
          (func $alloc (@name "cm32p2|sigil:allocator/core@0.1|realloc") (call $grow))
          (func (export "through") (call $alloc))
          (func (export "around") (call $grow)))"#,
    )
    .unwrap();
    let module = Module::new(&Engine::new().unwrap(), &wasm).unwrap();
    let mut instance = Instance::new(&module, &Limits::default(), None).unwrap();
    assert_eq!(exhausted(instance.call_i32("through", &[])).call, "realloc");
    trapped(instance.call_i32("around", &[]));
}
