;; Where the prelude's allocator is wrong, and what takes its place is right. Each function says what it found.
(module
  (memory (export "memory") 1 32800)
  ;; prelude
  (data (i32.const 1024) "\00\00\00\80")
  ;; Sums wrap: a block that nothing could hold moves the pointer back, into blocks that are in use.
  (func (export "wrap") (result i32) (local $p i32)
    (local.set $p (call $alloc (i32.const 16)))
    (drop (call $alloc (i32.const 0xfffffff0)))
    (i32.eq (local.get $p) (call $alloc (i32.const 16))))
  (func (export "wrap_scratch") (result i32)
    (drop (call $scratch_alloc (i32.const 0xffffffff)))
    (i32.const 1))
  (func (export "wrap_array") (result i32)
    (drop (call $alloc_array (i32.const 0x40000001) (i32.const 4)))
    (i32.const 1))
  (func (export "wrap_string") (result i32)
    (drop (call $alloc_string (i32.const 0xffffffff)))
    (i32.const 1))
  ;; Two strings of 2 GiB: their lengths add up to 0.
  (func (export "wrap_concat") (result i32)
    (drop (call $str_concat (i32.const 1024) (i32.const 1024)))
    (i32.const 1))
  ;; Addresses are compared as signed numbers: the block reaches to 2^31, so it "fits", and what comes next is
  ;; outside of memory.
  (func (export "far") (result i32) (local $p i32)
    (drop (call $alloc (i32.const 0x7fffffff)))
    (local.set $p (call $alloc (i32.const 4)))
    (i32.store (local.get $p) (i32.const 1))
    (i32.load (local.get $p)))
  ;; A memory of more than 2^31 bytes is taken for a negative one: it grows with every block, to its maximum.
  (func (export "large") (result i32) (local $n i32)
    (drop (call $alloc (i32.const 0x7fff0000)))
    (loop $again
      (i32.store (call $alloc (i32.const 16)) (i32.const 1))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 100))))
    (local.get $n))
  ;; Somebody else grows memory: what he keeps there is still his.
  (func (export "foreign") (result i32) (local $theirs i32) (local $n i32)
    (drop (call $alloc (i32.const 8)))
    (local.set $theirs (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))
    (i32.store (local.get $theirs) (i32.const 77))
    (loop $again
      (memory.fill (call $alloc (i32.const 4096)) (i32.const 0) (i32.const 4096))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 64))))
    (i32.load (local.get $theirs))))
