;; A block whose value is no pointer:
;;
;;     digits n = scope { length (show n) }
;;
;; Enter, the body, exit. The value waits on the operand stack meanwhile.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 16))

  (func $digits (param $number i32) (result i32)
    (local $scope i32)
    (local.set $scope (call $enter_scope))
    (i32.load (call $show (local.get $number)))
    (call $exit_scope (local.get $scope)))

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

  ;; 0, or which check failed.
  (func (export "run") (result i32)
    (local $n i32) (local $sum i32) (local $pages i32)
    (local.set $pages (memory.size))
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $digits (local.get $n))))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100000))))
    (if (i32.ne (local.get $sum) (i32.const 488895)) (then (return (i32.const 1))))
    ;; 100,000 texts, in the memory of one.
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 1)))
      (then (return (i32.const 2))))
    (i32.const 0)))
