;; Which of the two is the pointer?
(module
  (memory (export "memory") 1)
  (global $bump (mut i32) (i32.const 1024))
  (global $count (mut i32) (i32.const 0))
  (func (export "alloc") (param $n i32) (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.set $bump (i32.add (global.get $bump) (local.get $n)))
    (i32.sub (global.get $bump) (local.get $n))))
