//! Instances: calls, memory, fuel, WASI, and the errors before anything runs.

use sigil_host::{
    CapBelowInitial, ComponentInstance, Engine, Failure, Instance, Limits, Module, Value, Wasi,
};

fn module(engine: &Engine, wat: &str) -> Module {
    Module::new(engine, &wat::parse_str(wat).unwrap()).unwrap()
}

fn start(wat: &str) -> Result<Instance, Failure> {
    Instance::new(
        &module(&Engine::new().unwrap(), wat),
        &Limits::default(),
        None,
    )
}

#[track_caller]
fn host_error<T>(result: Result<T, Failure>) -> anyhow::Error {
    match result {
        Err(Failure::Host(error)) => error,
        Err(other) => panic!("expected an error of the host, got {other:?}"),
        Ok(_) => panic!("expected an error of the host"),
    }
}

#[test]
fn calls_with_all_number_types() {
    let mut instance = start(
        r#"(module (func (export "f") (param i32 i64 f32 f64) (result f64 f32 i64 i32)
             local.get 3 local.get 2 local.get 1 local.get 0))"#,
    )
    .unwrap();
    let args = [
        Value::I32(-1),
        Value::I64(i64::MIN),
        Value::F32(1.5),
        Value::F64(-0.25),
    ];
    let mut back = instance.call("f", &args).unwrap();
    back.reverse();
    assert_eq!(back, args);
    assert_eq!(
        instance.signature("f").unwrap().to_string(),
        "(i32, i64, f32, f64) -> (f64, f32, i64, i32)"
    );
}

#[test]
fn a_missing_function_is_answered_with_those_that_exist() {
    let mut instance = start(r#"(module (func (export "a")) (func (export "b")))"#).unwrap();
    let error = format!("{:#}", host_error(instance.call("c", &[])));
    assert!(error.contains("`c`: it exports `a`, `b`"), "{error}");
    let error = format!("{:#}", host_error(instance.call("a", &[Value::I32(1)])));
    assert!(error.contains("cannot call `a`"), "{error}");
}

#[test]
fn the_imported_memory_is_provided_and_seen_from_both_sides() {
    let mut instance = start(
        r#"(module (import "env" "memory" (memory 2 5))
             (func (export "read") (result i32) (i32.load (i32.const 65536))))"#,
    )
    .unwrap();
    assert_eq!(
        (instance.memory_pages(), instance.memory().len()),
        (2, 2 * 65_536)
    );
    instance.memory()[65_536..65_540].copy_from_slice(&7u32.to_le_bytes());
    assert_eq!(instance.call_i32("read", &[]).unwrap(), Some(7));
    assert_eq!(
        (instance.grow_memory(3), instance.grow_memory(1)),
        (Some(2), None)
    );
    assert_eq!(instance.refused_growths(), 1);
}

#[test]
fn memory_grown_from_outside_is_the_programs() {
    let mut instance = start(
        r#"(module (memory (export "heap") 1)
             (func (export "size") (result i32) memory.size)
             (func (export "read") (param i32) (result i32) (i32.load (local.get 0))))"#,
    )
    .unwrap();
    assert!(matches!(
        instance.call_i32("read", &[65_536]),
        Err(Failure::Trap {
            unreachable: false,
            ..
        })
    ));
    assert_eq!(instance.grow_memory(2), Some(1));
    assert_eq!(instance.call_i32("size", &[]).unwrap(), Some(3));
    assert_eq!(instance.call_i32("read", &[65_536]).unwrap(), Some(0));
}

#[test]
fn addresses_above_two_gib_are_read_back_unsigned() {
    let mut instance = start(
        r#"(module (memory (export "memory") 1)
             (func (export "high") (result i32)
               (drop (memory.grow (i32.const 40000)))
               (i32.store (i32.const 0x9000_0000) (i32.const -2))
               (i32.const 0x9000_0000)))"#,
    )
    .unwrap();
    let address = instance.call_i32("high", &[]).unwrap().unwrap();
    assert_eq!((address, instance.memory_pages()), (0x9000_0000, 40_001));
    let start = address as usize;
    assert_eq!(instance.memory()[start..start + 4], (-2i32).to_le_bytes());
}

#[test]
fn a_fault_names_its_address() {
    let mut instance =
        start(r#"(module (memory 1) (func (export "f") (drop (i32.load (i32.const 0x20000)))))"#)
            .unwrap();
    let Err(Failure::Trap { message, .. }) = instance.call("f", &[]) else {
        panic!("expected a trap")
    };
    assert!(
        message.contains("out of bounds memory access") && message.contains("0x20000"),
        "{message}"
    );
}

#[test]
fn a_loop_runs_out_of_fuel_and_can_be_given_more() {
    let engine = Engine::metered().unwrap();
    let module = module(
        &engine,
        r#"(module (func (export "spin") (loop (br 0))) (func (export "one") (result i32) (i32.const 1)))"#,
    );
    let limits = Limits {
        fuel: Some(10_000),
        ..Limits::default()
    };
    let mut instance = Instance::new(&module, &limits, None).unwrap();
    assert!(matches!(
        instance.call("spin", &[]),
        Err(Failure::OutOfFuel)
    ));
    assert_eq!(instance.fuel(), Some(0));
    instance.set_fuel(100).unwrap();
    assert_eq!(instance.call_i32("one", &[]).unwrap(), Some(1));
    let plain = Module::new(&Engine::new().unwrap(), b"\0asm\x01\0\0\0").unwrap();
    host_error(Instance::new(&plain, &limits, None));
}

const HELLO: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\03\00\00\00")
  (data (i32.const 16) "hi\0a")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 7))))"#;

#[test]
fn a_command_writes_and_exits_with_its_status() {
    let module = module(&Engine::new().unwrap(), HELLO);
    let mut instance = Instance::new(
        &module,
        &Limits::default(),
        Some(Wasi::new().args(["hello"])),
    )
    .unwrap();
    assert_eq!(instance.run_command().unwrap(), 7);
    assert_eq!(instance.take_stdout(), b"hi\n");
    assert_eq!(instance.take_stdout(), b"");
    assert!(matches!(
        instance.call("_start", &[]),
        Err(Failure::Exit(7))
    ));
    assert_eq!(instance.take_stdout(), b"hi\n");
}

#[test]
fn a_command_that_returns_has_status_zero() {
    assert_eq!(
        start(r#"(module (func (export "_start")))"#)
            .unwrap()
            .run_command()
            .unwrap(),
        0
    );
}

#[test]
fn all_missing_imports_are_named_with_what_to_do() {
    let error = host_error(start(
        r#"(module
          (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
          (import "mine" "f" (func)))"#,
    ))
    .to_string();
    for part in [
        "`sigil:allocator/core@0.1.0` `alloc`",
        "`mine` `f`",
        "`sigil link`",
        "WASI preview 1",
    ] {
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[test]
fn a_cap_below_the_initial_memory_is_a_typed_error() {
    for wat in [
        r#"(module (memory 3))"#,
        r#"(module (import "env" "memory" (memory 3)))"#,
    ] {
        let module = module(&Engine::new().unwrap(), wat);
        let limits = Limits {
            max_heap_pages: Some(2),
            ..Limits::default()
        };
        let error = host_error(Instance::new(&module, &limits, None));
        assert_eq!(
            error.downcast_ref(),
            Some(&CapBelowInitial {
                cap_pages: 2,
                initial_pages: 3
            })
        );
        assert!(error.to_string().contains("--max-heap=3"), "{error}");
    }
}

#[test]
fn the_cap_is_on_memory_zero_alone() {
    let module = module(
        &Engine::new().unwrap(),
        r#"(module (memory $a (export "memory") 1) (memory $b 4)
             (func (export "other") (result i32) (memory.grow $b (i32.const 9)))
             (func (export "heap") (result i32) (memory.grow $a (i32.const 9))))"#,
    );
    let limits = Limits {
        max_heap_pages: Some(2),
        ..Limits::default()
    };
    let mut instance = Instance::new(&module, &limits, None).unwrap();
    assert_eq!(instance.call_i32("other", &[]).unwrap(), Some(4));
    assert_eq!(instance.call_i32("heap", &[]).unwrap(), Some(u32::MAX));
}

/// A component that exports one function of the interface, and imports the types-only interface as generated ones do.
const COMPONENT: &str = r#"(component
  (import "sigil:allocator/types@0.1.0" (instance (type $u u32) (export "ptr" (type (eq $u)))))
  (core module $m
    (memory (export "memory") 1 3)
    (func (export "alloc") (param i32) (result i32)
      (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then unreachable))
      (i32.const 0x8000_0000)))
  (core instance $i (instantiate $m))
  (func $alloc (param "size" u32) (result u32) (canon lift (core func $i "alloc")))
  (instance $core (export "alloc" (func $alloc)))
  (export "sigil:allocator/core@0.1.0" (instance $core)))"#;

#[test]
fn a_component_is_called_by_interface_and_function() {
    let wasm = wat::parse_str(COMPONENT).unwrap();
    let core = "sigil:allocator/core@0.1.0";
    let engine = Engine::new().unwrap();
    let mut instance = ComponentInstance::new(&engine, &wasm, &Limits::default())
        .unwrap()
        .with_allocator_name("toy");
    assert_eq!(
        instance.call(core, "alloc", &[1]).unwrap(),
        Some(0x8000_0000)
    );
    assert!(instance.has(core, "alloc") && !instance.has(core, "realloc"));
    let error = host_error(instance.call(core, "realloc", &[])).to_string();
    assert!(
        error.contains("it exports `sigil:allocator/core@0.1.0`"),
        "{error}"
    );

    instance.set_max_heap_pages(Some(2));
    let report = match instance.call(core, "alloc", &[1]) {
        Err(Failure::Exhausted(report)) => *report,
        other => panic!("expected exhaustion, got {other:?}"),
    };
    assert_eq!(
        (report.allocator.as_str(), report.call.as_str()),
        ("toy", "alloc")
    );
    assert_eq!((report.memory_pages, report.max_pages), (2, 2));

    // The component model forbids to enter again after a trap.
    assert!(instance.call(core, "alloc", &[0]).is_err());
    instance.respawn().unwrap();
    assert_eq!(
        instance.call(core, "alloc", &[1]).unwrap(),
        Some(0x8000_0000)
    );
}

#[test]
fn a_components_cap_below_its_initial_memory_is_a_typed_error() {
    let limits = Limits {
        max_heap_pages: Some(0),
        ..Limits::default()
    };
    let error = host_error(ComponentInstance::new(
        &Engine::new().unwrap(),
        &wat::parse_str(COMPONENT).unwrap(),
        &limits,
    ));
    assert_eq!(
        error.downcast_ref(),
        Some(&CapBelowInitial {
            cap_pages: 0,
            initial_pages: 1
        })
    );
}
