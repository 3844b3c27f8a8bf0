;; Every way of aligning the pointer that does nothing else with it.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  ;; By way of locals, as a compiler puts what has a name.
  (func $by_locals (local $p i32) (local $q i32)
    (local.set $p (call $heap_get))
    (local.set $q (call $align_up (local.get $p) (i32.const 8)))
    (call $heap_set (local.get $q)))
  (func $by_division
    (call $heap_set (i32.mul (i32.div_u (i32.add (call $heap_get) (i32.const 7)) (i32.const 8)) (i32.const 8))))
  (func $by_mask
    (global.set $bump (i32.and
      (i32.add (global.get $bump) (i32.sub (i32.const 4) (i32.const 1)))
      (i32.xor (i32.const 3) (i32.const -1)))))
  (func (export "run") (local $p i32)
    (drop (call $alloc (i32.const 3)))
    (call $by_locals)
    (call $print (i32.and (call $alloc (i32.const 3)) (i32.const 7)))
    (call $by_division)
    (call $print (i32.and (call $alloc (i32.const 3)) (i32.const 7)))
    (call $by_mask)
    (call $print (i32.and (call $alloc (i32.const 3)) (i32.const 3)))
    (call $align_heap)
    (call $print (i32.and (call $alloc (i32.const 3)) (i32.const 3)))))
