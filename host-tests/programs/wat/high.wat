;; Blocks of 300 MB up to and over 2^31, where an address is negative for whoever compares with a sign.
;;
;; `_start` climbs until a block lies across 2^31, then works above it. The exports let a host climb by itself.
;; Only both ends of a block, and the eight bytes around 2^31, are written: the rest is never paged in.
(module $high
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param i32 i32 i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (data (i32.const 64) "a heap of 300 MB\n")
  (data (i32.const 128) "a block across 2^31\n")
  (data (i32.const 192) "scopes above 2^31\n")
  (data (i32.const 256) "reallocated above 2^31\n")
  (data (i32.const 320) "copied above 2^31\n")
  (data (i32.const 384) "2^31 is untouched\n")

  (func $print (param $text i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (call $require
      (i32.eqz (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))

  (func $require (param $holds i32)
    (if (i32.eqz (local.get $holds)) (then unreachable)))

  ;; Writes eight bytes at both ends of a block of 16 bytes or more: they depend on the address.
  (func $write (export "write") (param $block i32) (param $size i32)
    (i64.store align=1 (local.get $block) (call $mark (local.get $block)))
    (local.set $block (i32.sub (i32.add (local.get $block) (local.get $size)) (i32.const 8)))
    (i64.store align=1 (local.get $block) (call $mark (local.get $block))))

  ;; 1 where both ends are as `write` left them.
  (func $is_written (export "is_written") (param $block i32) (param $size i32) (result i32)
    (local $end i32)
    (local.set $end (i32.sub (i32.add (local.get $block) (local.get $size)) (i32.const 8)))
    (i32.and
      (i64.eq (i64.load align=1 (local.get $block)) (call $mark (local.get $block)))
      (i64.eq (i64.load align=1 (local.get $end)) (call $mark (local.get $end)))))

  (func $mark (param $address i32) (result i64)
    (i64.mul (i64.extend_i32_u (local.get $address)) (i64.const 0x9e3779b97f4a7c15)))

  (func (export "alloc_once") (param $size i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (local.get $size)))
    (call $write (local.get $block) (local.get $size))
    (local.get $block))

  (func (export "enter_scope") (result i32) (call $enter_scope))
  (func (export "exit_scope") (param i32) (call $exit_scope (local.get 0)))

  ;; Blocks of `size` bytes until one begins below 2^31 and ends above: that one.
  (func $climb (export "climb") (param $size i32) (result i32)
    (local $block i32) (local $end i32)
    (loop $more
      (local.set $block (call $alloc (local.get $size)))
      (local.set $end (i32.add (local.get $block) (local.get $size)))
      (call $write (local.get $block) (local.get $size))
      ;; In bounds, and neither wrapped nor below its beginning.
      (call $require (i32.gt_u (local.get $end) (local.get $block)))
      (call $require
        (i64.le_u
          (i64.extend_i32_u (local.get $end))
          (i64.mul (i64.extend_i32_u (memory.size)) (i64.const 65536))))
      (call $require (i32.lt_u (local.get $block) (i32.const 0x80000000)))
      (br_if $more (i32.le_u (local.get $end) (i32.const 0x80000004))))
    (local.get $block))

  (func (export "_start")
    (local $first i32) (local $across i32) (local $block i32) (local $next i32) (local $scope i32)
    (local $pages i32) (local $turn i32)
    (local.set $first (call $alloc (i32.const 300000000)))
    (call $write (local.get $first) (i32.const 300000000))
    (call $require (call $is_written (local.get $first) (i32.const 300000000)))
    (call $print (i32.const 64) (i32.const 17))

    (local.set $across (call $climb (i32.const 300000000)))
    (i64.store (i32.const 0x7ffffffc) (call $mark (i32.const 0x7ffffffc)))
    (call $require (call $is_written (local.get $across) (i32.const 300000000)))
    (call $require (call $is_written (local.get $first) (i32.const 300000000)))
    (call $print (i32.const 128) (i32.const 20))

    ;; Scopes above 2^31: closed a hundred times in the memory of one, then one whose result is promoted.
    (local.set $scope (call $enter_scope))
    (local.set $block (call $alloc (i32.const 100000)))
    (call $require (i32.lt_s (local.get $block) (i32.const 0)))
    (call $write (local.get $block) (i32.const 100000))
    (call $exit_scope (local.get $scope))
    (local.set $pages (memory.size))
    (loop $again
      (local.set $scope (call $enter_scope))
      (call $write (call $alloc (i32.const 100000)) (i32.const 100000))
      (call $exit_scope (local.get $scope))
      (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $turn) (i32.const 100))))
    (call $require (i32.eq (memory.size) (local.get $pages)))
    (local.set $scope (call $enter_scope))
    (local.set $next (call $alloc (i32.const 100000)))
    (i64.store offset=50000 (local.get $next) (i64.const 0x0123456789abcdef))
    (local.set $block
      (call $promote (local.get $scope) (i32.add (local.get $next) (i32.const 50000)) (i32.const 8)))
    (call $require (i64.eq (i64.load (local.get $block)) (i64.const 0x0123456789abcdef)))
    (call $print (i32.const 192) (i32.const 18))

    ;; The newest block grows over several pages, and shrinks.
    (local.set $next (call $alloc (i32.const 64)))
    (i64.store offset=56 (local.get $next) (i64.const 0x1122334455667788))
    (local.set $next (call $realloc (local.get $next) (i32.const 64) (i32.const 1000000)))
    (call $require (i64.eq (i64.load offset=56 (local.get $next)) (i64.const 0x1122334455667788)))
    (i64.store offset=999992 (local.get $next) (i64.const 1))
    (local.set $next (call $realloc (local.get $next) (i32.const 1000000) (i32.const 64)))
    (call $require (i64.eq (i64.load offset=56 (local.get $next)) (i64.const 0x1122334455667788)))
    (call $require (i64.eq (i64.load (local.get $block)) (i64.const 0x0123456789abcdef)))
    (call $print (i32.const 256) (i32.const 23))

    ;; Overlapping by all but eight bytes, upwards and back.
    (local.set $block (call $alloc (i32.const 4096)))
    (i64.store (local.get $block) (i64.const 42))
    (i64.store offset=4072 (local.get $block) (i64.const 43))
    (call $mem_copy (i32.add (local.get $block) (i32.const 8)) (local.get $block) (i32.const 4088))
    (call $require (i64.eq (i64.load offset=8 (local.get $block)) (i64.const 42)))
    (call $require (i64.eq (i64.load offset=4080 (local.get $block)) (i64.const 43)))
    (call $mem_copy (local.get $block) (i32.add (local.get $block) (i32.const 8)) (i32.const 4088))
    (call $require (i64.eq (i64.load offset=4072 (local.get $block)) (i64.const 43)))
    (call $print (i32.const 320) (i32.const 18))

    (call $require
      (i64.eq (i64.load (i32.const 0x7ffffffc)) (call $mark (i32.const 0x7ffffffc))))
    (call $require (call $is_written (local.get $across) (i32.const 300000000)))
    (call $print (i32.const 384) (i32.const 18))))
