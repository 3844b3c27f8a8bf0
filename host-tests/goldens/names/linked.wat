(module $program
  (type (;0;) (func (result i32)))
  (type (;1;) (func (param i32) (result i32)))
  (type (;2;) (func (param i32)))
  (table $table (;0;) 1 funcref)
  (memory $memory (;0;) 1)
  (tag $tag (;0;) (type 2) (param i32))
  (global $counter (;0;) (mut i32) i32.const 0)
  (global $used (;1;) (mut i32) i32.const 0)
  (export "work" (func $work))
  (elem $elements (;0;) func $work)
  (@custom "before" (after elem) "stays")
  (func $work (;0;) (type 1) (param $n i32) (result i32)
    (local $block i32)
    local.get $n
    call $sigil:allocator/core@0.1.0#alloc
    local.set $block
    block $outer
      local.get $block
      i32.eqz
      (@metadata.code.branch_hint "\00")
      br_if $outer
      loop $inner
        global.get $counter
        i32.const 1
        i32.add
        global.set $counter
        global.get $counter
        call $sigil:allocator/scope@0.1.0#enter-scope
        i32.lt_u
        (@metadata.code.branch_hint "\01")
        br_if $inner
      end
    end
    local.get $block
  )
  (func $sigil:allocator/core@0.1.0#alloc (;1;) (type 1) (param $size i32) (result i32)
    (local $block i32)
    i32.const 65536
    global.get $used
    i32.add
    local.set $block
    local.get $size
    i32.const 65536
    local.get $block
    i32.sub
    i32.gt_u
    if ;; label = @1
      local.get $size
      call $grow
      return
    end
    global.get $used
    local.get $size
    i32.add
    global.set $used
    local.get $block
  )
  (func $grow (;2;) (type 1) (param $size i32) (result i32)
    local.get $size
    memory.grow
    i32.const -1
    i32.eq
    if ;; label = @1
      unreachable
    end
    i32.const 8
  )
  (func $sigil:allocator/scope@0.1.0#enter-scope (;3;) (type 0) (result i32)
    global.get $used
  )
  (data $greeting (;0;) (i32.const 16) "hello")
  (@producers
    (language "WAT" "1")
    (processed-by "hand" "")
    (processed-by "sigil" "VERSION")
  )
  (@custom "behind" (after data) "stays too")
)
;; warning: dropped from `program.wasm`, because its code has moved: sourceMappingURL
