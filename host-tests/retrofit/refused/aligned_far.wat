;; Aligned to more than a conformer's blocks are.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (result i32)
    (call $heap_set (call $align_up (call $heap_get) (i32.const 16)))
    (call $alloc (i32.const 16))))
