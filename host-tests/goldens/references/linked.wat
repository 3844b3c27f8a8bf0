(module
  (type $sized (;0;) (func (param i32) (result i32)))
  (type (;1;) (func))
  (import "env" "memory" (memory (;0;) 1))
  (table $table (;0;) 2 funcref)
  (global $used (;0;) (mut i32) i32.const 0)
  (export "alloc" (func $sigil:allocator/core@0.1.0#alloc))
  (start $main)
  (elem (;0;) (table $table) (i32.const 0) func $sigil:allocator/core@0.1.0#alloc $own)
  (func $own (;0;) (type $sized) (param i32) (result i32)
    local.get 0
    return_call $sigil:allocator/core@0.1.0#alloc
  )
  (func $main (;1;) (type 1)
    i32.const 8
    i32.const 1
    call_indirect (type $sized)
    drop
    i32.const 1
    ref.func $sigil:allocator/core@0.1.0#alloc
    table.set $table
  )
  (func $sigil:allocator/core@0.1.0#alloc (;2;) (type $sized) (param $size i32) (result i32)
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
  (func $grow (;3;) (type $sized) (param $size i32) (result i32)
    local.get $size
    memory.grow
    i32.const -1
    i32.eq
    if ;; label = @1
      unreachable
    end
    i32.const 8
  )
  (@producers
    (processed-by "sigil" "VERSION")
  )
)
