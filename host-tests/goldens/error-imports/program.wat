;; What is missing is reported at once.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func (param i64) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/scope@0.2.0" "enter-scope" (func (result i32)))
  (import "sigil:allocator-ext/sized@0.1.0" "free" (func (param i32 i32)))
  (memory 1))
