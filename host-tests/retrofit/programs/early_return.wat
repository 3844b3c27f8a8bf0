;; A return in the middle of an arena skips its end: what it returns lives until the caller's arena ends.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $saved i32) (local $i i32) (local $sum i32) (local $p i32) (local $q i32)
    (loop $again
      (local.set $saved (global.get $bump))
      (local.set $p (call $find (local.get $i)))
      (local.set $q (call $find (i32.add (local.get $i) (i32.const 1))))
      (local.set $sum (i32.add
        (local.get $sum)
        (i32.sub (i32.load (local.get $p)) (i32.load (local.get $q)))))
      (global.set $bump (local.get $saved))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 500))))
    (call $print (local.get $sum))
    (call $print (memory.size)))
  ;; A block with n in it: by an early return where n is odd.
  (func $find (param $n i32) (result i32) (local $saved i32) (local $p i32)
    (local.set $saved (global.get $bump))
    (local.set $p (call $alloc (i32.const 400)))
    (i32.store (local.get $p) (i32.mul (local.get $n) (local.get $n)))
    (if (i32.and (local.get $n) (i32.const 1)) (then (return (local.get $p))))
    (call $arena_promote (local.get $saved) (local.get $p) (i32.const 4))))
