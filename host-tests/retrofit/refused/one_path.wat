;; Opened on one path, ended on both.
(module
  (memory (export "memory") 1)
  ;; prelude
  (func (export "run") (param $c i32) (local $saved i32)
    (if (local.get $c) (then (local.set $saved (global.get $bump))))
    (drop (call $alloc (i32.const 8)))
    (global.set $bump (local.get $saved))))
