;; The local that holds the saved pointer is a counter later on.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (result i32) (local $l i32)
    (local.set $l (global.get $bump))
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (local.get $l))
    (local.set $l (i32.const 10))
    (i32.mul (local.get $l) (i32.const 2))))
