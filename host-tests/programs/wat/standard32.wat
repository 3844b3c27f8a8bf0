;; The other spelling of the same imports: the component model's standard32 mangling, whose version ends with
;; the part that matters for compatibility. No `__heap_base`: the heap begins where the first page ends.
(module $standard32
  (import "cm32p2|sigil:allocator/core@0.1" "alloc" (func $alloc (param i32) (result i32)))
  (import "cm32p2|sigil:allocator/core@0.1" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "cm32p2|sigil:allocator/scope@0.1" "enter-scope" (func $enter_scope (result i32)))
  (import "cm32p2|sigil:allocator/scope@0.1" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "cm32p2|sigil:allocator/bulk@0.1" "free-all" (func $free_all))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 64) "standard32 ")

  ;; Doubles the text by doubling its block; the result is promoted.
  (func (export "_start")
    (local $scope i32) (local $text i32) (local $length i32)
    (local.set $scope (call $enter_scope))
    (local.set $length (i32.const 11))
    (local.set $text (call $alloc (local.get $length)))
    (memory.copy (local.get $text) (i32.const 64) (local.get $length))
    (loop $double
      (local.set $text
        (call $realloc (local.get $text) (local.get $length) (i32.shl (local.get $length) (i32.const 1))))
      (memory.copy
        (i32.add (local.get $text) (local.get $length)) (local.get $text) (local.get $length))
      (local.set $length (i32.shl (local.get $length) (i32.const 1)))
      (br_if $double (i32.lt_u (local.get $length) (i32.const 44))))
    ;; The last space becomes the end of the line.
    (i32.store8 offset=43 (local.get $text) (i32.const 10))
    (local.set $text (call $promote (local.get $scope) (local.get $text) (local.get $length)))

    (i32.store (i32.const 0) (local.get $text))
    (i32.store (i32.const 4) (local.get $length))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable))
    (call $free_all)))
