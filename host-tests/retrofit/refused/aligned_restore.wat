;; A scope that is closed to a multiple of 4: what looks like alignment frees what was allocated in between.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $saved i32)
    (local.set $saved (global.get $bump))
    (drop (call $alloc (i32.const 1000)))
    (global.set $bump (i32.and (i32.add (local.get $saved) (i32.const 3)) (i32.const -4)))))
