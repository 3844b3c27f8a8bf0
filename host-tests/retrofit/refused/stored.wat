;; The pointer is kept in memory, where nobody sees what becomes of it.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run")
    (i32.store (i32.const 16) (global.get $bump))
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (i32.load (i32.const 16)))))
