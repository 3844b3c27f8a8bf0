;; Atomic accesses to a memory that is not shared, and other memories that are, or have 64-bit addresses.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory 1)
  (memory $shared 1 2 shared)
  (memory $wide i64 1)
  (func $run (export "run") (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 8)))
    (i32.atomic.store (local.get $block) (i32.const 41))
    (drop (i32.atomic.rmw.add (local.get $block) (i32.const 1)))
    (i32.atomic.store $shared (i32.const 8) (i32.atomic.load (local.get $block)))
    (i64.store $wide (i64.const 16) (i64.extend_i32_u (i32.atomic.load $shared (i32.const 8))))
    (i64.eq (i64.load $wide (i64.const 16)) (i64.const 42))))
