;; More locals than an index of one byte reaches: those that inlining adds are the first of two bytes.
(module
  (import "env" "memory" (memory 1))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (func (export "last") (param $n i32) (result i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32
      i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (local $last i64)
    (local.set $last (i64.const 5))
    (local.set 126 (call $alloc (local.get $n)))
    (local.set 1 (call $alloc (local.get 126)))
    (i32.store (local.get 1) (local.get 126))
    (select (i32.const -1) (i32.sub (call $alloc (i32.load (local.get 1))) (local.get 126))
      (i64.ne (local.get $last) (i64.const 5)))))
