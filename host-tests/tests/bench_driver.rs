//! The driver of the benches notices a heap that is wrong: otherwise its figures would say nothing.
//!
//! Needs `target/conformers` and `target/bench/guests`; `cargo xtask test` builds them.

#[path = "../benches/heaps/modules.rs"]
mod modules;

use modules::{conformer, linked};
use wasmtime::{Engine, Instance, Module, Store, Trap, Val};

/// A heap that gives out its 16,777,216 bytes once, `$stride` of a size apart.
const HEAP: &str = r#"(module
  (import "env" "memory" (memory 0))
  (import "env" "__heap_base" (global $heap-base i32))
  (global $next (mut i32) (i32.const 0))
  (func $alloc (export "sigil:allocator/core@0.1.0#alloc") (param $size i32) (result i32)
    (local $block i32)
    (if (i32.eqz (global.get $next))
      (then
        (global.set $next (i32.and (i32.add (global.get $heap-base) (i32.const 7)) (i32.const -8)))
        (drop (memory.grow (i32.const 256)))))
    (local.set $block (global.get $next))
    (global.set $next (i32.add (local.get $block) STRIDE))
    (local.get $block))
  (func (export "sigil:allocator/core@0.1.0#realloc") (param i32 i32 i32) (result i32)
    (local $block i32)
    (if (i32.le_u (local.get 2) (local.get 1)) (then (return (local.get 0))))
    (local.set $block (call $alloc (local.get 2)))
    (memory.copy (local.get $block) (local.get 0) (COPIED))
    (local.get $block))
  (func (export "sigil:allocator/core@0.1.0#mem-copy") (param i32 i32 i32)
    (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "sigil:allocator/scope@0.1.0#enter-scope") (result i32) (global.get $next))
  (func (export "sigil:allocator/scope@0.1.0#exit-scope") (param i32))
  (func (export "sigil:allocator/scope@0.1.0#promote") (param i32 i32 i32) (result i32)
    (local.get 1))
  (func (export "sigil:allocator-ext/sized@0.1.0#free") (param i32 i32)))"#;

/// Every workload of the driver, with arguments for which [`HEAP`] has room.
const WORKLOADS: &[(&str, &[u32])] = &[
    ("a", &[2]),
    ("a_scopes", &[2]),
    ("b", &[2]),
    ("b_scopes", &[2]),
    ("c", &[20]),
    ("c_scopes", &[20]),
    ("d", &[300, 5_000, 1]),
    ("trees", &[1]),
    ("compile", &[1]),
    ("compile_scopes", &[1]),
];

/// Those whose blocks move with their contents.
const GROWING: &[&str] = &["c", "c_scopes", "d", "compile", "compile_scopes"];

const RIGHT: &str = "(i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))";
const ALL: &str = "local.get 1";

/// The driver over a conformer.
fn driver(conformer: &[u8]) -> Module {
    Module::new(&Engine::default(), linked("sigil-frees", conformer, false)).unwrap()
}

/// What a workload returns, or its trap.
fn run(driver: &Module, workload: &str, arguments: &[u32]) -> Result<i32, Trap> {
    let mut store = Store::new(driver.engine(), ());
    let instance = Instance::new(&mut store, driver, &[]).unwrap();
    let function = instance.get_func(&mut store, workload).unwrap();
    let arguments: Vec<Val> = arguments.iter().map(|&n| Val::I32(n as i32)).collect();
    let mut digest = [Val::I32(0)];
    let outcome = function.call(&mut store, &arguments, &mut digest);
    outcome
        .map(|()| digest[0].unwrap_i32())
        .map_err(|error| *error.downcast_ref::<Trap>().expect("a trap"))
}

/// The driver over [`HEAP`].
fn over_heap(stride: &str, copied: &str) -> Module {
    let wat = HEAP.replace("STRIDE", stride).replace("COPIED", copied);
    driver(&wat::parse_str(wat).unwrap())
}

#[test]
fn two_right_heaps_give_one_digest() {
    let (simple, freelist) = (over_heap(RIGHT, ALL), driver(&conformer("freelist")));
    for (workload, arguments) in WORKLOADS {
        let digests = [&simple, &freelist].map(|driver| run(driver, workload, arguments).unwrap());
        assert_eq!(digests[0], digests[1], "{workload}");
    }
}

/// The digest is another one, or a check of the driver traps.
#[test]
fn blocks_that_share_bytes_are_noticed() {
    let (right, sharing) = (over_heap(RIGHT, ALL), over_heap("(i32.const 0)", ALL));
    for (workload, arguments) in WORKLOADS {
        let expected = run(&right, workload, arguments);
        let found = run(&sharing, workload, arguments);
        assert_ne!(found, expected, "{workload}");
    }
}

#[test]
fn contents_that_a_realloc_loses_are_noticed() {
    let (right, losing) = (over_heap(RIGHT, ALL), over_heap(RIGHT, "i32.const 0"));
    for (workload, arguments) in WORKLOADS.iter().filter(|(name, _)| GROWING.contains(name)) {
        let expected = run(&right, workload, arguments);
        let found = run(&losing, workload, arguments);
        assert_ne!(found, expected, "{workload}");
    }
}
