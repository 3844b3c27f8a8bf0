;; A local that holds a saved pointer is a counter before, and another number afterwards, as optimizers make of it.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $l i32) (local $p i32)
    (local.set $l (i32.const 5))
    (loop $again
      (local.set $p (call $alloc (i32.const 8)))
      (i32.store (local.get $p) (local.get $l))
      (local.set $l (i32.sub (local.get $l) (i32.const 1)))
      (br_if $again (local.get $l)))
    (local.set $l (global.get $bump))
    (i32.store (call $alloc (i32.const 8)) (i32.const 77))
    (if (i32.load (local.get $p))
      (then (global.set $bump (local.get $l)))
      (else
        (local.set $l (call $arena_promote (local.get $l) (local.get $p) (i32.const 4)))
        (call $print (i32.load (local.get $l)))))
    (local.set $l (i32.load (local.get $p)))
    (call $print (local.get $l))))
