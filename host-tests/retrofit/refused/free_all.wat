;; The pointer is set to where it began.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run")
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (global.get $heap_base))))
