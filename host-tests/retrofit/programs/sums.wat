;; Arrays of sums: [tag, payload], where the payload is a number or another sum, matched by the tag.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func $number (param $n i32) (result i32) (local $p i32)
    (local.set $p (call $scratch_alloc (i32.const 8)))
    (i32.store (local.get $p) (i32.const 0))
    (i32.store offset=4 (local.get $p) (local.get $n))
    (local.get $p))
  (func $pair (param $a i32) (param $b i32) (result i32) (local $p i32)
    (local.set $p (call $scratch_alloc (i32.const 12)))
    (i32.store (local.get $p) (i32.const 1))
    (i32.store offset=4 (local.get $p) (local.get $a))
    (i32.store offset=8 (local.get $p) (local.get $b))
    (local.get $p))
  (func $value (param $p i32) (result i32)
    (if (result i32) (i32.load (local.get $p))
      (then (i32.add
        (i32.mul (call $value (i32.load offset=4 (local.get $p))) (i32.const 3))
        (call $value (i32.load offset=8 (local.get $p)))))
      (else (i32.load offset=4 (local.get $p)))))
  (func $tree (param $depth i32) (result i32)
    (if (result i32) (local.get $depth)
      (then (call $pair
        (call $tree (i32.sub (local.get $depth) (i32.const 1)))
        (call $number (local.get $depth))))
      (else (call $number (i32.const 7)))))
  (func (export "run") (local $saved i32) (local $all i32) (local $i i32)
    (local.set $saved (global.get $bump))
    (local.set $all (call $alloc_array (i32.const 12) (i32.const 4)))
    (loop $fill
      (i32.store offset=4
        (i32.add (local.get $all) (i32.shl (local.get $i) (i32.const 2)))
        (call $tree (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $fill (i32.lt_u (local.get $i) (i32.load (local.get $all)))))
    (loop $show
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (call $print (call $value
        (i32.load offset=4 (i32.add (local.get $all) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $show (local.get $i)))
    (call $print (i32.load (local.get $all)))
    (global.set $bump (local.get $saved))))
