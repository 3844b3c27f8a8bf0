;; Fills a memory of one page, 16 bytes at a time, until nothing fits; `end` is where the last block ended.
(module
  (global $end (export "end") (mut i32) (i32.const 0))
  (memory (export "memory") 1 1)
  ;; prelude
  (func (export "fill")
    (loop $again
      (global.set $end (i32.add (call $alloc (i32.const 16)) (i32.const 16)))
      (br $again))))
