;; A vector that grows by realloc, twice its size each time, between other blocks; and shrinks at last.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run")
    (local $saved i32) (local $v i32) (local $capacity i32) (local $i i32) (local $sum i32)
    (local.set $saved (global.get $bump))
    (local.set $capacity (i32.const 4))
    (local.set $v (call $alloc (i32.const 16)))
    (loop $push
      (if (i32.eq (local.get $i) (local.get $capacity))
        (then
          (if (i32.and (local.get $capacity) (i32.const 0x55555555))
            (then (drop (call $alloc (i32.const 5)))
                  (call $align_heap)))
          (local.set $v (call $realloc
            (local.get $v)
            (i32.shl (local.get $capacity) (i32.const 2))
            (i32.shl (local.get $capacity) (i32.const 3))))
          (local.set $capacity (i32.shl (local.get $capacity) (i32.const 1)))))
      (i32.store (i32.add (local.get $v) (i32.shl (local.get $i) (i32.const 2))) (local.get $i))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $push (i32.lt_u (local.get $i) (i32.const 50000))))
    (loop $add
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add
        (i32.rotl (local.get $sum) (i32.const 3))
        (i32.load (i32.add (local.get $v) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $add (local.get $i)))
    (call $print (local.get $sum))
    (local.set $v (call $realloc (local.get $v) (i32.const 200000) (i32.const 8)))
    (call $print (i32.load offset=4 (local.get $v)))
    (global.set $bump (local.get $saved))))
