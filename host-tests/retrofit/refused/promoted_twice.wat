;; Promoting ends a scope, and here it is ended again.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (result i32) (local $saved i32) (local $p i32)
    (local.set $saved (global.get $bump))
    (local.set $p (call $arena_promote (local.get $saved) (call $alloc (i32.const 8)) (i32.const 8)))
    (global.set $bump (local.get $saved))
    (local.get $p)))
