;; profile: malloc
;; Somebody calls what is below malloc.
(module
  (memory (export "memory") 1)
  (func $dlmalloc (param i32) (result i32) (i32.const 1024))
  (func $malloc (export "malloc") (param i32) (result i32) (call $dlmalloc (local.get 0)))
  (func $strdup (export "strdup") (param i32) (result i32) (call $dlmalloc (i32.const 4))))
