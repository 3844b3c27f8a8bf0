;; A program whose own data reach over 2^31: its heap base, the first block, everything is above.
(module $high_base
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/bulk@0.1.0" "free-all" (func $free_all))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  ;; 2 GiB and one page, of which the heap has all but the first KiB.
  (memory (export "memory") 32769)
  (global $heap_base (export "__heap_base") i32 (i32.const 0x80000400))
  ;; The program's last data end where the heap begins.
  (data (i32.const 0x800003f8) "\ff\fe\fd\fc\fb\fa\f9\f8")
  (data (i32.const 64) "first block above the heap base\n")
  (data (i32.const 128) "grown and reallocated\n")
  (data (i32.const 192) "static data untouched\n")

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (call $require
      (i32.eqz (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $require (param $holds i32)
    (if (i32.eqz (local.get $holds)) (then unreachable)))

  (func (export "_start")
    (local $first i32) (local $block i32) (local $scope i32) (local $size i32)
    (local.set $first (call $alloc (i32.const 16)))
    (call $require (i32.ge_u (local.get $first) (global.get $heap_base)))
    (i64.store (local.get $first) (i64.const 7))
    (call $print (i32.const 64) (i32.const 32))

    (local.set $scope (call $enter_scope))
    (local.set $size (i32.const 16))
    (local.set $block (call $alloc (local.get $size)))
    (i64.store offset=8 (local.get $block) (i64.const 9))
    (loop $double
      (local.set $block
        (call $realloc (local.get $block) (local.get $size) (i32.shl (local.get $size) (i32.const 1))))
      (call $require (i32.gt_u (local.get $block) (local.get $first)))
      (local.set $size (i32.shl (local.get $size) (i32.const 1)))
      (i32.store8 (i32.sub (i32.add (local.get $block) (local.get $size)) (i32.const 1)) (i32.const 1))
      (br_if $double (i32.lt_u (local.get $size) (i32.const 4000000))))
    (call $require (i64.eq (i64.load offset=8 (local.get $block)) (i64.const 9)))
    (local.set $block (call $promote (local.get $scope) (local.get $block) (i32.const 16)))
    (call $require (i64.eq (i64.load offset=8 (local.get $block)) (i64.const 9)))
    (call $require (i64.eq (i64.load (local.get $first)) (i64.const 7)))
    (call $print (i32.const 128) (i32.const 22))

    (call $free_all)
    (local.set $block (call $alloc (i32.const 64)))
    (call $require (i32.ge_u (local.get $block) (global.get $heap_base)))
    (memory.fill (local.get $block) (i32.const 0) (i32.const 64))
    (call $require (i64.eq (i64.load (i32.const 0x800003f8)) (i64.const 0xf8f9fafbfcfdfeff)))
    (call $print (i32.const 192) (i32.const 22))))
