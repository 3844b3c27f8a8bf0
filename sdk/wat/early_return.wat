;; A return out of nested scopes:
;;
;;     find length =
;;       scope {
;;         let prefix = show 7
;;         for n in 1.. {
;;           scope {
;;             let text = prefix ++ show (n * n)
;;             if n > 100 { return "none" }
;;             if text.length == length { return text }
;;           }
;;         }
;;       }
;;
;; A path that leaves several scopes ends the OUTERMOST of those that it leaves, once: that closes what is inside (S2).
;; With a value, by `promote`; with a constant, by `exit-scope`. The path that only ends a turn ends the inner one.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param $to i32) (param $from i32) (param $n_bytes i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 24))
  (data (i32.const 16) "\04\00\00\00none")

  (func $find (param $length i32) (result i32)
    (local $outer i32) (local $inner i32) (local $prefix i32) (local $n i32) (local $text i32)
    (local.set $outer (call $enter_scope))
    (local.set $prefix (call $show (i32.const 7)))
    (loop $next
      (local.set $inner (call $enter_scope))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (local.set $text
        (call $concat (local.get $prefix)
          (call $show (i32.mul (local.get $n) (local.get $n)))))
      (if (i32.gt_u (local.get $n) (i32.const 100))
        (then
          (call $exit_scope (local.get $outer))
          (return (i32.const 16))))
      (if (i32.eq (i32.load (local.get $text)) (local.get $length))
        (then
          (return
            (call $promote (local.get $outer) (local.get $text) (call $size (local.get $text))))))
      (call $exit_scope (local.get $inner))
      (br $next))
    unreachable)

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
    (local $turn i32) (local $text i32) (local $pages i32)
    (local.set $pages (memory.size))
    (loop $again
      (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
      ;; The first square of three digits is 100. Each turn leaves one text: it is this function's.
      (local.set $text (call $find (i32.const 4)))
      (call $spoil_in_scope)
      ;; "7100"
      (if (i32.ne (i32.load offset=4 (local.get $text)) (i32.const 0x30303137))
        (then (return (i32.const 1))))
      (br_if $again (i32.lt_u (local.get $turn) (i32.const 20000))))
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 6)))
      (then (return (i32.const 2))))
    ;; There is no square of 20 digits.
    (local.set $turn (i32.const 0))
    (local.set $pages (memory.size))
    (loop $again
      (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
      (if (i32.ne (call $find (i32.const 20)) (i32.const 16)) (then (return (i32.const 3))))
      (br_if $again (i32.lt_u (local.get $turn) (i32.const 10000))))
    (if (i32.gt_u (memory.size) (local.get $pages)) (then (return (i32.const 4))))
    (i32.const 0))

  (func $spoil_in_scope
    (local $scope i32)
    (local.set $scope (call $enter_scope))
    (call $spoil)
    (call $exit_scope (local.get $scope))))
