;; A result with pointers inside:
;;
;;     squares n = scope { map (\k -> show (k * k)) (range n) }
;;
;; `promote` copies the bytes of one block, and not what they point to. There are two ways.
;;
;; Build it where it is to live: only what is thrown away is made in scopes, each element leaves its own, and the cells
;; are made outside of them. This is the one to prefer.
;;
;;     squares n = for k in n..1 { list = cons (scope { show (k * k) }) list }
;;
;; Or, where the body is not yours to take apart: copy all that is reachable into one block, promote that, and move
;; the pointers inside by the distance that the block has moved.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param $to i32) (param $from i32) (param $n_bytes i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 16))

  ;; --- built where it is to live -------------------------------------------------------------------------

  (func $squares_each (param $n i32) (result i32)
    (local $list i32) (local $scope i32) (local $text i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $scope (call $enter_scope))
        (local.set $text (call $show (i32.mul (local.get $n) (local.get $n))))
        (local.set $text
          (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))
        ;; The scope has ended: cell and text are both the caller's.
        (local.set $list (call $cons (local.get $text) (local.get $list)))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $list))

  ;; --- packed, promoted, settled --------------------------------------------------------------------------

  (func $squares_packed (param $n i32) (result i32)
    (local $scope i32) (local $list i32) (local $size i32) (local $pack i32) (local $moved i32)
    (local.set $scope (call $enter_scope))
    (local.set $list (call $squares_each (local.get $n)))
    (if (i32.eqz (local.get $list))
      (then
        (call $exit_scope (local.get $scope))
        (return (i32.const 0))))
    (local.set $size (call $packed_size (local.get $list)))
    (local.set $pack (call $alloc (local.get $size)))
    (call $pack (local.get $list) (local.get $pack))
    (local.set $moved (call $promote (local.get $scope) (local.get $pack) (local.get $size)))
    (call $settle (local.get $moved) (i32.sub (local.get $moved) (local.get $pack)))
    (local.get $moved))

  ;; In the pack each cell is followed by its text, and that by the next cell.
  (func $packed_text (param $text i32) (result i32)
    (i32.and (i32.add (call $size (local.get $text)) (i32.const 7)) (i32.const -8)))

  (func $packed_size (param $list i32) (result i32)
    (local $size i32)
    (loop $next
      (local.set $size
        (i32.add (local.get $size)
          (i32.add (i32.const 8) (call $packed_text (i32.load (local.get $list))))))
      (br_if $next (local.tee $list (i32.load offset=4 (local.get $list)))))
    (local.get $size))

  (func $pack (param $list i32) (param $at i32)
    (local $text i32) (local $next i32)
    (loop $again
      (local.set $text (i32.load (local.get $list)))
      (local.set $next
        (i32.add (i32.add (local.get $at) (i32.const 8)) (call $packed_text (local.get $text))))
      (call $mem_copy (i32.add (local.get $at) (i32.const 8)) (local.get $text) (call $size (local.get $text)))
      (i32.store (local.get $at) (i32.add (local.get $at) (i32.const 8)))
      (local.set $list (i32.load offset=4 (local.get $list)))
      (i32.store offset=4 (local.get $at)
        (select (local.get $next) (i32.const 0) (local.get $list)))
      (local.set $at (local.get $next))
      (br_if $again (local.get $list))))

  ;; The block has moved by so many bytes, and with it what its pointers mean.
  (func $settle (param $cell i32) (param $distance i32)
    (loop $next
      (i32.store (local.get $cell) (i32.add (i32.load (local.get $cell)) (local.get $distance)))
      (if (i32.load offset=4 (local.get $cell))
        (then
          (i32.store offset=4 (local.get $cell)
            (i32.add (i32.load offset=4 (local.get $cell)) (local.get $distance)))))
      (br_if $next (local.tee $cell (i32.load offset=4 (local.get $cell))))))

  ;; --- what both need -------------------------------------------------------------------------------------

  (func $cons (param $head i32) (param $tail i32) (result i32)
    (local $cell i32)
    (local.set $cell (call $alloc (i32.const 8)))
    (i32.store (local.get $cell) (local.get $head))
    (i32.store offset=4 (local.get $cell) (local.get $tail))
    (local.get $cell))

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

  ;; 0 where the list is the texts of 1, 4, 9 … with so many elements.
  (func $check (param $list i32) (param $n_elements i32) (result i32)
    (local $n i32) (local $text i32) (local $at i32) (local $value i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $list)))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (local.set $text (i32.load (local.get $list)))
        (if (i32.gt_u (i32.load (local.get $text)) (i32.const 10)) (then (return (i32.const 1))))
        (local.set $at (i32.const 0))
        (local.set $value (i32.const 0))
        (loop $digit
          (local.set $value
            (i32.add (i32.mul (local.get $value) (i32.const 10))
              (i32.sub (i32.load8_u offset=4 (i32.add (local.get $text) (local.get $at))) (i32.const 48))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $digit (i32.lt_u (local.get $at) (i32.load (local.get $text)))))
        (if (i32.ne (local.get $value) (i32.mul (local.get $n) (local.get $n)))
          (then (return (i32.const 1))))
        (local.set $list (i32.load offset=4 (local.get $list)))
        (br $next)))
    (i32.ne (local.get $n) (local.get $n_elements)))

  ;; 0, or which check failed.
  (func (export "run") (result i32)
    (local $turn i32) (local $scope i32) (local $each i32) (local $packed i32) (local $pages i32)
    (local.set $pages (memory.size))
    (loop $again
      (local.set $turn (i32.add (local.get $turn) (i32.const 1)))
      (local.set $scope (call $enter_scope))
      (local.set $each (call $squares_each (i32.const 20)))
      (local.set $packed (call $squares_packed (i32.const 20)))
      (call $spoil)
      (if (call $check (local.get $each) (i32.const 20)) (then (return (i32.const 1))))
      (if (call $check (local.get $packed) (i32.const 20)) (then (return (i32.const 2))))
      (if (call $squares_packed (i32.const 0)) (then (return (i32.const 3))))
      (call $exit_scope (local.get $scope))
      (br_if $again (i32.lt_u (local.get $turn) (i32.const 10000))))
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 1)))
      (then (return (i32.const 4))))
    (i32.const 0)))
