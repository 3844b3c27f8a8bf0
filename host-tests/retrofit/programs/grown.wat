;; Literals and blocks that are grown and still read: the old block stays what it was.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "\05\00\00\00hello   ")
  ;; prelude
  (func (export "run") (local $p i32) (local $q i32) (local $i i32)
    (local.set $p (call $realloc (i32.const 1024) (i32.const 12) (i32.const 64)))
    (local.set $q (call $alloc (i32.const 16)))
    (i32.store (local.get $q) (i32.const 7))
    (i32.store (call $realloc (local.get $q) (i32.const 16) (i32.const 64)) (i32.const 8))
    ;; Whatever was freed by that is handed out again.
    (loop $again
      (memory.fill (call $alloc (i32.const 12)) (i32.const 0x55) (i32.const 12))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 50))))
    (call $print (i32.load (i32.const 1024)))
    (call $print (i32.load (local.get $p)))
    (call $print (i32.load (local.get $q)))))
