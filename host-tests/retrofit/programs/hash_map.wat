;; A hash map from numbers to numbers, open addressing: [capacity, count, (key, value) …]; a key of 0 is none.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func $make (param $capacity i32) (result i32) (local $m i32) (local $i i32)
    (local.set $m (call $alloc_array (local.get $capacity) (i32.const 8)))
    ;; Nobody promises zeros.
    (loop $clear
      (i64.store offset=4 align=4 (i32.add (local.get $m) (i32.shl (local.get $i) (i32.const 3))) (i64.const 0))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $clear (i32.lt_u (local.get $i) (local.get $capacity))))
    (local.get $m))
  (func $slot (param $m i32) (param $key i32) (result i32) (local $i i32) (local $p i32)
    (local.set $i (i32.mul (local.get $key) (i32.const 0x9E3779B1)))
    (loop $next (result i32)
      (local.set $i (i32.and (local.get $i) (i32.sub (i32.load (local.get $m)) (i32.const 1))))
      (local.set $p (i32.add (i32.add (local.get $m) (i32.const 4)) (i32.shl (local.get $i) (i32.const 3))))
      (if (i32.or
            (i32.eqz (i32.load (local.get $p)))
            (i32.eq (i32.load (local.get $p)) (local.get $key)))
        (then (return (local.get $p))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
  (func $put (param $m i32) (param $key i32) (param $value i32) (local $p i32)
    (local.set $p (call $slot (local.get $m) (local.get $key)))
    (i32.store (local.get $p) (local.get $key))
    (i32.store offset=4 (local.get $p) (local.get $value)))
  ;; The map with twice the capacity.
  (func $grown (param $m i32) (result i32) (local $n i32) (local $i i32) (local $p i32)
    (local.set $n (call $make (i32.shl (i32.load (local.get $m)) (i32.const 1))))
    (local.set $p (i32.add (local.get $m) (i32.const 4)))
    (loop $each
      (if (i32.load (local.get $p))
        (then (call $put (local.get $n) (i32.load (local.get $p)) (i32.load offset=4 (local.get $p)))))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $each (i32.lt_u (local.get $i) (i32.load (local.get $m)))))
    (local.get $n))
  (func (export "run") (local $saved i32) (local $m i32) (local $i i32) (local $sum i32)
    (local.set $saved (global.get $bump))
    (local.set $m (call $make (i32.const 8)))
    (loop $fill
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.gt_u (i32.shl (local.get $i) (i32.const 1)) (i32.load (local.get $m)))
        (then (local.set $m (call $grown (local.get $m)))))
      (call $put (local.get $m) (i32.mul (local.get $i) (i32.const 7919)) (local.get $i))
      (br_if $fill (i32.lt_u (local.get $i) (i32.const 3000))))
    (loop $read
      (local.set $sum (i32.add
        (i32.rotl (local.get $sum) (i32.const 5))
        (i32.load offset=4 (call $slot (local.get $m) (i32.mul (local.get $i) (i32.const 7919))))))
      (local.set $i (i32.sub (local.get $i) (i32.const 1)))
      (br_if $read (local.get $i)))
    (call $print (local.get $sum))
    (call $print (i32.load (local.get $m)))
    (global.set $bump (local.get $saved))))
