;; Several tables, and element segments of every form: the flags 0 to 7 of the binary format.
(module
  (type $sized (func (param i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter (result i32)))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (type $sized)))
  (memory 1)
  (table $first 8 funcref)
  (table $second 8 funcref)
  (table $third 2 funcref (ref.func $one))
  (elem (i32.const 0) func $one $alloc)
  (elem $passive func $alloc $two)
  (elem (table $second) (i32.const 1) func $two $alloc)
  (elem declare func $alloc)
  (elem (i32.const 2) funcref (ref.func $two) (ref.null func) (ref.func $alloc))
  (elem $passive-expressions funcref (ref.func $alloc) (ref.null func))
  (elem (table $second) (i32.const 4) funcref (ref.func $alloc))
  (elem declare funcref (ref.func $enter) (ref.null func))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $is-alloc-first (param $index i32) (result i32)
    (i32.gt_u (call_indirect $first (type $sized) (i32.const 8) (local.get $index)) (i32.const 1023)))
  (func $is-alloc-second (param $index i32) (result i32)
    (i32.gt_u (call_indirect $second (type $sized) (i32.const 8) (local.get $index)) (i32.const 1023)))
  (func $active (export "active") (result i32)
    (i32.and
      (i32.and (call $is-alloc-first (i32.const 1)) (call $is-alloc-first (i32.const 4)))
      (i32.and
        (i32.and (call $is-alloc-second (i32.const 2)) (call $is-alloc-second (i32.const 4)))
        (i32.and
          (i32.eq (call_indirect $second (result i32) (i32.const 1)) (i32.const 2))
          (i32.eq (call_indirect $third (result i32) (i32.const 1)) (i32.const 1))))))
  (func $passive (export "passive") (result i32)
    (table.init $first $passive (i32.const 5) (i32.const 0) (i32.const 2))
    (elem.drop $passive)
    (table.init $second $passive-expressions (i32.const 6) (i32.const 0) (i32.const 2))
    (table.set $third (i32.const 0) (ref.func $enter))
    (i32.and
      (i32.and (call $is-alloc-first (i32.const 5)) (call $is-alloc-second (i32.const 6)))
      (i32.and
        (i32.eq (call_indirect $first (result i32) (i32.const 6)) (i32.const 2))
        (i32.and
          (ref.is_null (table.get $second (i32.const 7)))
          (i32.ne (call_indirect $third (result i32) (i32.const 0)) (i32.const 0)))))))
