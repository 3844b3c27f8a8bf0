;; An arena in a loop: it never needs more memory than one turn does, before and after.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $i i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (call $turn (local.get $i))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (call $print (local.get $sum))
    (call $print (memory.size)))
  (func $turn (param $n i32) (result i32) (local $saved i32) (local $a i32) (local $i i32) (local $sum i32)
    (local.set $saved (global.get $bump))
    (local.set $a (call $alloc_array (i32.const 4000) (i32.const 4)))
    (loop $fill
      (i32.store offset=4
        (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2)))
        (i32.add (local.get $i) (local.get $n)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $i) (i32.load (local.get $a)))))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add
        (local.get $sum)
        (i32.load offset=4 (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $add (local.get $i)))
    (global.set $bump (local.get $saved))
    (@metadata.code.branch_hint "\00")
    (if (i32.eqz (local.get $sum)) (then (unreachable)))
    (local.get $sum)))
