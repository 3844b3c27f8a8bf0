;; A memory that no allocator can live in.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
  (memory 1 1 shared))
