;; What a module imports of `sigil:allocator` and `sigil:allocator-ext`, to paste. Take the lines that you call:
;; an import that a conformer has not does not link, called or not. All that is `i32` is unsigned.
(module
  ;; every conformer: blocks
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param $size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param $block i32) (param $old_size i32) (param $new_size i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param $to i32) (param $from i32) (param $n_bytes i32)))

  ;; every conformer: lifetimes
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param $scope i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param $scope i32) (param $at i32) (param $size i32) (result i32)))

  ;; every conformer: the whole heap
  (import "sigil:allocator/bulk@0.1.0" "free-all" (func $free_all))

  ;; an extension: blocks that are given back one by one
  (import "sigil:allocator-ext/sized@0.1.0" "free" (func $free (param $block i32) (param $size i32)))
  (import "sigil:allocator-ext/sized@0.1.0" "alloc-aligned" (func $alloc_aligned (param $size i32) (param $align i32) (result i32)))
  (import "sigil:allocator-ext/sized@0.1.0" "alloc-zeroed" (func $alloc_zeroed (param $size i32) (result i32)))
  (import "sigil:allocator-ext/sized@0.1.0" "try-alloc" (func $try_alloc (param $size i32) (result i32)))
  (import "sigil:allocator-ext/sized@0.1.0" "resize-in-place" (func $resize_in_place (param $block i32) (param $old_size i32) (param $new_size i32) (result i32)))

  ;; an extension: numbers about the heap
  (import "sigil:allocator-ext/stats@0.1.0" "heap-used" (func $heap_used (result i32)))
  (import "sigil:allocator-ext/stats@0.1.0" "heap-base" (func $heap_base (result i32)))
  (import "sigil:allocator-ext/stats@0.1.0" "scope-used" (func $scope_used (param $scope i32) (result i32)))
  (import "sigil:allocator-ext/stats@0.1.0" "high-water" (func $high_water (result i32)))
  (import "sigil:allocator-ext/stats@0.1.0" "pages" (func $pages (result i32)))

  ;; an extension: memory by pages
  (import "sigil:allocator-ext/pages@0.1.0" "page-size" (func $page_size (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "reserve" (func $reserve (param $n_bytes i32) (param $align i32) (param $flags i32) (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "commit" (func $commit (param $at i32) (param $n_bytes i32) (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "decommit" (func $decommit (param $at i32) (param $n_bytes i32) (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "reset" (func $reset (param $at i32) (param $n_bytes i32) (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "release" (func $release (param $at i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "unmap" (func $unmap (param $at i32) (param $n_bytes i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "resize-in-place" (func $resize_pages_in_place (param $at i32) (param $old_bytes i32) (param $new_bytes i32) (result i32)))
  (import "sigil:allocator-ext/pages@0.1.0" "limit" (func $limit (result i64)))
  (import "sigil:allocator-ext/pages@0.1.0" "used" (func $used (result i64)))
  (import "sigil:allocator-ext/pages@0.1.0" "available" (func $available (result i64)))
  (import "sigil:allocator-ext/pages@0.1.0" "cleared" (func $cleared (result i64)))

  ;; The conformer runs over memory 0, and owns it from this address on. Without the export, the heap begins behind
  ;; the initial memory.
  (memory (export "memory") 1)
  (global (export "__heap_base") i32 (i32.const 1024)))
