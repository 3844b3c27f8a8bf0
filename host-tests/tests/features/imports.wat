;; Imports of every kind around those of the allocator, memory 0 among them.
(module
  (import "env" "table" (table $table 4 funcref))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "env" "global" (global $global i32))
  (import "env" "memory" (memory 1))
  (import "env" "function" (func $function (param i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter (result i32)))
  (import "env" "mutable" (global $mutable (mut i32)))
  (export "again" (func $function))
  (export "enter" (func $enter))
  (elem (table $table) (i32.const 1) func $function $enter $alloc)
  (func $run (export "run") (result i32)
    (local $block i32)
    (local.set $block (call $alloc (global.get $global)))
    (global.set $mutable (local.get $block))
    (i32.store (local.get $block) (call $function (i32.const 40)))
    (i32.and
      (i32.eq (i32.load (global.get $mutable)) (i32.const 41))
      (i32.and
        (i32.eq (call_indirect $table (param i32) (result i32) (i32.const 1) (i32.const 1)) (i32.const 2))
        (i32.gt_u (call_indirect $table (result i32) (i32.const 2)) (local.get $block))))))
