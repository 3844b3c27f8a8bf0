
  ;; What the extensions add to the handwritten conformer. Mutants of their clauses are made of the two
  ;; together.

  ;; Set while a refused growth must not trap; and set by it.
  (global $trying (mut i32) (i32.const 0))
  (global $failed (mut i32) (i32.const 0))

  ;; The newest block gives its place back; all others wait for their scope.
  (func $free (export "sigil:allocator-ext/sized@0.1.0#free") (param $ptr i32) (param $size i32)
    (if (i32.eqz (local.get $ptr))
      (then (return)))
    (if (i32.eq (i32.add (local.get $ptr) (call $round-up (local.get $size))) (global.get $top))
      (then (global.set $top (local.get $ptr)))))

  (func $alloc-aligned (export "sigil:allocator-ext/sized@0.1.0#alloc-aligned")
    (param $size i32) (param $align i32) (result i32)
    (local $padded i64)
    (if (i32.ne (i32.popcnt (local.get $align)) (i32.const 1))
      (then (unreachable)))
    (if (i32.le_u (local.get $align) (i32.const 8))
      (then (return (call $alloc (local.get $size)))))
    ;; With as much more as any address may lack.
    (local.set $padded
      (i64.add (i64.extend_i32_u (local.get $size)) (i64.extend_i32_u (local.get $align))))
    (if (i64.gt_u (local.get $padded) (i64.const 0xffffffff))
      (then (drop (call $grow (local.get $padded)))))
    (i32.and
      (i32.add (call $alloc (i32.wrap_i64 (local.get $padded))) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))

  (func $alloc-zeroed (export "sigil:allocator-ext/sized@0.1.0#alloc-zeroed")
    (param $size i32) (result i32)
    (local $block i32)
    (local $fresh i64)
    (local.set $fresh (call $memory-end))
    (local.set $block (call $alloc (local.get $size)))
    (if (i64.lt_u (i64.extend_i32_u (local.get $block)) (local.get $fresh))
      (then
        (local.set $fresh (i64.sub (local.get $fresh) (i64.extend_i32_u (local.get $block))))
        (memory.fill (local.get $block) (i32.const 0)
          (select (local.get $size) (i32.wrap_i64 (local.get $fresh))
            (i64.le_u (i64.extend_i32_u (local.get $size)) (local.get $fresh))))))
    (local.get $block))

  (func $try-alloc (export "sigil:allocator-ext/sized@0.1.0#try-alloc") (param $size i32) (result i32)
    (local $block i32)
    (global.set $trying (i32.const 1))
    (local.set $block (call $alloc (local.get $size)))
    (global.set $trying (i32.const 0))
    (global.set $failed (i32.const 0))
    (local.get $block))

  (func $resize-in-place (export "sigil:allocator-ext/sized@0.1.0#resize-in-place")
    (param $ptr i32) (param $old-size i32) (param $new-size i32) (result i32)
    (if (i32.le_u (local.get $new-size) (local.get $old-size))
      (then (return (i32.const 1))))
    (if (i32.ne (i32.add (local.get $ptr) (call $round-up (local.get $old-size))) (global.get $top))
      (then (return (i32.const 0))))
    (if (i32.gt_u (local.get $new-size) (i32.sub (global.get $end) (local.get $ptr)))
      (then
        (global.set $trying (i32.const 1))
        (drop (call $extend (global.get $chunk) (local.get $ptr) (local.get $new-size)))
        (global.set $trying (i32.const 0))
        (global.set $failed (i32.const 0))
        (global.set $end (i32.load (global.get $chunk)))
        (if (i32.gt_u (local.get $new-size) (i32.sub (global.get $end) (local.get $ptr)))
          (then (return (i32.const 0))))))
    (global.set $top (i32.add (local.get $ptr) (call $round-up (local.get $new-size))))
    (i32.const 1))

  (func (export "sigil:allocator-ext/stats@0.1.0#heap-used") (result i32)
    (call $below (global.get $top)))

  (func (export "sigil:allocator-ext/stats@0.1.0#heap-base") (result i32)
    (call $round-up (global.get $heap-base)))

  (func (export "sigil:allocator-ext/stats@0.1.0#scope-used") (param $handle i32) (result i32)
    (call $check-open (local.get $handle))
    (i32.sub (call $below (global.get $top)) (call $below (local.get $handle))))

  (func (export "sigil:allocator-ext/stats@0.1.0#high-water") (result i32)
    (call $below (i32.const -1)))

  (func (export "sigil:allocator-ext/stats@0.1.0#pages") (result i32)
    (local $chunk i32)
    (local $pages i32)
    (local.set $chunk (global.get $first))
    (if (i32.eqz (local.get $chunk))
      (then (return (call $pages-between (global.get $heap-base) (global.get $heap-end)))))
    (if (i32.ne (local.get $chunk) (call $round-up (global.get $heap-base)))
      (then
        (local.set $pages (call $pages-between (global.get $heap-base) (global.get $heap-end)))))
    (loop $upwards
      (local.set $pages (i32.add (local.get $pages)
        (call $pages-between (local.get $chunk) (i32.load (local.get $chunk)))))
      (local.set $chunk (i32.load offset=4 (local.get $chunk)))
      (br_if $upwards (local.get $chunk)))
    (local.get $pages))

  ;; How many pages have a byte from $start to $end, where that is not below $start.
  (func $pages-between (param $start i32) (param $end i32) (result i32)
    (local $pages i32)
    (local.set $pages
      (i32.sub
        (i32.wrap_i64 (i64.shr_u
          (i64.add (i64.extend_i32_u (local.get $end)) (i64.const 65535)) (i64.const 16)))
        (i32.shr_u (local.get $start) (i32.const 16))))
    (select (local.get $pages) (i32.const 0) (i32.gt_s (local.get $pages) (i32.const 0))))

  ;; The bytes of all chunks that lie below $at.
  (func $below (param $at i32) (result i32)
    (local $chunk i32)
    (local $end i32)
    (local $sum i32)
    (local.set $chunk (global.get $first))
    (loop $upwards
      (if (local.get $chunk)
        (then
          (local.set $end (i32.load (local.get $chunk)))
          (if (i32.gt_u (local.get $end) (local.get $at))
            (then (local.set $end (local.get $at))))
          (if (i32.gt_u (local.get $end) (local.get $chunk))
            (then (local.set $sum
              (i32.add (local.get $sum) (i32.sub (local.get $end) (local.get $chunk))))))
          (local.set $chunk (i32.load offset=4 (local.get $chunk)))
          (br $upwards))))
    (local.get $sum))
