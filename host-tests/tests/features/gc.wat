;; Types of garbage collectors: recursion groups, subtypes, structs and arrays; references to functions.
(module
  (rec
    (type $node (sub (struct (field $next (ref null $node)) (field $block (mut i32)))))
    (type $nodes (array (mut (ref null $node)))))
  (type $named (sub final $node (struct (field (ref null $node)) (field (mut i32)) (field i64))))
  (type $sized (func (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (type $sized)))
  (memory 1)
  (global $default (ref $sized) (ref.func $alloc))
  (global $none (ref null $node) (ref.null $node))
  (table $typed 2 (ref null $sized))
  (elem (table $typed) (i32.const 0) (ref null $sized) (ref.func $alloc) (ref.null $sized))
  (func $list (param $n i32) (result (ref null $node))
    (local $head (ref null $node))
    (loop $more
      (local.set $head (struct.new $node (local.get $head) (call $alloc (i32.const 16))))
      (br_if $more (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $head))
  (func $through-reference (param $f (ref $sized)) (result i32)
    (call_ref $sized (i32.const 8) (local.get $f)))
  (func $run (export "run") (result i32)
    (local $all (ref $nodes))
    (local.set $all (array.new $nodes (call $list (i32.const 3)) (i32.const 2)))
    (i32.and
      (i32.gt_u
        (struct.get $node $block (ref.as_non_null (array.get $nodes (local.get $all) (i32.const 1))))
        (i32.const 0))
      (i32.and
        (i32.ne (call $through-reference (global.get $default)) (i32.const 0))
        (i32.eqz (ref.test (ref $named) (array.get $nodes (local.get $all) (i32.const 0))))))))
