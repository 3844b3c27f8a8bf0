;; The suite's own program, which a conformer is linked into.
;;
;; It passes every call on, and lets the suite see the memory. {memory}, {heap_base} and {statics} are
;; what `Layout` says; {imports} and {functions} are the extensions that the conformer has; the bytes between the static data and the heap base are the program's stack, as
;; far as a conformer is concerned.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem-copy (param i32 i32 i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter-scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit-scope (param i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/bulk@0.1.0" "free-all" (func $free-all))
  {imports}

  (memory (export "memory") {memory})
  (global (export "__heap_base") i32 (i32.const {heap_base}))
  {statics}

  (func (export "alloc") (param i32) (result i32)
    (call $alloc (local.get 0)))
  (func (export "realloc") (param i32 i32 i32) (result i32)
    (call $realloc (local.get 0) (local.get 1) (local.get 2)))
  (func (export "mem-copy") (param i32 i32 i32)
    (call $mem-copy (local.get 0) (local.get 1) (local.get 2)))
  (func (export "enter-scope") (result i32)
    (call $enter-scope))
  (func (export "exit-scope") (param i32)
    (call $exit-scope (local.get 0)))
  (func (export "promote") (param i32 i32 i32) (result i32)
    (call $promote (local.get 0) (local.get 1) (local.get 2)))
  (func (export "free-all")
    (call $free-all))
  {functions})
