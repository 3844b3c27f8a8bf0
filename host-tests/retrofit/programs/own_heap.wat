;; A user's own global is called `heap`, and is nobody's bump pointer; an arena is saved on the operand stack, and
;; one in a local by `local.tee`; the pointer is aligned in place.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  (global $heap (export "heap") (mut i32) (i32.const 5))
  ;; prelude
  (table 2 funcref)
  (elem (i32.const 0) $alloc $twice)
  (type $unary (func (param i32) (result i32)))
  (func $twice (param $n i32) (result i32)
    (global.set $heap (i32.add (global.get $heap) (i32.const 1)))
    (i32.mul (local.get $n) (i32.const 2)))
  (func (export "run") (local $saved i32) (local $p i32)
    (global.get $bump)
    (call $work)
    (global.set $bump)
    (drop (local.tee $saved (global.get $bump)))
    ;; A block by the table, of a function that is not there any more.
    (local.set $p (call_indirect (type $unary) (i32.const 4) (i32.const 0)))
    (i32.store (local.get $p) (call_indirect (type $unary) (i32.const 21) (i32.const 1)))
    (global.set $bump (i32.and (i32.add (global.get $bump) (i32.const 7)) (i32.const -8)))
    (i64.store (call $alloc (i32.const 8)) (i64.const 1))
    (call $print (i32.load (local.get $p)))
    (global.set $bump (local.get $saved))
    (call $print (global.get $heap)))
  (func $work
    (i32.store (call $scratch_alloc (i32.const 6)) (i32.const 9))
    (global.set $heap (i32.mul (global.get $heap) (i32.const 10)))))
