;; What the compiler of a small functional language emits for
;;
;;     add x = \y -> x + y                          a closure that captures x
;;     compose f g = \x -> f (g x)                  a closure that captures two closures
;;     squares = lazy (map (\x -> x * x) (range 10))   a thunk, forced on demand, once
;;     main = do
;;       print ("add 3 4 = " ++ show (add 3 4))
;;       print ("compose (add 1) (add 10) 31 = " ++ show (compose (add 1) (add 10) 31))
;;       print ("sum squares = " ++ show (sum squares))
;;       print ("sum squares, again = " ++ show (sum squares))
;;       print ("forced " ++ show forced ++ " time(s)")
;;       print ("first square over 30 = " ++ find (\x -> x > 30) squares)
;;       print ("first square over 99 = " ++ find (\x -> x > 99) squares)
;;       repeat 20000 (find (\x -> x > 30) squares)
;;       print "memory stays small"
;;
;; How its values lie in memory (all words are 4 bytes):
;;     bytestring  [length][bytes]
;;     closure     [index into the table][captured values ...]
;;     thunk       [1 once forced][closure before, value after]
;;     list        0, or [head][tail]
;; Each evaluation that yields a bytestring is a scope, whose result is promoted. Code that returns in the
;; middle of a scope leaves through the same `promote`, or closes the scope where the result is a constant.
(module $functional
  (type $code (func (param $self i32) (param $argument i32) (result i32)))

  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param i32 i32 i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  ;; [0, 16) is fd_write's: a vector of one, and the number of bytes written.
  (global (export "__heap_base") i32 (i32.const 1024))
  (global $n_forced (mut i32) (i32.const 0))

  (table funcref (elem $add_inner $composed $square $over $squares_code))

  ;; Bytestrings known at compile time.
  (data (i32.const 64) "\0a\00\00\00add 3 4 = ")
  (data (i32.const 128) "\1e\00\00\00compose (add 1) (add 10) 31 = ")
  (data (i32.const 192) "\0e\00\00\00sum squares = ")
  (data (i32.const 256) "\15\00\00\00sum squares, again = ")
  (data (i32.const 320) "\07\00\00\00forced ")
  (data (i32.const 384) "\08\00\00\00 time(s)")
  (data (i32.const 448) "\17\00\00\00first square over 30 = ")
  (data (i32.const 512) "\17\00\00\00first square over 99 = ")
  (data (i32.const 576) "\04\00\00\00none")
  (data (i32.const 640) "\12\00\00\00memory stays small")
  (data (i32.const 704) "\0c\00\00\00MEMORY GREW\21")
  (data (i32.const 768) "\01\00\00\00\0a")

  ;; --- the runtime ------------------------------------------------------------------------------------

  (func $print (param $text i32)
    (i32.store (i32.const 0) (i32.add (local.get $text) (i32.const 4)))
    (i32.store (i32.const 4) (i32.load (local.get $text)))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable)))

  (func $print_line (param $text i32)
    (call $print (local.get $text))
    (call $print (i32.const 768)))

  (func $apply (param $closure i32) (param $argument i32) (result i32)
    (call_indirect (type $code)
      (local.get $closure) (local.get $argument) (i32.load (local.get $closure))))

  ;; The value of a thunk. The code runs once; the cell is overwritten with what it yields.
  (func $force (param $thunk i32) (result i32)
    (if (i32.eqz (i32.load (local.get $thunk)))
      (then
        (i32.store offset=4 (local.get $thunk)
          (call $apply (i32.load offset=4 (local.get $thunk)) (i32.const 0)))
        (i32.store (local.get $thunk) (i32.const 1))))
    (i32.load offset=4 (local.get $thunk)))

  (func $cons (param $head i32) (param $tail i32) (result i32)
    (local $cell i32)
    (local.set $cell (call $alloc (i32.const 8)))
    (i32.store (local.get $cell) (local.get $head))
    (i32.store offset=4 (local.get $cell) (local.get $tail))
    (local.get $cell))

  (func $concat (param $left i32) (param $right i32) (result i32)
    (local $length i32) (local $text i32)
    (local.set $length (i32.add (i32.load (local.get $left)) (i32.load (local.get $right))))
    (local.set $text (call $alloc (i32.add (local.get $length) (i32.const 4))))
    (i32.store (local.get $text) (local.get $length))
    (call $mem_copy
      (i32.add (local.get $text) (i32.const 4))
      (i32.add (local.get $left) (i32.const 4))
      (i32.load (local.get $left)))
    (call $mem_copy
      (i32.add (i32.add (local.get $text) (i32.const 4)) (i32.load (local.get $left)))
      (i32.add (local.get $right) (i32.const 4))
      (i32.load (local.get $right)))
    (local.get $text))

  ;; A natural number in decimal. The digits are written from the end of a block of ten.
  (func $show (param $number i32) (result i32)
    (local $scope i32) (local $digits i32) (local $at i32)
    (local.set $scope (call $enter_scope))
    (local.set $digits (call $alloc (i32.const 16)))
    (local.set $at (i32.const 16))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (i32.add (local.get $digits) (local.get $at))
        (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10))))
      (local.set $number (i32.div_u (local.get $number) (i32.const 10)))
      (br_if $digit (local.get $number)))
    ;; The length goes in front of the digits: the text begins in the middle of the block.
    (local.set $at (i32.sub (local.get $at) (i32.const 4)))
    (i32.store align=1 (i32.add (local.get $digits) (local.get $at))
      (i32.sub (i32.const 12) (local.get $at)))
    (call $promote (local.get $scope)
      (i32.add (local.get $digits) (local.get $at))
      (i32.sub (i32.const 16) (local.get $at))))

  ;; `prefix ++ show number`: a scope around the evaluation, its result promoted.
  (func $labelled (param $prefix i32) (param $number i32) (result i32)
    (local $scope i32) (local $text i32)
    (local.set $scope (call $enter_scope))
    (local.set $text (call $concat (local.get $prefix) (call $show (local.get $number))))
    (call $promote (local.get $scope) (local.get $text)
      (i32.add (i32.load (local.get $text)) (i32.const 4))))

  ;; --- the program ------------------------------------------------------------------------------------

  (func $add (param $x i32) (result i32)
    (local $closure i32)
    (local.set $closure (call $alloc (i32.const 8)))
    (i32.store (local.get $closure) (i32.const 0))
    (i32.store offset=4 (local.get $closure) (local.get $x))
    (local.get $closure))
  (func $add_inner (type $code)
    (i32.add (i32.load offset=4 (local.get 0)) (local.get 1)))

  (func $compose (param $f i32) (param $g i32) (result i32)
    (local $closure i32)
    (local.set $closure (call $alloc (i32.const 12)))
    (i32.store (local.get $closure) (i32.const 1))
    (i32.store offset=4 (local.get $closure) (local.get $f))
    (i32.store offset=8 (local.get $closure) (local.get $g))
    (local.get $closure))
  (func $composed (type $code)
    (call $apply (i32.load offset=4 (local.get 0))
      (call $apply (i32.load offset=8 (local.get 0)) (local.get 1))))

  (func $square (type $code) (i32.mul (local.get 1) (local.get 1)))

  ;; \x -> x > captured
  (func $over (type $code) (i32.gt_u (local.get 1) (i32.load offset=4 (local.get 0))))

  ;; A closure of one captured value.
  (func $closure (param $code i32) (param $captured i32) (result i32)
    (local $closure i32)
    (local.set $closure (call $alloc (i32.const 8)))
    (i32.store (local.get $closure) (local.get $code))
    (i32.store offset=4 (local.get $closure) (local.get $captured))
    (local.get $closure))

  (func $range (param $from i32) (param $to i32) (result i32)
    (if (result i32) (i32.ge_u (local.get $from) (local.get $to))
      (then (i32.const 0))
      (else
        (call $cons (local.get $from)
          (call $range (i32.add (local.get $from) (i32.const 1)) (local.get $to))))))

  (func $map (param $f i32) (param $list i32) (result i32)
    (if (result i32) (i32.eqz (local.get $list))
      (then (i32.const 0))
      (else
        (call $cons
          (call $apply (local.get $f) (i32.load (local.get $list)))
          (call $map (local.get $f) (i32.load offset=4 (local.get $list)))))))

  (func $sum (param $list i32) (result i32)
    (local $sum i32)
    (loop $next
      (if (local.get $list)
        (then
          (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $list))))
          (local.set $list (i32.load offset=4 (local.get $list)))
          (br $next))))
    (local.get $sum))

  ;; map square (range 0 10), with a count of how often it was asked for
  (func $squares_code (type $code)
    (global.set $n_forced (i32.add (global.get $n_forced) (i32.const 1)))
    (call $map (call $closure (i32.const 2) (i32.const 0)) (call $range (i32.const 0) (i32.const 10))))

  (func $lazy (param $closure i32) (result i32)
    (local $thunk i32)
    (local.set $thunk (call $alloc (i32.const 8)))
    (i32.store (local.get $thunk) (i32.const 0))
    (i32.store offset=4 (local.get $thunk) (local.get $closure))
    (local.get $thunk))

  ;; The first element that satisfies the predicate, as text, or "none". One scope, two ways out: the
  ;; element found, promoted from the middle of the loop, and the end of the list, where the result is a
  ;; constant and the scope is only closed.
  (func $find (param $limit i32) (param $list i32) (result i32)
    (local $scope i32) (local $predicate i32) (local $text i32)
    (local.set $scope (call $enter_scope))
    (local.set $predicate (call $closure (i32.const 3) (local.get $limit)))
    (loop $next
      (if (i32.eqz (local.get $list))
        (then
          (call $exit_scope (local.get $scope))
          (return (i32.const 576))))
      (if (call $apply (local.get $predicate) (i32.load (local.get $list)))
        (then
          (local.set $text (call $show (i32.load (local.get $list))))
          (return
            (call $promote (local.get $scope) (local.get $text)
              (i32.add (i32.load (local.get $text)) (i32.const 4))))))
      (local.set $list (i32.load offset=4 (local.get $list)))
      (br $next))
    unreachable)

  (func (export "_start")
    (local $squares i32) (local $turn i32) (local $scope i32) (local $pages i32)
    (call $print_line (call $labelled (i32.const 64)
      (call $apply (call $add (i32.const 3)) (i32.const 4))))
    (call $print_line (call $labelled (i32.const 128)
      (call $apply
        (call $compose (call $add (i32.const 1)) (call $add (i32.const 10)))
        (i32.const 31))))

    ;; What a thunk yields must live as long as the thunk: both are forced in the scope that holds it.
    (local.set $squares (call $lazy (call $closure (i32.const 4) (i32.const 0))))
    (call $print_line (call $labelled (i32.const 192) (call $sum (call $force (local.get $squares)))))
    (call $print_line (call $labelled (i32.const 256) (call $sum (call $force (local.get $squares)))))
    (call $print (call $labelled (i32.const 320) (global.get $n_forced)))
    (call $print_line (i32.const 384))

    (call $print_line (call $concat (i32.const 448)
      (call $find (i32.const 30) (call $force (local.get $squares)))))
    (call $print_line (call $concat (i32.const 512)
      (call $find (i32.const 99) (call $force (local.get $squares)))))

    ;; Every turn is a scope: the memory of one turn serves them all.
    (local.set $pages (memory.size))
    (loop $again
      (local.set $scope (call $enter_scope))
      (drop (call $find (i32.const 30) (call $force (local.get $squares))))
      (call $exit_scope (local.get $scope))
      (br_if $again
        (i32.lt_u
          (local.tee $turn (i32.add (local.get $turn) (i32.const 1)))
          (i32.const 20000))))
    (call $print_line
      (select (i32.const 640) (i32.const 704)
        (i32.le_u (memory.size) (i32.add (local.get $pages) (i32.const 1)))))))
