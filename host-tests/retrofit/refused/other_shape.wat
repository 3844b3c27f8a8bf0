;; The names are there, and mean something else.
(module
  (memory (export "memory") 1)
  (global $bump (mut i32) (i32.const 1024))
  (func (export "alloc") (param $n i64) (result i64)
    (global.set $bump (i32.add (global.get $bump) (i32.wrap_i64 (local.get $n))))
    (i64.const 0))
  (func (export "mem_copy") (param i32 i32 i32) (result i32) (local.get 0)))
