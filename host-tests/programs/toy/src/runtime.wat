;; What every compiled program begins with. The compiler puts its own functions behind these, and its own
;; table and static data in.
;;
;; A value is an integer, (n << 1) | 1, or the address of a block, a multiple of 8:
;;
;;   [ head | depth | tag | fields ... ]    head = kind | number of fields << 3
;;   [ head | depth | bytes ... ]           a text: head = 0 | number of bytes << 3
;;
;;   kind  0 text   1 data     2 closure            3 thunk              4 thunk at work   5 cell
;;   tag            constructor, index in the table, index in the table  the same
;;   fields         arguments  captured values      captured values      the same          the value
;;
;; `depth` is how many scopes were open when the block was made: the one thing here that the contract does
;; not provide, because it lets `$leave` tell what dies with a scope from what is older.
(module
  (type $code (func (param $self i32) (result i32)))

  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "realloc" (func $realloc (param i32 i32 i32) (result i32)))
  (import "sigil:allocator/core@0.1.0" "mem-copy" (func $mem_copy (param i32 i32 i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter_scope (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit_scope (param i32)))
  (import "sigil:allocator/scope@0.1.0" "promote" (func $promote (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (table 0 funcref)
  (memory 1) ;; [16, 28) is fd_write's, [32, 48) for digits; static data begins at 64

  (global $depth (mut i32) (i32.const 0))
  ;; Cells that are older than what they hold: nodes [next | cell], and one with the cell 0 for each open
  ;; scope, behind which the surrounding scope's nodes follow.
  (global $remembered (mut i32) (i32.const 0))
  ;; Where `$leave` packs what it keeps, how much of that is full, and how much there is.
  (global $pack (mut i32) (i32.const 0))
  (global $packed (mut i32) (i32.const 0))
  (global $room (mut i32) (i32.const 0))

  ;; --- what goes wrong: the backtrace says it -----------------------------------------------------------

  (func $not_an_integer unreachable)
  (func $not_a_text unreachable)
  (func $not_a_function unreachable)
  (func $not_data unreachable)
  (func $not_lazy unreachable)
  (func $not_a_reference unreachable)
  (func $forced_by_itself unreachable)
  (func $no_case unreachable)
  (func $output_failed unreachable)

  ;; --- blocks -------------------------------------------------------------------------------------------

  ;; The kind of a block; -1 for an integer.
  (func $kind (param $value i32) (result i32)
    (if (i32.and (local.get $value) (i32.const 1)) (then (return (i32.const -1))))
    (i32.and (i32.load (local.get $value)) (i32.const 7)))

  (func $integer (param $value i32) (result i32)
    (if (i32.eqz (i32.and (local.get $value) (i32.const 1))) (then (call $not_an_integer)))
    (i32.shr_s (local.get $value) (i32.const 1)))

  (func $box (param $number i32) (result i32)
    (i32.or (i32.shl (local.get $number) (i32.const 1)) (i32.const 1)))

  ;; The constructor of a piece of data.
  (func $constructor (param $value i32) (result i32)
    (if (i32.ne (call $kind (local.get $value)) (i32.const 1)) (then (call $not_data)))
    (i32.load offset=8 (local.get $value)))

  ;; The code of a closure, as an index in the table.
  (func $code_of (param $value i32) (result i32)
    (if (i32.ne (call $kind (local.get $value)) (i32.const 2)) (then (call $not_a_function)))
    (i32.load offset=8 (local.get $value)))

  ;; A block with room for the fields that its head speaks of. The caller fills them in.
  (func $new (param $head i32) (param $tag i32) (result i32)
    (local $block i32)
    (local.set $block
      (call $alloc (call $size_of_fields (i32.shr_u (local.get $head) (i32.const 3)))))
    (i32.store (local.get $block) (local.get $head))
    (i32.store offset=4 (local.get $block) (global.get $depth))
    (i32.store offset=8 (local.get $block) (local.get $tag))
    (local.get $block))

  (func $size_of_fields (param $n_fields i32) (result i32)
    (i32.and (i32.add (i32.shl (local.get $n_fields) (i32.const 2)) (i32.const 19)) (i32.const -8)))

  (func $size_of_text (param $n_bytes i32) (result i32)
    (i32.and (i32.add (local.get $n_bytes) (i32.const 15)) (i32.const -8)))

  (func $n_fields (param $block i32) (result i32)
    (if (i32.eqz (call $kind (local.get $block))) (then (return (i32.const 0))))
    (i32.shr_u (i32.load (local.get $block)) (i32.const 3)))

  (func $size (param $block i32) (result i32)
    (if (i32.eqz (call $kind (local.get $block)))
      (then (return (call $size_of_text (i32.shr_u (i32.load (local.get $block)) (i32.const 3))))))
    (call $size_of_fields (call $n_fields (local.get $block))))

  ;; --- texts --------------------------------------------------------------------------------------------

  (func $length (param $text i32) (result i32)
    (if (call $kind (local.get $text)) (then (call $not_a_text)))
    (i32.shr_u (i32.load (local.get $text)) (i32.const 3)))

  (func $bytes (param $text i32) (result i32)
    (i32.add (local.get $text) (i32.const 8)))

  (func $new_text (param $n_bytes i32) (result i32)
    (local $text i32)
    ;; A head has 29 bits for the length. What does not fit exhausts memory, like all that is too large.
    (if (i32.gt_u (local.get $n_bytes) (i32.const 0x1fffffff))
      (then (drop (call $alloc (i32.const -1)))))
    (local.set $text (call $alloc (call $size_of_text (local.get $n_bytes))))
    (i32.store (local.get $text) (i32.shl (local.get $n_bytes) (i32.const 3)))
    (i32.store offset=4 (local.get $text) (global.get $depth))
    (local.get $text))

  (func $concat (param $left i32) (param $right i32) (result i32)
    (local $n_left i32) (local $n_right i32) (local $text i32)
    (local.set $n_left (call $length (local.get $left)))
    (local.set $n_right (call $length (local.get $right)))
    (local.set $text (call $new_text (i32.add (local.get $n_left) (local.get $n_right))))
    (call $mem_copy (call $bytes (local.get $text)) (call $bytes (local.get $left)) (local.get $n_left))
    (call $mem_copy
      (i32.add (call $bytes (local.get $text)) (local.get $n_left))
      (call $bytes (local.get $right)) (local.get $n_right))
    (local.get $text))

  ;; A number in decimal. The digits are written from the end of the place that is there for them.
  (func $show (param $value i32) (result i32)
    (local $number i32) (local $rest i32) (local $at i32) (local $text i32)
    (local.set $number (call $integer (local.get $value)))
    (local.set $rest
      (select (i32.sub (i32.const 0) (local.get $number)) (local.get $number)
        (i32.lt_s (local.get $number) (i32.const 0))))
    (local.set $at (i32.const 48))
    (loop $digit
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at) (i32.add (i32.const 48) (i32.rem_u (local.get $rest) (i32.const 10))))
      (local.set $rest (i32.div_u (local.get $rest) (i32.const 10)))
      (br_if $digit (local.get $rest)))
    (if (i32.lt_s (local.get $number) (i32.const 0))
      (then
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (i32.store8 (local.get $at) (i32.const 45))))
    (local.set $text (call $new_text (i32.sub (i32.const 48) (local.get $at))))
    (call $mem_copy (call $bytes (local.get $text)) (local.get $at)
      (i32.sub (i32.const 48) (local.get $at)))
    (local.get $text))

  ;; 1 for the same integer, the same block, or texts of the same bytes; not boxed.
  (func $equal (param $left i32) (param $right i32) (result i32)
    (local $n i32)
    (if (i32.eq (local.get $left) (local.get $right)) (then (return (i32.const 1))))
    (if (i32.or (call $kind (local.get $left)) (call $kind (local.get $right)))
      (then (return (i32.const 0))))
    (local.set $n (call $length (local.get $left)))
    (if (i32.ne (local.get $n) (call $length (local.get $right))) (then (return (i32.const 0))))
    (loop $byte
      (if (i32.eqz (local.get $n)) (then (return (i32.const 1))))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $byte
        (i32.eq
          (i32.load8_u offset=8 (i32.add (local.get $left) (local.get $n)))
          (i32.load8_u offset=8 (i32.add (local.get $right) (local.get $n))))))
    (i32.const 0))

  (func $print (param $text i32)
    (call $write (call $bytes (local.get $text)) (call $length (local.get $text)))
    (i32.store8 (i32.const 32) (i32.const 10))
    (call $write (i32.const 32) (i32.const 1)))

  (func $write (param $at i32) (param $n_bytes i32)
    (loop $more
      (if (i32.eqz (local.get $n_bytes)) (then (return)))
      (i32.store (i32.const 16) (local.get $at))
      (i32.store (i32.const 20) (local.get $n_bytes))
      (if (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))
        (then (call $output_failed)))
      (if (i32.eqz (i32.load (i32.const 24))) (then (call $output_failed)))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 24))))
      (local.set $n_bytes (i32.sub (local.get $n_bytes) (i32.load (i32.const 24))))
      (br $more)))

  ;; --- thunks and references ----------------------------------------------------------------------------

  ;; The value of a thunk, which is computed the first time; or what a reference holds.
  (func $force (param $lazy i32) (result i32)
    (local $kind i32) (local $value i32)
    (local.set $kind (call $kind (local.get $lazy)))
    (if (i32.eq (local.get $kind) (i32.const 5)) (then (return (i32.load offset=12 (local.get $lazy)))))
    (if (i32.eq (local.get $kind) (i32.const 4)) (then (call $forced_by_itself)))
    (if (i32.ne (local.get $kind) (i32.const 3)) (then (call $not_lazy)))
    ;; 3 + 1: at work. The captured values stay, the code reads them.
    (i32.store (local.get $lazy) (i32.add (i32.load (local.get $lazy)) (i32.const 1)))
    (local.set $value
      (call_indirect (type $code) (local.get $lazy) (i32.load offset=8 (local.get $lazy))))
    (i32.store (local.get $lazy) (i32.const 13)) ;; a cell of one field
    (call $store (local.get $lazy) (local.get $value))
    (local.get $value))

  (func $set (param $cell i32) (param $value i32)
    (if (i32.ne (call $kind (local.get $cell)) (i32.const 5)) (then (call $not_a_reference)))
    (call $store (local.get $cell) (local.get $value)))

  ;; The only place where an old block comes to point to a newer one.
  (func $store (param $cell i32) (param $value i32)
    (i32.store offset=12 (local.get $cell) (local.get $value))
    (if (i32.and (local.get $value) (i32.const 1)) (then (return)))
    (if (i32.gt_u (i32.load offset=4 (local.get $value)) (i32.load offset=4 (local.get $cell)))
      (then (call $remember (local.get $cell)))))

  (func $remember (param $cell i32)
    (local $node i32)
    (local.set $node (call $alloc (i32.const 8)))
    (i32.store (local.get $node) (global.get $remembered))
    (i32.store offset=4 (local.get $node) (local.get $cell))
    (global.set $remembered (local.get $node)))

  ;; --- scopes -------------------------------------------------------------------------------------------

  (func $enter (result i32)
    (local $handle i32)
    (local.set $handle (call $enter_scope))
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (call $remember (i32.const 0))
    (local.get $handle))

  ;; Ends the innermost scope. Returns the value of the scope's body, where it lives on; and so does all that
  ;; older cells have come to hold.
  (func $leave (param $handle i32) (param $value i32) (result i32)
    (if (i32.eqz (i32.or (call $dies (local.get $value)) (i32.load offset=4 (global.get $remembered))))
      (then
        ;; Nothing lives on: one call, whatever was allocated.
        (global.set $remembered (i32.load (global.get $remembered)))
        (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
        (call $exit_scope (local.get $handle))
        (return (local.get $value))))
    (call $leave_with (local.get $handle) (local.get $value)))

  ;; Packs what lives on into one block, in which it refers to itself by offsets; promotes that block, in
  ;; one call; and turns the offsets into addresses.
  (func $leave_with (param $handle i32) (param $value i32) (result i32)
    (local $node i32) (local $cell i32) (local $at i32) (local $end i32) (local $base i32)
    (global.set $room (i32.const 256))
    (global.set $pack (call $alloc (global.get $room)))
    (global.set $packed (i32.const 0))
    (local.set $value (call $move (local.get $value)))
    (local.set $node (global.get $remembered))
    (block $all
      (loop $next
        (br_if $all (i32.eqz (local.tee $cell (i32.load offset=4 (local.get $node)))))
        (i32.store offset=12 (local.get $cell) (call $move (i32.load offset=12 (local.get $cell))))
        (local.set $node (i32.load (local.get $node)))
        (br $next)))
    ;; What was moved refers to what is still to be moved: the pack itself is the list of what to do.
    (block $all
      (loop $next
        (br_if $all (i32.ge_u (local.get $at) (global.get $packed)))
        (call $move_fields (local.get $at))
        (local.set $at
          (i32.add (local.get $at) (call $size (i32.add (global.get $pack) (local.get $at)))))
        (br $next)))
    (local.set $end (local.get $at))
    ;; Behind the blocks, the cells: their list dies with the scope.
    (local.set $node (global.get $remembered))
    (block $all
      (loop $next
        (br_if $all (i32.eqz (local.tee $cell (i32.load offset=4 (local.get $node)))))
        (local.set $at (call $reserve (i32.const 8)))
        (i32.store (i32.add (global.get $pack) (local.get $at)) (local.get $cell))
        (local.set $node (i32.load (local.get $node)))
        (br $next)))
    (global.set $remembered (i32.load (local.get $node)))
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    (local.set $base (call $promote (local.get $handle) (global.get $pack) (global.get $packed)))
    (local.set $at (i32.const 0))
    (block $all
      (loop $next
        (br_if $all (i32.ge_u (local.get $at) (local.get $end)))
        (call $settle_fields (i32.add (local.get $base) (local.get $at)) (local.get $base))
        (local.set $at
          (i32.add (local.get $at) (call $size (i32.add (local.get $base) (local.get $at)))))
        (br $next)))
    (block $all
      (loop $next
        (br_if $all (i32.ge_u (local.get $at) (global.get $packed)))
        (local.set $cell (i32.load (i32.add (local.get $base) (local.get $at))))
        ;; Where the cell is older still, the scope that is innermost now remembers it.
        (call $store (local.get $cell)
          (call $settle (i32.load offset=12 (local.get $cell)) (local.get $base)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (br $next)))
    (call $settle (local.get $value) (local.get $base)))

  ;; Whether a value is a block of the innermost scope.
  (func $dies (param $value i32) (result i32)
    (if (i32.and (local.get $value) (i32.const 3)) (then (return (i32.const 0))))
    (i32.eq (i32.load offset=4 (local.get $value)) (global.get $depth)))

  ;; Where a value is once the scope has ended: itself, or an offset in the pack, plus 2. What has been moved
  ;; leaves that offset in its head, so that what is shared stays shared, and cycles end.
  (func $move (param $value i32) (result i32)
    (local $size i32) (local $at i32) (local $to i32)
    (if (i32.eqz (call $dies (local.get $value))) (then (return (local.get $value))))
    (if (i32.eq (call $kind (local.get $value)) (i32.const 7))
      (then (return (i32.sub (i32.load (local.get $value)) (i32.const 5)))))
    (local.set $size (call $size (local.get $value)))
    (local.set $at (call $reserve (local.get $size)))
    (local.set $to (i32.add (global.get $pack) (local.get $at)))
    (call $mem_copy (local.get $to) (local.get $value) (local.get $size))
    (i32.store offset=4 (local.get $to) (i32.sub (global.get $depth) (i32.const 1)))
    (i32.store (local.get $value) (i32.add (local.get $at) (i32.const 7)))
    (i32.add (local.get $at) (i32.const 2)))

  ;; The fields of the block at an offset in the pack, which itself moves when it grows.
  (func $move_fields (param $at i32)
    (local $field i32) (local $end i32) (local $value i32)
    (local.set $field (i32.add (local.get $at) (i32.const 12)))
    (local.set $end
      (i32.add (local.get $field)
        (i32.shl (call $n_fields (i32.add (global.get $pack) (local.get $at))) (i32.const 2))))
    (loop $next
      (if (i32.ge_u (local.get $field) (local.get $end)) (then (return)))
      (local.set $value (call $move (i32.load (i32.add (global.get $pack) (local.get $field)))))
      (i32.store (i32.add (global.get $pack) (local.get $field)) (local.get $value))
      (local.set $field (i32.add (local.get $field) (i32.const 4)))
      (br $next)))

  (func $settle (param $value i32) (param $base i32) (result i32)
    (if (i32.ne (i32.and (local.get $value) (i32.const 3)) (i32.const 2))
      (then (return (local.get $value))))
    (i32.add (local.get $base) (i32.sub (local.get $value) (i32.const 2))))

  (func $settle_fields (param $block i32) (param $base i32)
    (local $field i32) (local $end i32)
    (local.set $field (i32.add (local.get $block) (i32.const 12)))
    (local.set $end
      (i32.add (local.get $field) (i32.shl (call $n_fields (local.get $block)) (i32.const 2))))
    (loop $next
      (if (i32.ge_u (local.get $field) (local.get $end)) (then (return)))
      (i32.store (local.get $field) (call $settle (i32.load (local.get $field)) (local.get $base)))
      (local.set $field (i32.add (local.get $field) (i32.const 4)))
      (br $next)))

  ;; Room for so many bytes at the end of the pack, as an offset. The pack is the newest block, so that it
  ;; grows in place where the conformer can (R3).
  (func $reserve (param $n_bytes i32) (result i32)
    (local $at i32) (local $needed i32) (local $doubled i32)
    (local.set $at (global.get $packed))
    (local.set $needed (i32.add (local.get $at) (local.get $n_bytes)))
    (if (i32.gt_u (local.get $needed) (global.get $room))
      (then
        (local.set $doubled (i32.shl (global.get $room) (i32.const 1)))
        (local.set $doubled
          (select (local.get $doubled) (local.get $needed)
            (i32.gt_u (local.get $doubled) (local.get $needed))))
        (global.set $pack (call $realloc (global.get $pack) (global.get $room) (local.get $doubled)))
        (global.set $room (local.get $doubled))))
    (global.set $packed (local.get $needed))
    (local.get $at)))
