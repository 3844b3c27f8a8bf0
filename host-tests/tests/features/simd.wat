;; Vectors across calls of the allocator: in locals, on the stack, in blocks.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory 1)
  (global $lanes (mut v128) (v128.const i32x4 0 0 0 0))
  (func $swap (param v128 v128) (result v128 v128) (local.get 1) (local.get 0))
  (func $run (export "run") (result i32)
    (local $block i32) (local $v v128)
    (local.set $v (v128.const i32x4 1 2 3 4))
    (v128.store (local.tee $block (call $alloc (i32.const 32))) (local.get $v))
    (local.get $block)
    (call $swap
      (i32x4.add (v128.load (local.get $block)) (i32x4.splat (call $alloc (i32.const 16))))
      (i8x16.shuffle 4 5 6 7 0 1 2 3 12 13 14 15 8 9 10 11 (local.get $v) (local.get $v)))
    (global.set $lanes)
    (v128.store offset=16)
    (i32.and
      (i32.eq (i32x4.extract_lane 3 (global.get $lanes)) (i32.add (local.get $block) (i32.const 36)))
      (i32.eq (i32.load offset=16 (local.get $block)) (i32.const 2)))))
