;; A second memory with pages of one byte.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory 1)
  (memory $bytes 12 20 (pagesize 1))
  (func $run (export "run") (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 8)))
    (i32.store $bytes (i32.const 8) (local.get $block))
    (i32.and
      (i32.eq (memory.grow $bytes (i32.const 8)) (i32.const 12))
      (i32.eq (i32.load $bytes (i32.const 8)) (local.get $block)))))
