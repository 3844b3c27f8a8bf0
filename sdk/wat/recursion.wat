;; A recursive function whose body is a scope:
;;
;;     nested n = scope { if n == 0 { "" } else { "(" ++ nested (n - 1) ++ ")" } }
;;
;; Each call promotes its result into the scope of its caller. On the way back there is one result, and not one for every
;; level. Where the recursion itself is what allocates little, one scope around the first call is enough, and cheaper.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param $to i32) (param $from i32) (param $n_bytes i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 40))
  (data (i32.const 16) "\01\00\00\00(\00\00\00\01\00\00\00)\00\00\00\00\00\00\00")

  (func $nested (param $n i32) (result i32)
    (local $scope i32) (local $text i32)
    (local.set $scope (call $enter_scope))
    (local.set $text
      (if (result i32) (local.get $n)
        (then
          (call $concat
            (call $concat (i32.const 16) (call $nested (i32.sub (local.get $n) (i32.const 1))))
            (i32.const 24)))
        ;; A static text: `promote` reads from anywhere (S5), so the two ways need no distinction.
        (else (i32.const 32))))
    (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))

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
    (local $text i32) (local $at i32) (local $depth i32) (local $pages i32)
    (local.set $pages (memory.size))
    (local.set $text (call $nested (i32.const 1000)))
    ;; Two texts for each of 1000 levels were 2 MB, or 30 pages.
    (if (i32.gt_u (memory.size) (i32.add (local.get $pages) (i32.const 10)))
      (then (return (i32.const 1))))
    (call $spoil)
    (if (i32.ne (i32.load (local.get $text)) (i32.const 2000)) (then (return (i32.const 2))))
    (loop $next
      (local.set $depth
        (i32.add (local.get $depth)
          (i32.sub (i32.const 40)
            (i32.load8_u offset=4 (i32.add (local.get $text) (local.get $at))))))
      ;; `(` adds nothing, `)` takes one.
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.ne (local.get $depth)
            (select (i32.const 0) (i32.sub (i32.const 1000) (local.get $at))
              (i32.le_u (local.get $at) (i32.const 1000))))
        (then (return (i32.const 3))))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 2000))))
    (i32.const 0)))
