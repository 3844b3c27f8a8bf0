;; What a local holds depends on the path: a saved pointer, or a number.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (param $c i32) (result i32) (local $l i32)
    (local.set $l (global.get $bump))
    (if (local.get $c) (then (local.set $l (i32.const 10))))
    (i32.mul (local.get $l) (i32.const 2))))
