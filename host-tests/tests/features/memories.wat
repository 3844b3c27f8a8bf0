;; Several memories: the allocator lives in memory 0, and the others are left alone.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory $own (export "memory") 1)
  (memory $other (export "other") 2 5)
  (memory $third 1)
  (data (memory $other) (i32.const 65530) "other")
  (data (memory $own) (i32.const 8) "own")
  (func $run (export "run") (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 16)))
    (memory.copy $own $other (local.get $block) (i32.const 65530) (i32.const 5))
    (memory.copy $third $own (i32.const 0) (local.get $block) (i32.const 5))
    (i32.and
      (i32.and
        (i32.eq (i32.load8_u $third (i32.const 4)) (i32.const 0x72))
        (i32.eq (memory.size $other) (i32.const 2)))
      (i32.and
        (i32.eqz (i32.load $other (i32.const 65536)))
        (i32.eq (memory.grow $other (i32.const 3)) (i32.const 2))))))
