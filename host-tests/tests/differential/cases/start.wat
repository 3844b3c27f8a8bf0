;; The start function allocates, before anything is called (H8).
(module
  (import "env" "memory" (memory 1))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (global $first (export "first") (mut i32) (i32.const 0))
  (func $start (global.set $first (call $alloc (i32.const 12))))
  (start $start)
  (func (export "distance") (result i32)
    (i32.sub (call $alloc (i32.const 3)) (global.get $first))))
