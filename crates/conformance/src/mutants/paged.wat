
  ;; What the interface `pages` adds to the handwritten conformer: pages of 16 KiB that it grows itself, as if it
  ;; were somebody else (H3), so that blocks and pages never meet. One byte a page, in 256 KiB of its own:
  ;;
  ;;   0 foreign   1 free-zero   2 free-dirty   3 decommitted-zero   4 decommitted-dirty   5 live
  ;;
  ;; and 8 more on the first page of a reservation.
  (global $table (mut i32) (i32.const 0))
  (global $lowest (mut i32) (i32.const 1))
  (global $reserved (mut i32) (i32.const 0))
  (global $n-free (mut i32) (i32.const 0))
  (global $ceiling (mut i64) (i64.const 0x1_0000_0000))
  (global $cleared (mut i64) (i64.const 0))

  ;; The state of a page; 0 before there is a table, and beyond 4 GiB.
  (func $state (param $page i32) (result i32)
    (if (i32.or (i32.eqz (global.get $table)) (i32.ge_u (local.get $page) (i32.const 262144)))
      (then (return (i32.const 0))))
    (i32.and (i32.load8_u (i32.add (global.get $table) (local.get $page))) (i32.const 7)))

  (func $starts (param $page i32) (result i32)
    (if (i32.or (i32.eqz (global.get $table)) (i32.ge_u (local.get $page) (i32.const 262144)))
      (then (return (i32.const 0))))
    (i32.and (i32.load8_u (i32.add (global.get $table) (local.get $page))) (i32.const 8)))

  (func $set (param $page i32) (param $state i32)
    (i32.store8 (i32.add (global.get $table) (local.get $page)) (local.get $state)))

  (func $is-free (param $page i32) (result i32)
    (local $state i32)
    (local.set $state (call $state (local.get $page)))
    (i32.or (i32.eq (local.get $state) (i32.const 1)) (i32.eq (local.get $state) (i32.const 2))))

  (func $is-reserved (param $page i32) (result i32)
    (i32.ge_u (call $state (local.get $page)) (i32.const 3)))

  (func $clear-page (param $page i32)
    (global.set $cleared (i64.add (global.get $cleared) (i64.const 16384)))
    (memory.fill (i32.shl (local.get $page) (i32.const 14)) (i32.const 0) (i32.const 16384)))

  ;; A reserved page is live from now on.
  (func $see (param $page i32)
    (if (i32.eq (call $state (local.get $page)) (i32.const 4))
      (then (call $clear-page (local.get $page))))
    (call $set (local.get $page) (i32.or (call $starts (local.get $page)) (i32.const 5))))

  ;; A free page is reserved from now on.
  (func $hold (param $page i32)
    (global.set $n-free (i32.sub (global.get $n-free) (i32.const 1)))
    (global.set $reserved (i32.add (global.get $reserved) (i32.const 1)))
    (call $set (local.get $page) (i32.add (call $state (local.get $page)) (i32.const 2))))

  ;; A page is free from now on, if it was reserved.
  (func $let-go (param $page i32)
    (if (i32.eqz (call $is-reserved (local.get $page)))
      (then (return)))
    (global.set $n-free (i32.add (global.get $n-free) (i32.const 1)))
    (global.set $reserved (i32.sub (global.get $reserved) (i32.const 1)))
    (call $set (local.get $page)
      (select (i32.const 1) (i32.const 2) (i32.eq (call $state (local.get $page)) (i32.const 3)))))

  (func $n-pages (param $bytes i32) (result i32)
    (i32.add
      (i32.shr_u (local.get $bytes) (i32.const 14))
      (i32.ne (i32.and (local.get $bytes) (i32.const 16383)) (i32.const 0))))

  ;; Memory grows by pages that are free then, up to page $end; whether it did.
  (func $grow-pages (param $end i32) (result i32)
    (local $page i32)
    (local $delta i32)
    (local.set $page (i32.shl (memory.size) (i32.const 2)))
    (local.set $delta
      (i32.shr_u (i32.add (i32.sub (local.get $end) (local.get $page)) (i32.const 3)) (i32.const 2)))
    (if (i32.or
          (i32.gt_u (local.get $end) (i32.const 262143))
          (i32.eq (memory.grow (local.get $delta)) (i32.const -1)))
      (then
        (call $lower (i32.add (memory.size) (local.get $delta)))
        (return (i32.const 0))))
    (local.set $end (i32.shl (memory.size) (i32.const 2)))
    (if (i32.gt_u (local.get $end) (i32.const 262143))
      (then (local.set $end (i32.const 262143))))
    (loop $pages
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (call $set (local.get $page) (i32.const 1))
          (global.set $n-free (i32.add (global.get $n-free) (i32.const 1)))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $pages))))
    (i32.const 1))

  ;; A growth to $pages wasm pages was refused.
  (func $lower (param $pages i32)
    (local $bytes i64)
    (local.set $bytes
      (i64.shl (i64.extend_i32_u (i32.sub (local.get $pages) (i32.const 1))) (i64.const 16)))
    (if (i64.lt_u (local.get $bytes) (global.get $ceiling))
      (then (global.set $ceiling (local.get $bytes)))))

  ;; From $page on, how many of $n pages are free.
  (func $run (param $page i32) (param $n i32) (result i32)
    (local $at i32)
    (loop $free
      (if (i32.lt_u (local.get $at) (local.get $n))
        (then
          (if (call $is-free (i32.add (local.get $page) (local.get $at)))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 1)))
              (br $free))))))
    (local.get $at))

  (func (export "sigil:allocator-ext/pages@0.1.0#page-size") (result i32)
    (i32.const 16384))

  (func $reserve (export "sigil:allocator-ext/pages@0.1.0#reserve")
    (param $bytes i32) (param $align i32) (param $flags i32) (result i32)
    (local $n i32)
    (local $page i32)
    (local $free i32)
    (local $end i32)
    (if (i32.or (i32.eqz (local.get $bytes))
          (i32.or (i32.gt_u (i32.popcnt (local.get $align)) (i32.const 1))
                  (i32.gt_u (local.get $flags) (i32.const 3))))
      (then (return (i32.const 0))))
    (if (i32.eqz (global.get $table))
      (then
        (local.set $page (memory.grow (i32.const 4)))
        (if (i32.eq (local.get $page) (i32.const -1))
          (then
            (call $lower (i32.add (memory.size) (i32.const 4)))
            (return (i32.const 0))))
        (global.set $table (i32.shl (local.get $page) (i32.const 16)))
        ;; No page of ours will lie below.
        (global.set $lowest (i32.shl (local.get $page) (i32.const 2)))))
    (local.set $n (call $n-pages (local.get $bytes)))
    (local.set $align (i32.shr_u (local.get $align) (i32.const 14)))
    (if (i32.eqz (local.get $align))
      (then (local.set $align (i32.const 1))))
    (local.set $end (i32.shl (memory.size) (i32.const 2)))
    ;; First fit; at the end of memory what is free counts as if it went on.
    (local.set $page
      (i32.and
        (i32.add (global.get $lowest) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (block $found
      (loop $next
        (local.set $free (call $run (local.get $page) (local.get $n)))
        (br_if $found (i32.eq (local.get $free) (local.get $n)))
        (br_if $found (i32.ge_u (i32.add (local.get $page) (local.get $free)) (local.get $end)))
        (local.set $page
          (i32.and
            (i32.add (i32.add (local.get $page) (local.get $free)) (local.get $align))
            (i32.sub (i32.const 0) (local.get $align))))
        (br $next)))
    (if (i32.lt_u (local.get $free) (local.get $n))
      (then
        (if (i32.eqz (call $grow-pages (i32.add (local.get $page) (local.get $n))))
          (then (return (i32.const 0))))))
    (local.set $end (i32.add (local.get $page) (local.get $n)))
    (local.set $free (local.get $page))
    (loop $pages
      (if (i32.lt_u (local.get $free) (local.get $end))
        (then
          (call $hold (local.get $free))
          (if (i32.eqz (local.get $flags))
            (then (call $see (local.get $free))))
          (if (i32.eq (local.get $flags) (i32.const 2))
            (then (call $set (local.get $free) (i32.const 5))))
          (local.set $free (i32.add (local.get $free) (i32.const 1)))
          (br $pages))))
    (call $mark (local.get $page))
    (i32.shl (local.get $page) (i32.const 14)))

  ;; A reservation begins at $page.
  (func $mark (param $page i32)
    (call $set (local.get $page) (i32.or (call $state (local.get $page)) (i32.const 8))))

  ;; The page behind a range, if every page of it is reserved; else 0. A range without bytes ends where it begins.
  (func $end-of-reserved (param $ptr i32) (param $bytes i32) (result i32)
    (local $page i32)
    (local $end i32)
    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $bytes)))
          (i64.const 0x1_0000_0000))
      (then (return (i32.const 0))))
    (local.set $page (i32.shr_u (local.get $ptr) (i32.const 14)))
    (local.set $end (call $behind (local.get $ptr) (local.get $bytes)))
    (loop $pages
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (if (i32.eqz (call $is-reserved (local.get $page)))
            (then (return (i32.const 0))))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $pages))))
    (local.get $end))

  ;; The page behind the last one that has a byte of a range.
  (func $behind (param $ptr i32) (param $bytes i32) (result i32)
    (i32.add
      (i32.shr_u (i32.sub (i32.add (local.get $ptr) (local.get $bytes)) (i32.const 1)) (i32.const 14))
      (i32.const 1)))

  (func $commit (export "sigil:allocator-ext/pages@0.1.0#commit")
    (param $ptr i32) (param $bytes i32) (result i32)
    (local $page i32)
    (local $end i32)
    (if (i32.eqz (local.get $bytes))
      (then (return (i32.const 1))))
    (local.set $end (call $end-of-reserved (local.get $ptr) (local.get $bytes)))
    (if (i32.eqz (local.get $end))
      (then (return (i32.const 0))))
    (local.set $page (i32.shr_u (local.get $ptr) (i32.const 14)))
    (loop $pages
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (call $see (local.get $page))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $pages))))
    (i32.const 1))

  (func $decommit (export "sigil:allocator-ext/pages@0.1.0#decommit")
    (param $ptr i32) (param $bytes i32) (result i32)
    (local $page i32)
    (local $end i32)
    (if (i32.eqz (local.get $bytes))
      (then (return (i32.const 1))))
    (local.set $end (call $end-of-reserved (local.get $ptr) (local.get $bytes)))
    (if (i32.eqz (local.get $end))
      (then (return (i32.const 0))))
    (local.set $page (i32.shr_u (local.get $ptr) (i32.const 14)))
    (loop $pages
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (if (i32.eq (call $state (local.get $page)) (i32.const 5))
            (then (call $set (local.get $page) (i32.or (call $starts (local.get $page)) (i32.const 4)))))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $pages))))
    (i32.const 1))

  (func (export "sigil:allocator-ext/pages@0.1.0#reset")
    (param $ptr i32) (param $bytes i32) (result i32)
    (i32.const 0))

  (func $unmap (export "sigil:allocator-ext/pages@0.1.0#unmap") (param $ptr i32) (param $bytes i32)
    (local $page i32)
    (local $end i32)
    (if (i32.or (i32.eqz (local.get $bytes))
          (i64.gt_u
            (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $bytes)))
            (i64.const 0x1_0000_0000)))
      (then (return)))
    (local.set $page (i32.shr_u (local.get $ptr) (i32.const 14)))
    (local.set $end (call $behind (local.get $ptr) (local.get $bytes)))
    (if (call $is-reserved (local.get $end))
      (then (call $mark (local.get $end))))
    (loop $pages
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (call $let-go (local.get $page))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $pages)))))

  ;; The page behind the reservation that begins at $ptr; 0 where none does.
  (func $end-of (param $ptr i32) (result i32)
    (local $page i32)
    (local.set $page (i32.shr_u (local.get $ptr) (i32.const 14)))
    (if (i32.or (i32.and (local.get $ptr) (i32.const 16383)) (i32.eqz (call $starts (local.get $page))))
      (then (return (i32.const 0))))
    (loop $pages
      (local.set $page (i32.add (local.get $page) (i32.const 1)))
      (if (i32.eqz (call $starts (local.get $page)))
        (then (br_if $pages (call $is-reserved (local.get $page))))))
    (local.get $page))

  (func $release (export "sigil:allocator-ext/pages@0.1.0#release") (param $ptr i32)
    (local $end i32)
    (local.set $end (call $end-of (local.get $ptr)))
    (if (local.get $end)
      (then (call $unmap (local.get $ptr)
        (i32.sub (i32.shl (local.get $end) (i32.const 14)) (local.get $ptr))))))

  (func $resize-pages (export "sigil:allocator-ext/pages@0.1.0#resize-in-place")
    (param $ptr i32) (param $old i32) (param $new i32) (result i32)
    (local $page i32)
    (local $end i32)
    (local $free i32)
    (local $n i32)
    (local.set $page (call $end-of (local.get $ptr)))
    (local.set $end
      (i32.add (i32.shr_u (local.get $ptr) (i32.const 14)) (call $n-pages (local.get $new))))
    (if (i32.or (i32.eqz (local.get $page)) (i32.eqz (local.get $new)))
      (then (return (i32.const 0))))
    (if (i32.ne (local.get $page)
          (i32.add (i32.shr_u (local.get $ptr) (i32.const 14)) (call $n-pages (local.get $old))))
      (then (return (i32.const 0))))
    (if (i32.le_u (local.get $end) (local.get $page))
      (then
        (loop $less
          (if (i32.lt_u (local.get $end) (local.get $page))
            (then
              (call $let-go (local.get $end))
              (local.set $end (i32.add (local.get $end) (i32.const 1)))
              (br $less))))
        (return (i32.const 1))))
    (local.set $n (i32.sub (local.get $end) (local.get $page)))
    (local.set $free (call $run (local.get $page) (local.get $n)))
    (if (i32.lt_u (local.get $free) (local.get $n))
      (then
        (if (i32.ne (i32.add (local.get $page) (local.get $free)) (i32.shl (memory.size) (i32.const 2)))
          (then (return (i32.const 0))))
        (if (i32.eqz (call $grow-pages (local.get $end)))
          (then (return (i32.const 0))))))
    (local.set $n (i32.eq (call $state (i32.sub (local.get $page) (i32.const 1))) (i32.const 5)))
    (loop $more
      (if (i32.lt_u (local.get $page) (local.get $end))
        (then
          (call $hold (local.get $page))
          (if (local.get $n)
            (then (call $see (local.get $page))))
          (local.set $page (i32.add (local.get $page) (i32.const 1)))
          (br $more))))
    (i32.const 1))

  (func $limit (export "sigil:allocator-ext/pages@0.1.0#limit") (result i64)
    (local $size i64)
    (local.set $size (call $memory-end))
    (select (local.get $size) (global.get $ceiling)
      (i64.gt_u (local.get $size) (global.get $ceiling))))

  (func (export "sigil:allocator-ext/pages@0.1.0#used") (result i64)
    (i64.shl (i64.extend_i32_u (global.get $reserved)) (i64.const 14)))

  (func (export "sigil:allocator-ext/pages@0.1.0#available") (result i64)
    (i64.add
      (i64.sub (call $limit) (call $memory-end))
      (i64.shl (i64.extend_i32_u (global.get $n-free)) (i64.const 14))))

  (func (export "sigil:allocator-ext/pages@0.1.0#cleared") (result i64)
    (global.get $cleared))
