;; The limit: workloads a and b with a bump allocator written into their loops, state in globals. The checks are those
;; of a right allocator: whether the block fits, and a call that grows memory where it does not.
(module
  (memory (export "memory") 4)
  (global $ptr (mut i32) (i32.const 32768))
  (global $end (mut i32) (i32.const 262144))

  (func $grow (param $size i32) (result i32)
    (local $block i32)
    (if (i32.eq (i32.const -1) (memory.grow
          (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))))
      (then unreachable))
    (global.set $end (i32.shl (memory.size) (i32.const 16)))
    (local.set $block (global.get $ptr))
    (global.set $ptr (i32.add (local.get $block)
      (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
    (local.get $block))

  ;; 10,000 blocks of 16 bytes that contain $word and up; the address of the first one.
  (func $batch (param $word i32) (result i32)
    (local $start i32) (local $block i32) (local $last i32)
    (local.set $start (global.get $ptr))
    (local.set $last (i32.add (local.get $word) (i32.const 10000)))
    (loop $blocks
      (i32.store
        (if (result i32)
          (i32.gt_u (i32.const 16)
            (i32.sub (global.get $end) (local.tee $block (global.get $ptr))))
          (then (call $grow (i32.const 16)))
          (else
            (global.set $ptr (i32.add (local.get $block) (i32.const 16)))
            (local.get $block)))
        (local.get $word))
      (br_if $blocks (i32.ne (local.get $last)
        (local.tee $word (i32.add (local.get $word) (i32.const 1))))))
    (local.get $start))

  (func (export "a_scopes") (param $n-batches i32) (result i32)
    (local $i i32) (local $digest i32) (local $scope i32)
    (local.set $scope (call $batch (i32.const 1)))
    (loop $words
      (if (i32.ne (i32.add (local.get $i) (i32.const 1))
            (i32.load (i32.add (local.get $scope) (i32.shl (local.get $i) (i32.const 4)))))
        (then unreachable))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $digest (i32.add (local.get $i)
        (i32.mul (local.get $digest) (i32.const 31))))
      (br_if $words (i32.ne (local.get $i) (i32.const 10000))))
    (global.set $ptr (local.get $scope))
    (loop $batches
      (global.set $ptr (call $batch (i32.const 0)))
      (br_if $batches
        (local.tee $n-batches (i32.sub (local.get $n-batches) (i32.const 1)))))
    (local.get $digest))

  ;; 4,096 sizes from 8 to 256 at address 1024: splitmix64 from 7, as the driver draws them.
  (func $sizes
    (local $state i64) (local $z i64) (local $i i32)
    (local.set $state (i64.const 7))
    (loop $draws
      (local.set $state (i64.add (local.get $state) (i64.const 0x9e3779b97f4a7c15)))
      (local.set $z (local.get $state))
      (local.set $z (i64.mul (i64.const 0xbf58476d1ce4e5b9)
        (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 30)))))
      (local.set $z (i64.mul (i64.const 0x94d049bb133111eb)
        (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 27)))))
      (local.set $z (i64.xor (local.get $z) (i64.shr_u (local.get $z) (i64.const 31))))
      (i32.store offset=1024 (i32.shl (local.get $i) (i32.const 2))
        (i32.add (i32.const 8) (i32.wrap_i64 (i64.shr_u
          (i64.mul (i64.shr_u (local.get $z) (i64.const 32)) (i64.const 249))
          (i64.const 32)))))
      (br_if $draws (i32.ne (i32.const 4096)
        (local.tee $i (i32.add (local.get $i) (i32.const 1)))))))

  (func $alloc (param $size i32) (result i32)
    (local $block i32)
    (if (result i32)
      (i32.gt_u (local.get $size)
        (i32.sub (global.get $end) (local.tee $block (global.get $ptr))))
      (then (call $grow (local.get $size)))
      (else
        (global.set $ptr (i32.add (local.get $block)
          (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
        (local.get $block))))

  (func (export "b_scopes") (param $n-turns i32) (result i32)
    (local $i i32) (local $digest i32) (local $outer i32) (local $turn i32) (local $level i32)
    (local $next i32) (local $size i32) (local $block i32)
    (local $scope-0 i32) (local $scope-1 i32) (local $scope-2 i32) (local $scope-3 i32)
    (call $sizes)
    (local.set $outer (global.get $ptr))
    ;; One turn whose contents are checked; the addresses lie at 20480.
    (loop $checked
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $block (call $alloc
        (i32.load offset=1024 (i32.shl (local.get $i) (i32.const 2)))))
      (i32.store (local.get $block) (local.get $i))
      (i32.store offset=20480 (i32.shl (local.get $i) (i32.const 2)) (local.get $block))
      (br_if $checked (i32.ne (local.get $i) (i32.const 100))))
    (local.set $i (i32.const 0))
    (loop $read
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (if (i32.ne (local.get $i)
            (i32.load (i32.load offset=20480 (i32.shl (local.get $i) (i32.const 2)))))
        (then unreachable))
      (local.set $digest (i32.add (local.get $i)
        (i32.mul (local.get $digest) (i32.const 31))))
      (br_if $read (i32.ne (local.get $i) (i32.const 100))))
    (global.set $ptr (local.get $outer))
    (loop $turns
      (local.set $level (i32.const 0))
      (loop $levels
        ;; Entering a scope is remembering where the heap ends.
        (local.set $scope-3 (local.get $scope-2))
        (local.set $scope-2 (local.get $scope-1))
        (local.set $scope-1 (local.get $scope-0))
        (local.set $scope-0 (global.get $ptr))
        (local.set $i (i32.const 25))
        (loop $blocks
          (local.set $size (i32.load offset=1024 (i32.shl
            (i32.and (local.get $next) (i32.const 4095)) (i32.const 2))))
          (local.set $next (i32.add (local.get $next) (i32.const 1)))
          (i32.store
            (if (result i32)
              (i32.gt_u (local.get $size)
                (i32.sub (global.get $end) (local.tee $block (global.get $ptr))))
              (then (call $grow (local.get $size)))
              (else
                (global.set $ptr (i32.add (local.get $block)
                  (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
                (local.get $block)))
            (local.get $turn))
          (br_if $blocks (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (br_if $levels (i32.ne (i32.const 4)
          (local.tee $level (i32.add (local.get $level) (i32.const 1))))))
      (global.set $ptr (local.get $scope-0))
      (global.set $ptr (local.get $scope-1))
      (global.set $ptr (local.get $scope-2))
      (global.set $ptr (local.get $scope-3))
      (br_if $turns (i32.ne (local.get $n-turns)
        (local.tee $turn (i32.add (local.get $turn) (i32.const 1))))))
    (local.get $digest)))
