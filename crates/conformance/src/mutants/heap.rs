//! Faults of the heap as a whole: H1 to H8, B1.

use super::Mutant;
use crate::Clause::*;

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::new(
        "first-block-at-zero",
        H1,
        "a heap base of 0 is taken literally",
        &[
            // Address 0 is what the linker passes for none; a block of 0 bytes is placed there.
            (
                "(local.set $block (global.get $top))\n    ;; The room",
                "(if (i32.and (i32.eqz (local.get $size)) (i32.eqz (global.get $first)))\n      (then (return (i32.const 0))))\n    (local.set $block (global.get $top))\n    ;; The room",
            ),
        ],
    ),
    Mutant::new(
        "ignores-the-heap-base",
        H2,
        "the heap begins at 1024, where small programs have static data",
        &[(
            "(call $round-up (global.get $heap-base))",
            "(i32.const 1024)",
        )],
    ),
    Mutant::new(
        "rounds-the-heap-base-down",
        H2,
        "an unaligned heap base is rounded towards the program's data",
        &[(
            "(call $round-up (global.get $heap-base))",
            "(i32.and (i32.sub (global.get $heap-base) (i32.const 16)) (i32.const -8))",
        )],
    ),
    Mutant::new(
        "leaves-the-first-pages",
        H2,
        "memory that was there to begin with is never used",
        &[(
            "(if (i32.or\n          (local.get $chunk)\n",
            "(if (i32.or\n          (i32.const 1)\n",
        )],
    ),
    Mutant::new(
        "one-page-too-many",
        H2,
        "an exact multiple of the page size grows by one page more, so that the last page is never filled",
        &[(
            "(i64.shr_u (i64.add (local.get $size) (i64.const 65535)) (i64.const 16))",
            "(i64.add (i64.shr_u (local.get $size) (i64.const 16)) (i64.const 1))",
        )],
    ),
    Mutant::new(
        "trusts-memory-size",
        H3,
        "a bump pointer that runs to the end of memory, whoever grew it",
        &[(
            "          (local.set $end (i32.load (local.get $chunk)))\n          (if",
            "          (local.set $end (call $address (call $memory-end)))\n          (if",
        )],
    ),
    Mutant::new(
        "reads-memory-size-at-first",
        H3,
        "the heap's first end is read at the first call, not given by the linker",
        &[(
            "(i32.store (local.get $next) (global.get $heap-end))",
            "(i32.store (local.get $next) (call $address (call $memory-end)))",
        )],
    ),
    Mutant::new(
        "takes-growth-for-contiguous",
        H3,
        "new pages are taken for the continuation of the last chunk",
        &[(
            "(if (i64.ne (i64.extend_i32_u (local.get $end)) (call $memory-end))\n      (then (return (i32.const 0))))",
            "",
        )],
    ),
    Mutant::new(
        "signed-compare",
        H4,
        "the size is compared with the room as a signed number",
        &[("(i32.ge_u (local.get $size)", "(i32.ge_s (local.get $size)")],
    ),
    Mutant::new(
        "signed-room",
        H4,
        "the room in a chunk is compared as a signed number",
        &[(
            "(if (i32.le_u (local.get $size) (i32.sub",
            "(if (i32.le_s (local.get $size) (i32.sub",
        )],
    ),
    Mutant::new(
        "rounds-before-comparing",
        H4,
        "the size is rounded up first, and the largest ones wrap to 0",
        &[(
            "(local.set $block (global.get $top))\n    ;; The room",
            "(local.set $size (call $round-up (local.get $size)))\n    (local.set $block (global.get $top))\n    ;; The room",
        )],
    ),
    Mutant::new(
        "adds-in-32-bits",
        H4,
        "top plus size is compared with the end, and wraps",
        &[(
            "(i32.ge_u (local.get $size) (i32.sub (global.get $end) (local.get $block)))",
            "(i32.ge_u (i32.add (local.get $block) (local.get $size)) (global.get $end))",
        )],
    ),
    Mutant::new(
        "counts-pages-in-32-bits",
        H4,
        "rounding a size up to pages wraps near 2^32",
        &[(
            "(i32.wrap_i64 (i64.shr_u (i64.add (local.get $size) (i64.const 65535)) (i64.const 16)))",
            "(i32.shr_u (i32.add (i32.wrap_i64 (local.get $size)) (i32.const 65535)) (i32.const 16))",
        )],
    ),
    Mutant::new(
        "wraps-at-4-gib",
        H4,
        "the end of a full memory is computed in 32 bits, and is 0",
        &[(
            "(if (result i32) (i64.gt_u (local.get $end) (i64.const 0xfffffff8))\n      (then (i32.const 0xfffffff8))",
            "(if (result i32) (i32.const 0)\n      (then (i32.const 0xfffffff8))",
        )],
    ),
    Mutant::new(
        "minus-one-on-exhaustion",
        H5,
        "a refused growth is passed on as -1",
        &[(
            "(if (i32.ge_u (local.get $size) (i32.sub (global.get $end) (local.get $block)))\n      (then (return",
            "(if (i32.gt_u (local.get $size) (i32.const 0x8000000))\n      (then (drop (memory.grow (i32.const 65536))) (return (i32.const -1))))\n    (if (i32.ge_u (local.get $size) (i32.sub (global.get $end) (local.get $block)))\n      (then (return",
        )],
    ),
    Mutant::new(
        "traps-without-asking",
        H5,
        "a request that can never fit traps without a growth that a host could see refused",
        &[(
            "    (local.set $pages\n      (memory.grow",
            "    (if (i64.gt_u (local.get $size) (i64.const 0x7fffffff))\n      (then (unreachable)))\n    (local.set $pages\n      (memory.grow",
        )],
    ),
    Mutant::new(
        "gives-up-too-soon",
        H5,
        "memory of more than 16 pages is taken for exhausted",
        &[(
            "    (if (i32.eq (local.get $pages) (i32.const -1))",
            "    (if (i32.gt_u (memory.size) (i32.const 16))\n      (then (drop (memory.grow (i32.const 65536))) (unreachable)))\n    (if (i32.eq (local.get $pages) (i32.const -1))",
        )],
    ),
    Mutant::new(
        "moves-before-growing",
        H6,
        "the bump pointer is moved before it is known whether memory grows",
        &[(
            "      (if (call $extend (local.get $chunk)",
            "      (if (i32.load offset=4 (local.get $chunk)) (then)\n        (else (global.set $top (global.get $end))))\n      (if (call $extend (local.get $chunk)",
        )],
    ),
    Mutant::new(
        "notes-growth-before-it",
        H6,
        "the chunk's new end is written before memory grows",
        &[(
            "    (drop (call $grow\n",
            "    (i32.store (local.get $chunk)\n      (i32.and (i32.add (local.get $at) (call $round-up (local.get $size))) (i32.const 0x7fff0000)))\n    (drop (call $grow\n",
        )],
    ),
    Mutant::new(
        "relies-on-zero",
        H7,
        "a mark's parent is or-ed into memory that is taken for zero",
        &[(
            "    (i32.store (local.get $mark) (global.get $scope))",
            "    (i32.store (local.get $mark) (i32.or (i32.load (local.get $mark)) (global.get $scope)))",
        )],
    ),
    Mutant::new(
        "needs-an-alloc-first",
        H8,
        "`enter-scope` works only once something has been allocated",
        &[(
            "    (local.set $mark (call $alloc (i32.const 8)))",
            "    (if (i32.eqz (global.get $first))\n      (then (unreachable)))\n    (local.set $mark (call $alloc (i32.const 8)))",
        )],
    ),
    Mutant::new(
        "free-all-needs-a-heap",
        H8,
        "`free-all` as the first call makes a heap of chunk 0",
        &[(
            "    (if (global.get $first)\n      (then\n        (global.set $chunk (global.get $first))",
            "    (if (i32.const 1)\n      (then\n        (if (i32.eqz (global.get $first))\n          (then (global.set $first (i32.const 16))))\n        (global.set $chunk (global.get $first))",
        )],
    ),
    Mutant::new(
        "free-all-keeps-scopes",
        B1,
        "open scopes stay open over `free-all`",
        &[(
            "    (global.set $scope (i32.const 0))\n    (if (global.get $first)",
            "    (if (global.get $first)",
        )],
    ),
    Mutant::new(
        "free-all-frees-nothing",
        B1,
        "`free-all` closes the scopes, and leaks the blocks",
        &[(
            "        (global.set $top (i32.add (global.get $first) (i32.const 8))))))",
            "        (drop (i32.const 8)))))",
        )],
    ),
    Mutant::new(
        "free-all-forgets-pages",
        B1,
        "`free-all` keeps the first chunk and forgets what was grown behind it",
        &[(
            "        (global.set $end (i32.load (global.get $first)))\n        (global.set $top",
            "        (i32.store offset=4 (global.get $first) (i32.const 0))\n        (global.set $end (i32.load (global.get $first)))\n        (global.set $top",
        )],
    ),
];
