;; Static data above the heap base that the program names.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
  (memory 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (data (i32.const 1020) "too long"))
