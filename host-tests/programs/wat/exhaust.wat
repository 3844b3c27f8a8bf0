;; Allocates until memory ends, and lets the host look at the heap afterwards.
;;
;; Every block is written from end to end, and linked to the one before: [previous block][size][tag ...].
;; After the trap the host may call again: `check` walks all blocks, `alloc_once` asks for a smaller one.
(module $exhaust
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024))
  (global $last (mut i32) (i32.const 0))
  (global $n_blocks (mut i32) (i32.const 0))
  (data (i32.const 64) "filling\n")

  ;; Fills the block with a byte of its own, and links it in.
  (func $keep (param $block i32) (param $size i32)
    (memory.fill (local.get $block) (call $tag (local.get $block)) (local.get $size))
    (i32.store (local.get $block) (global.get $last))
    (i32.store offset=4 (local.get $block) (local.get $size))
    (global.set $last (local.get $block))
    (global.set $n_blocks (i32.add (global.get $n_blocks) (i32.const 1))))

  ;; A block's byte depends on where it is: blocks of one size are 8 bytes apart at least.
  (func $tag (param $block i32) (result i32)
    (i32.and (i32.mul (i32.shr_u (local.get $block) (i32.const 3)) (i32.const 167)) (i32.const 255)))

  ;; Allocates blocks of `block_bytes`, at least 16, for ever. Never returns.
  (func (export "fill") (param $block_bytes i32)
    (loop $more
      (call $keep (call $alloc (local.get $block_bytes)) (local.get $block_bytes))
      (br $more)))

  ;; One block, at least 16 bytes, kept like the others.
  (func (export "alloc_once") (param $size i32) (result i32)
    (local $block i32)
    (call $keep (local.tee $block (call $alloc (local.get $size))) (local.get $size))
    (local.get $block))

  ;; Asks for a larger block in the place of the last one. Only for requests that trap: the list would
  ;; otherwise point to a dead block.
  (func (export "grow_last") (param $size i32)
    (drop (call $realloc
      (global.get $last) (i32.load offset=4 (global.get $last)) (local.get $size))))

  (func (export "enter_scope") (result i32) (call $enter_scope))

  ;; Closes a scope, and forgets the blocks that were made in it: all but the first `n_kept`.
  (func (export "exit_scope") (param $scope i32) (param $n_kept i32)
    (loop $forget
      (if (i32.gt_u (global.get $n_blocks) (local.get $n_kept))
        (then
          (global.set $last (i32.load (global.get $last)))
          (global.set $n_blocks (i32.sub (global.get $n_blocks) (i32.const 1)))
          (br $forget))))
    (call $exit_scope (local.get $scope)))

  ;; The number of blocks, or -1 where one is not as it was written.
  (func (export "check") (result i32)
    (local $block i32) (local $at i32) (local $n i32)
    (local.set $block (global.get $last))
    (block $end
      (loop $next
        (br_if $end (i32.eqz (local.get $block)))
        (local.set $at (i32.add (local.get $block) (i32.load offset=4 (local.get $block))))
        (loop $byte
          (local.set $at (i32.sub (local.get $at) (i32.const 1)))
          (if (i32.ne (i32.load8_u (local.get $at)) (call $tag (local.get $block)))
            (then (return (i32.const -1))))
          (br_if $byte
            (i32.gt_u (local.get $at) (i32.add (local.get $block) (i32.const 8)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (local.set $block (i32.load (local.get $block)))
        (br $next)))
    (if (i32.ne (local.get $n) (global.get $n_blocks))
      (then (return (i32.const -1))))
    (local.get $n))

  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 8))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
      (then unreachable))
    (loop $more
      (call $keep (call $alloc (i32.const 1000)) (i32.const 1000))
      (br $more))))
