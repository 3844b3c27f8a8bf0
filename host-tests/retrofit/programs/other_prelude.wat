;; Another prelude: what compares the pointer with the end is a function of its own, and an array's header has room
;; for the first element, so that its size is computed by way of a number below zero where it has none.
(module
  (import "env" "print" (func $print (param i32)))
  (memory (export "memory") 1)
  (global $heap_base i32 (i32.const 2048))
  (global $bump (mut i32) (i32.const 2048))

  (func $alloc (export "alloc") (param $n i32) (result i32)
    (local $p i32)
    (local.set $p (global.get $bump))
    (global.set $bump (i32.add (local.get $p) (local.get $n)))
    (block $fits
      (br_if $fits (call $fits_in))
      (if (i32.eq
            (memory.grow (i32.add (i32.shr_u (local.get $n) (i32.const 16)) (i32.const 1)))
            (i32.const -1))
        (then (unreachable))))
    (local.get $p))

  (func $realloc (export "realloc") (param $p i32) (param $old i32) (param $new i32) (result i32)
    (local $q i32)
    (local.set $q (call $alloc (local.get $new)))
    (call $mem_copy (local.get $q) (local.get $p)
      (select (local.get $old) (local.get $new) (i32.lt_u (local.get $old) (local.get $new))))
    (local.get $q))

  (func $mem_copy (export "mem_copy") (param $d i32) (param $s i32) (param $n i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (i32.store8 (local.get $d) (i32.load8_u (local.get $s)))
        (local.set $d (i32.add (local.get $d) (i32.const 1)))
        (local.set $s (i32.add (local.get $s) (i32.const 1)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next))))

  (func $scratch_alloc (export "scratch_alloc") (param $n i32) (result i32)
    (call $alloc (i32.and (i32.add (local.get $n) (i32.const 3)) (i32.const -4))))

  (func $arena_promote (export "arena_promote") (param $saved i32) (param $p i32) (param $n i32) (result i32)
    (call $mem_copy (local.get $saved) (local.get $p) (local.get $n))
    (global.set $bump
      (i32.and (i32.add (i32.add (local.get $saved) (local.get $n)) (i32.const 3)) (i32.const -4)))
    (local.get $saved))

  ;; [count, elements …]
  (func $alloc_array (param $count i32) (param $elem_bytes i32) (result i32)
    (local $p i32)
    (local.set $p
      (call $scratch_alloc (i32.add (i32.mul (i32.sub (local.get $count) (i32.const 1)) (local.get $elem_bytes)) (i32.const 16))))
    (i32.store (local.get $p) (local.get $count))
    (local.get $p))

  ;; [length, bytes …]
  (func $alloc_string (param $len i32) (result i32)
    (local $p i32)
    (local.set $p (call $scratch_alloc (i32.add (local.get $len) (i32.const 4))))
    (i32.store (local.get $p) (local.get $len))
    (local.get $p))

  (func $str_concat (param $a i32) (param $b i32) (result i32)
    (local $p i32) (local $len i32)
    (local.set $len (i32.add (i32.load (local.get $a)) (i32.load (local.get $b))))
    (local.set $p (call $alloc_string (local.get $len)))
    (call $mem_copy
      (i32.add (local.get $p) (i32.const 4))
      (i32.add (local.get $a) (i32.const 4))
      (i32.load (local.get $a)))
    (call $mem_copy
      (i32.add (i32.add (local.get $p) (i32.const 4)) (i32.load (local.get $a)))
      (i32.add (local.get $b) (i32.const 4))
      (i32.load (local.get $b)))
    (local.get $p))

  (func $heap_get (result i32) (global.get $bump))
  (func $heap_set (param $p i32) (global.set $bump (local.get $p)))
  (func $heap_used (result i32) (i32.sub (global.get $bump) (global.get $heap_base)))
  (func $arena_used (param $saved i32) (result i32) (i32.sub (global.get $bump) (local.get $saved)))

  (func $align_up (param $p i32) (param $align i32) (result i32)
    (i32.and
      (i32.add (local.get $p) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))

  ;; The standard library aligns with this before it allocates numbers.
  (func $align_heap
    (call $heap_set (call $align_up (call $heap_get) (i32.const 4))))
  (func $fits_in (result i32)
    (i32.lt_s (global.get $bump) (i32.shl (memory.size) (i32.const 16))))
  (func (export "run") (local $p i32)
    (local.set $p (call $alloc_array (i32.const 0) (i32.const 8)))
    (call $print (i32.load (local.get $p)))
    (local.set $p (call $alloc_array (i32.const 3) (i32.const 8)))
    (call $print (i32.load (local.get $p)))))
