;; The pointer is set to an address that is not its first one.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run")
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (i32.const 4096))))
