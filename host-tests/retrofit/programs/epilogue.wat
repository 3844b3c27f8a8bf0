;; An arena that is closed once more where no path leads: a compiler emits its epilogue after a `return`, too.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func $f (param $n i32) (result i32) (local $saved i32) (local $p i32)
    (local.set $saved (global.get $bump))
    (local.set $p (call $alloc (i32.const 16)))
    (if (i32.eqz (local.get $n))
      (then (return (i32.const 1)) (global.set $bump (local.get $saved))))
    (global.set $bump (local.get $saved))
    (return (i32.const 5))
    (global.set $bump (local.get $saved))
    (i32.const 7))
  (func (export "run")
    (call $print (call $f (i32.const 0)))
    (call $print (call $f (i32.const 1)))))
