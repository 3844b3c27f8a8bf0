;; The inner one ends after the outer one, which brings freed blocks back.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $outer i32) (local $inner i32)
    (local.set $outer (global.get $bump))
    (drop (call $alloc (i32.const 8)))
    (local.set $inner (global.get $bump))
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (local.get $outer))
    (global.set $bump (local.get $inner))))
