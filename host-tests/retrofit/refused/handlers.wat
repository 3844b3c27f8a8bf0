;; An exception may skip the end of a scope and be caught in the same function.
(module
  (memory (export "memory") 1)
  (tag $oops)
  ;; prelude
  (func (export "run") (local $saved i32)
    (block $caught
      (try_table (catch $oops $caught)
        (local.set $saved (global.get $bump))
        (throw $oops)))
    (global.set $bump (local.get $saved))))
