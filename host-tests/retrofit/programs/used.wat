;; A budget: how much of the heap and of an arena is in use. What is printed holds for any allocator.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (local $saved i32) (local $before i32) (local $p i32)
    (local.set $before (call $heap_used))
    (local.set $saved (global.get $bump))
    (local.set $p (call $alloc (i32.const 800)))
    (i32.store (local.get $p) (i32.const 3))
    (call $print (i32.ge_u (call $heap_used) (i32.add (local.get $before) (i32.const 800))))
    (call $print (i32.ge_u (call $arena_used (local.get $saved)) (i32.const 800)))
    (call $print (i32.lt_u (call $arena_used (local.get $saved)) (i32.const 4096)))
    (global.set $bump (local.get $saved))
    (call $print (i32.eq (call $heap_used) (local.get $before)))))
