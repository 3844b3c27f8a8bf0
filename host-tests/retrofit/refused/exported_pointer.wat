;; A host may set the pointer.
(module
  (memory (export "memory") 1)
  (export "bump" (global $bump))
  ;; prelude
  )
