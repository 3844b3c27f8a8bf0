;; A conformer by hand: a bump allocator with all of its state in globals, and without one relocation.
;;
;;   chunk:  [ end | next | blocks and marks ... )    memory that was obtained in one piece
;;   mark:   [ parent | chunk ]                       left at the top by `enter-scope`; its address is the handle
;;
;; Chunks form a list in address order, and are never given back: what a scope or `free-all` left behind
;; is filled again before memory grows. Marks form a list too, from the innermost open scope outwards, so
;; that a handle which is not open is recognised.
(module
  ;; What the linker provides. Everything below the heap base is the program's.
  (import "env" "memory" (memory 0))
  (import "env" "__heap_base" (global $heap-base i32))
  (import "env" "__heap_end" (global $heap-end i32))

  ;; What is promised beyond the contract.
  (@custom "sigil:features" "in-place-grow,shrink-in-place,exact-handles,dense")

  ;; All are 0 until the first call: there is no constructor.
  (global $top (mut i32) (i32.const 0))    ;; the next free address, a multiple of 8
  (global $end (mut i32) (i32.const 0))    ;; the end of the chunk that it lies in
  (global $chunk (mut i32) (i32.const 0))  ;; that chunk
  (global $first (mut i32) (i32.const 0))  ;; the lowest chunk
  (global $scope (mut i32) (i32.const 0))  ;; the innermost open scope's mark

  ;; core

  (func $alloc (export "sigil:allocator/core@0.1.0#alloc") (param $size i32) (result i32)
    (local $block i32)
    (local.set $block (global.get $top))
    ;; The room is exact and the size is not rounded yet, so that nothing wraps. A size that fits to the
    ;; byte takes the long way round as well.
    (if (i32.ge_u (local.get $size) (i32.sub (global.get $end) (local.get $block)))
      (then (return (call $place (global.get $chunk) (local.get $block) (local.get $size)))))
    (global.set $top (i32.add (local.get $block) (call $round-up (local.get $size))))
    (local.get $block))

  (func $realloc (export "sigil:allocator/core@0.1.0#realloc")
    (param $old i32) (param $old-size i32) (param $new-size i32) (result i32)
    (local $block i32)
    (if (i32.eqz (local.get $old))
      (then (return (call $alloc (local.get $new-size)))))
    (if (i32.eq (i32.add (local.get $old) (call $round-up (local.get $old-size))) (global.get $top))
      (then
        ;; The newest block gives up its place, and as a rule gets it again.
        (local.set $block (call $place (global.get $chunk) (local.get $old) (local.get $new-size))))
      (else
        (if (i32.le_u (local.get $new-size) (local.get $old-size))
          (then (return (local.get $old))))
        (local.set $block (call $alloc (local.get $new-size)))))
    (if (i32.ne (local.get $block) (local.get $old))
      (then (memory.copy (local.get $block) (local.get $old)
        (select (local.get $old-size) (local.get $new-size)
          (i32.lt_u (local.get $old-size) (local.get $new-size))))))
    (local.get $block))

  (func $mem-copy (export "sigil:allocator/core@0.1.0#mem-copy")
    (param $dst i32) (param $src i32) (param $n i32)
    (memory.copy (local.get $dst) (local.get $src) (local.get $n)))

  ;; scope

  (func $enter-scope (export "sigil:allocator/scope@0.1.0#enter-scope") (result i32)
    (local $mark i32)
    (local.set $mark (call $alloc (i32.const 8)))
    (i32.store (local.get $mark) (global.get $scope))
    (i32.store offset=4 (local.get $mark) (global.get $chunk))
    (global.set $scope (local.get $mark))
    (local.get $mark))

  (func $exit-scope (export "sigil:allocator/scope@0.1.0#exit-scope") (param $handle i32)
    (call $check-open (local.get $handle))
    (global.set $scope (i32.load (local.get $handle)))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (global.set $top (local.get $handle)))

  (func $promote (export "sigil:allocator/scope@0.1.0#promote")
    (param $handle i32) (param $ptr i32) (param $size i32) (result i32)
    (local $parent i32)
    (local $block i32)
    (call $check-open (local.get $handle))
    (local.set $parent (i32.load (local.get $handle)))
    ;; Traps where memory is exhausted, with the scope still open.
    (local.set $block
      (call $place (i32.load offset=4 (local.get $handle)) (local.get $handle) (local.get $size)))
    (global.set $scope (local.get $parent))
    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))
    (local.get $block))

  ;; bulk

  (func $free-all (export "sigil:allocator/bulk@0.1.0#free-all")
    (global.set $scope (i32.const 0))
    (if (global.get $first)
      (then
        (global.set $chunk (global.get $first))
        (global.set $end (i32.load (global.get $first)))
        (global.set $top (i32.add (global.get $first) (i32.const 8))))))

  ;; Traps if $handle is not an open scope.
  (func $check-open (param $handle i32)
    (local $mark i32)
    (local.set $mark (global.get $scope))
    (loop $outwards
      (if (i32.eqz (local.get $mark))
        (then (unreachable)))
      (if (i32.ne (local.get $mark) (local.get $handle))
        (then
          (local.set $mark (i32.load (local.get $mark)))
          (br $outwards)))))

  ;; Takes $size bytes at $at in $chunk, or else at the start of the first chunk above it with room for
  ;; them. Changes nothing before it has found that room.
  (func $place (param $chunk i32) (param $at i32) (param $size i32) (result i32)
    (local $end i32)
    (loop $upwards
      (if (local.get $chunk)
        (then
          (local.set $end (i32.load (local.get $chunk)))
          (if (i32.le_u (local.get $size) (i32.sub (local.get $end) (local.get $at)))
            (then
              (global.set $chunk (local.get $chunk))
              (global.set $end (local.get $end))
              (global.set $top (i32.add (local.get $at) (call $round-up (local.get $size))))
              (return (local.get $at))))))
      (if (call $extend (local.get $chunk) (local.get $at) (local.get $size))
        (then (br $upwards)))
      (local.set $chunk (call $following (local.get $chunk) (local.get $size)))
      (local.set $at (i32.add (local.get $chunk) (i32.const 8)))
      (br $upwards))
    (unreachable))

  ;; Makes $chunk longer, so that $size bytes fit at $at. Returns 0 where it is not the last chunk, or
  ;; where it does not end where memory does: then the pages behind it are somebody else's.
  (func $extend (param $chunk i32) (param $at i32) (param $size i32) (result i32)
    (local $end i32)
    (if (i32.eqz (local.get $chunk))
      (then (return (i32.const 0))))
    (if (i32.load offset=4 (local.get $chunk))
      (then (return (i32.const 0))))
    (local.set $end (i32.load (local.get $chunk)))
    (if (i64.ne (i64.extend_i32_u (local.get $end)) (call $memory-end))
      (then (return (i32.const 0))))
    (drop (call $grow
      (i64.sub (i64.extend_i32_u (local.get $size))
        (i64.extend_i32_u (i32.sub (local.get $end) (local.get $at))))))
    (i32.store (local.get $chunk) (call $address (call $memory-end)))
    (i32.const 1))

  ;; The chunk after $chunk, or the first one where that is 0; a new one of $size bytes at least where
  ;; there is none.
  (func $following (param $chunk i32) (param $size i32) (result i32)
    (local $next i32)
    (local.set $next
      (if (result i32) (local.get $chunk)
        (then (i32.load offset=4 (local.get $chunk)))
        (else (global.get $first))))
    (if (local.get $next)
      (then (return (local.get $next))))
    (local.set $next (call $round-up (global.get $heap-base)))
    (if (i32.or
          (local.get $chunk)
          (i64.gt_u
            (i64.add (i64.extend_i32_u (local.get $next)) (i64.const 8))
            (i64.extend_i32_u (global.get $heap-end))))
      (then
        (local.set $next
          (call $grow (i64.add (i64.extend_i32_u (local.get $size)) (i64.const 8))))
        (i32.store (local.get $next) (call $address (call $memory-end))))
      (else
        ;; What there was above the heap base when the program was instantiated, and no byte more.
        (i32.store (local.get $next) (global.get $heap-end))))
    (i32.store offset=4 (local.get $next) (i32.const 0))
    (if (local.get $chunk)
      (then (i32.store offset=4 (local.get $chunk) (local.get $next)))
      (else (global.set $first (local.get $next))))
    (local.get $next))

  ;; Grows memory by whole pages for $size bytes; returns the address of the first one. Where that is
  ;; refused, memory is exhausted.
  (func $grow (param $size i64) (result i32)
    (local $pages i32)
    (local.set $pages
      (memory.grow
        (i32.wrap_i64 (i64.shr_u (i64.add (local.get $size) (i64.const 65535)) (i64.const 16)))))
    (if (i32.eq (local.get $pages) (i32.const -1))
      (then (unreachable)))
    (i32.shl (local.get $pages) (i32.const 16)))

  ;; The end of memory, up to 2^32.
  (func $memory-end (result i64)
    (i64.shl (i64.extend_i32_u (memory.size)) (i64.const 16)))

  ;; An end as an address: the last 8 bytes of 4 GiB are not used, because their end is none.
  (func $address (param $end i64) (result i32)
    (if (result i32) (i64.gt_u (local.get $end) (i64.const 0xfffffff8))
      (then (i32.const 0xfffffff8))
      (else (i32.wrap_i64 (local.get $end)))))

  ;; The next multiple of 8.
  (func $round-up (param $size i32) (result i32)
    (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
