;; A host may ask for the pointer.
(module
  (memory (export "memory") 1)
  (export "heap_get" (func $heap_get))
  ;; prelude
  )
