;; Saved once, set back in each turn: not a scope, which ends once.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $saved i32) (local $i i32)
    (local.set $saved (global.get $bump))
    (loop $again
      (drop (call $alloc (i32.const 8)))
      (global.set $bump (local.get $saved))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 3))))))
