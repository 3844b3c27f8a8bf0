;; A loop with a scope for each turn, which keeps something now and then:
;;
;;     longest = ""
;;     for n in 1..100000 {
;;       scope {
;;         let text = show (n * n)
;;         if text.length > longest.length { longest = text }
;;       }
;;     }
;;
;; The scope is entered and ended inside the loop. What the next turns need leaves by `promote`; a turn that keeps
;; nothing ends by `exit-scope`. What was promoted earlier stays until the scope around the loop ends: promote when
;; something new is to be kept, and not in every turn.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 24))
  (data (i32.const 16) "\00\00\00\00")

  (func $longest (param $last i32) (result i32)
    (local $scope i32) (local $n i32) (local $text i32) (local $longest i32)
    (local.set $longest (i32.const 16))
    (loop $next
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (local.set $scope (call $enter_scope))
      (local.set $text (call $show (i32.mul (local.get $n) (local.get $n))))
      (if (i32.gt_u (i32.load (local.get $text)) (i32.load (local.get $longest)))
        (then
          (local.set $longest
            (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text)))))
        (else
          (call $exit_scope (local.get $scope))))
      (br_if $next (i32.lt_u (local.get $n) (local.get $last))))
    (local.get $longest))

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
    (local $text i32) (local $pages i32)
    (local.set $pages (memory.size))
    ;; 65535 is the last number whose square has 32 bits; the first square of ten digits is that of 31623.
    (local.set $text (call $longest (i32.const 65535)))
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 1)))
      (then (return (i32.const 1))))
    (call $spoil)
    (if (i32.ne (i32.load (local.get $text)) (i32.const 10)) (then (return (i32.const 2))))
    ;; "1000014129"
    (if (i64.ne (i64.load offset=4 align=4 (local.get $text)) (i64.const 0x3134313030303031))
      (then (return (i32.const 3))))
    (i32.const 0)))
