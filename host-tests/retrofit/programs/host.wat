;; A host that allocates by the exported `alloc` in the middle of an import, inside of an arena, and that grows
;; what it has by the exported `realloc`.
(module
  (import "env" "print" (func $print (param i32)))
  (import "env" "print_string" (func $print_string (param i32)))
  (import "env" "read" (func $read (result i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $saved i32) (local $i i32) (local $s i32) (local $kept i32)
    (local.set $kept (call $line))
    (loop $again
      (local.set $saved (global.get $bump))
      (local.set $s (call $str_concat (call $read) (call $read)))
      (if (i32.lt_u (local.get $i) (i32.const 3)) (then (call $print_string (local.get $s))))
      (global.set $bump (local.get $saved))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 300))))
    (call $print_string (local.get $kept))
    (call $print (memory.size)))
  ;; What the host says, promoted out of an arena that it said it in.
  (func $line (result i32) (local $saved i32) (local $s i32)
    (local.set $saved (global.get $bump))
    (local.set $s (call $read))
    (call $arena_promote (local.get $saved) (local.get $s) (i32.add (i32.load (local.get $s)) (i32.const 4)))))
