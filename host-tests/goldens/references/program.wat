;; The allocator's functions as values, and the standard's other spelling of their names.
(module
  (type $sized (func (param i32) (result i32)))
  (import "cm32p2|sigil:allocator/core@0.1" "alloc" (func $alloc (type $sized)))
  (import "env" "memory" (memory 1))
  (table $table 2 funcref)
  (elem (table $table) (i32.const 0) func $alloc $own)
  (export "alloc" (func $alloc))
  (start $main)
  (func $own (type $sized) (return_call $alloc (local.get 0)))
  (func $main
    (drop (call_indirect $table (type $sized) (i32.const 8) (i32.const 1)))
    (table.set $table (i32.const 1) (ref.func $alloc))))
