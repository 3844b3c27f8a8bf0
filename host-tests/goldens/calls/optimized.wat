(module
  (type (;0;) (func (param i32) (result i32)))
  (type (;1;) (func (result i32)))
  (type (;2;) (func (param i32)))
  (type (;3;) (func (param i32 i32) (result i32)))
  (type (;4;) (func))
  (import "wasi_snapshot_preview1" "proc_exit" (func $leave (;0;) (type 2)))
  (memory (;0;) 1)
  (global (;0;) i32 i32.const 4096)
  (global $used (;1;) (mut i32) i32.const 0)
  (export "memory" (memory 0))
  (export "__heap_base" (global 0))
  (export "_start" (func 2))
  (func $pair (;1;) (type 3) (param $first i32) (param $rest i32) (result i32)
    (local $block i32) (local i32)
    i32.const 4112
    global.get $used
    i32.add
    local.set 3
    i32.const 8
    i32.const 65536
    local.get 3
    i32.sub
    i32.gt_u
    if (result i32) ;; label = @1
      i32.const 8
      call $sigil:allocator/core@0.1.0#alloc
    else
      global.get $used
      i32.const 8
      i32.add
      global.set $used
      local.get 3
    end
    local.tee $block
    local.get $first
    i32.store
    local.get $block
    local.get $rest
    i32.store offset=4
    local.get $block
  )
  (func (;2;) (type 4)
    (local $scope i32) (local i32 i32)
    global.get $used
    local.set $scope
    i32.const 1
    i32.const 2
    local.get $scope
    local.set 1
    i32.const 4112
    global.get $used
    i32.add
    local.set 2
    local.get 1
    i32.const 65536
    local.get 2
    i32.sub
    i32.gt_u
    if (result i32) ;; label = @1
      local.get 1
      call $sigil:allocator/core@0.1.0#alloc
    else
      global.get $used
      local.get 1
      i32.add
      global.set $used
      local.get 2
    end
    call $pair
    call $pair
    drop
    local.get $scope
    global.set $used
    i32.const 0
    call $leave
  )
  (func $sigil:allocator/core@0.1.0#alloc (;3;) (type 0) (param $size i32) (result i32)
    (local $block i32)
    i32.const 4112
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
      i32.const 4096
      local.get $size
      i32.store
      call $grow
      return
    end
    global.get $used
    local.get $size
    i32.add
    global.set $used
    local.get $block
  )
  (func $grow (;4;) (type 0) (param $size i32) (result i32)
    local.get $size
    memory.grow
    i32.const -1
    i32.eq
    if ;; label = @1
      unreachable
    end
    i32.const 8
  )
  (func $sigil:allocator/scope@0.1.0#enter-scope (;5;) (type 1) (result i32)
    global.get $used
  )
  (func $sigil:allocator/scope@0.1.0#exit-scope (;6;) (type 2) (param $handle i32)
    local.get $handle
    global.set $used
  )
  (@producers
    (processed-by "sigil" "VERSION")
  )
)
