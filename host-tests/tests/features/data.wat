;; Passive and active segments and a data count; offsets that are sums.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory 1)
  (global $base i32 (i32.add (i32.const 60) (i32.mul (i32.const 2) (i32.const 2))))
  (global (export "__heap_base") i32 (i32.sub (i32.const 2048) (i32.const 1024)))
  (data $passive "passive")
  (data (i32.const 16) "active")
  (data (offset (i32.add (global.get $base) (i32.const 16))) "sum")
  (data $dropped "dropped")
  (func $run (export "run") (result i32)
    (local $block i32)
    (local.set $block (call $alloc (i32.const 8)))
    (memory.init $passive (local.get $block) (i32.const 0) (i32.const 7))
    (data.drop $passive)
    (memory.init $dropped (i32.const 100) (i32.const 0) (i32.const 4))
    (i32.and
      (i32.and
        (i32.eq (i32.load (local.get $block)) (i32.const 0x73736170))
        (i32.eq (i32.load8_u (i32.const 80)) (i32.const 0x73)))
      (i32.and
        (i32.and (i32.ge_u (local.get $block) (i32.const 1024)) (i32.lt_u (local.get $block) (i32.const 1100)))
        (i32.eq (i32.load (i32.const 100)) (i32.const 0x706f7264))))))
