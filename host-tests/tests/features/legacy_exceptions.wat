;; Exceptions as compilers still write them: `try`, `catch`, `delegate`, `rethrow`.
(module
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory 1)
  (tag $tag (param i32))
  (func $throws (param $n i32) (throw $tag (call $alloc (local.get $n))))
  (func $catches (result i32)
    try $outer (result i32)
      try
        i32.const 8
        call $throws
      delegate $outer
      i32.const 0
    catch $tag
      call $alloc
    catch_all
      i32.const 16
      call $alloc
      drop
      rethrow $outer
    end)
  (func $run (export "run") (result i32) (i32.ne (call $catches) (i32.const 0))))
