;; An optimizer put the allocator into its caller.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (result i32) (local $p i32)
    (local.set $p (global.get $bump))
    (global.set $bump (i32.add (local.get $p) (i32.const 16)))
    (i32.store (local.get $p) (i32.const 1))
    (local.get $p)))
