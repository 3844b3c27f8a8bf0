;; The heap is reset by a function that is called while a scope is open: what that scope closes then is none.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func $reset (global.set $bump (global.get $heap_base)))
  (func (export "run") (local $saved i32)
    (local.set $saved (global.get $bump))
    (drop (call $alloc (i32.const 100)))
    (call $reset)
    (global.set $bump (local.get $saved))))
