;; A block whose value is a pointer:
;;
;;     twice n = scope { show n ++ show n }
;;
;; Enter, the body, promote. `promote` ends the scope: no exit follows (S4). The two texts that were joined are gone,
;; the result is a block of the scope around.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param $to i32) (param $from i32) (param $n_bytes i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 16))

  (func $twice (param $number i32) (result i32)
    (local $scope i32) (local $text i32)
    (local.set $scope (call $enter_scope))
    (local.set $text (call $concat (call $show (local.get $number)) (call $show (local.get $number))))
    (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))

  ;; A number in decimal, as a text: [length][bytes].
  (func $show (param $number i32) (result i32)
    (local $text i32) (local $rest i32) (local $n i32)
    (local.set $rest (local.get $number))
    (loop $count
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $count (local.tee $rest (i32.div_u (local.get $rest) (i32.const 10)))))
    (local.set $text (call $alloc (i32.add (local.get $n) (i32.const 4))))
    (i32.store (local.get $text) (local.get $n))
    (loop $digit
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (i32.store8 offset=4 (i32.add (local.get $text) (local.get $n))
        (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $digit (local.get $n)))
    (local.get $text))

  (func $concat (param $left i32) (param $right i32) (result i32)
    (local $n_left i32) (local $n_right i32) (local $text i32)
    (local.set $n_left (i32.load (local.get $left)))
    (local.set $n_right (i32.load (local.get $right)))
    (local.set $text
      (call $alloc (i32.add (i32.add (local.get $n_left) (local.get $n_right)) (i32.const 4))))
    (i32.store (local.get $text) (i32.add (local.get $n_left) (local.get $n_right)))
    (call $mem_copy
      (i32.add (local.get $text) (i32.const 4))
      (i32.add (local.get $left) (i32.const 4)) (local.get $n_left))
    (call $mem_copy
      (i32.add (i32.add (local.get $text) (i32.const 4)) (local.get $n_left))
      (i32.add (local.get $right) (i32.const 4)) (local.get $n_right))
    (local.get $text))

  ;; All of a text's bytes, the length included: what `promote` is told.
  (func $size (param $text i32) (result i32)
    (i32.add (i32.load (local.get $text)) (i32.const 4)))

  ;; Allocates and writes over what it gets: what points to freed memory shows.
  (func $spoil
    (local $n i32)
    (loop $again
      (i64.store (call $alloc (i32.const 8)) (i64.const -1))
      (i64.store offset=24 (call $alloc (i32.const 32)) (i64.const -1))
      (br_if $again
        (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 32)))))

  ;; 0, or which check failed.
  (func (export "run") (result i32)
    (local $n i32) (local $scope i32) (local $text i32) (local $pages i32)
    (local.set $pages (memory.size))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (local.set $scope (call $enter_scope))
      (local.set $text (call $twice (i32.const 4711)))
      (call $spoil)
      (if (i32.ne (i32.load (local.get $text)) (i32.const 8)) (then (return (i32.const 1))))
      ;; "47114711", read as a number.
      (if (i64.ne (i64.load offset=4 align=4 (local.get $text)) (i64.const 0x3131373431313734))
        (then (return (i32.const 2))))
      (call $exit_scope (local.get $scope))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 1)))
      (then (return (i32.const 3))))
    (i32.const 0)))
