;; Names of everything, custom sections before and behind the code, and a branch hint.
(module $program
  (@custom "before" (before code) "stays")
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter (result i32)))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (memory $memory 1)
  (global $counter (mut i32) (i32.const 0))
  (table $table 1 funcref)
  (tag $tag (param i32))
  (elem $elements func $work)
  (data $greeting (i32.const 16) "hello")
  (@producers (language "WAT" "1") (processed-by "hand" ""))
  (func $work (export "work") (param $n i32) (result i32)
    (local $block i32)
    (local.set $block (call $alloc (local.get $n)))
    (block $outer
      (@metadata.code.branch_hint "\00") (br_if $outer (i32.eqz (local.get $block)))
      (loop $inner
        (global.set $counter (i32.add (global.get $counter) (i32.const 1)))
        (@metadata.code.branch_hint "\01") (br_if $inner (i32.lt_u (global.get $counter) (call $enter)))))
    (local.get $block))
  (@custom "sourceMappingURL" "\0cwork.wasm.map")
  (@custom "behind" "stays too"))
