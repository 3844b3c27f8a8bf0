;; All memory is given back at once, between two requests, by setting the pointer to where it began.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $i i32) (local $p i32) (local $sum i32)
    (loop $again
      (local.set $p (call $alloc_array (i32.const 1000) (i32.const 4)))
      (i32.store offset=4000 (local.get $p) (local.get $i))
      (call $leave_open)
      (local.set $sum (i32.add (local.get $sum) (i32.load offset=4000 (local.get $p))))
      (global.set $bump (global.get $heap_base))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 300))))
    (call $print (local.get $sum))
    (call $print (memory.size)))
  (func $leave_open (local $saved i32)
    (local.set $saved (global.get $bump))
    (drop (call $alloc (i32.const 9000)))))
