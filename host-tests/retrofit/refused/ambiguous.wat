;; Two functions of one name, neither of them exported.
(module
  (memory (export "memory") 1)
  (global $bump (mut i32) (i32.const 1024))
  (func $a (@name "alloc") (export "alloc") (param $n i32) (result i32)
    (global.set $bump (i32.add (global.get $bump) (local.get $n)))
    (i32.const 8))
  (func $b (@name "realloc") (param i32 i32 i32) (result i32) (i32.const 8))
  (func $c (@name "realloc") (param i32 i32 i32) (result i32) (i32.const 8)))
