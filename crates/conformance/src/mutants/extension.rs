//! Faults of what a conformer does beyond the contract: F1, X1 to X3, Z1, T1 to T5, and promises that are
//! not kept.

use super::Mutant;
use crate::Clause::*;

/// Where `free` looks whether it is the newest block.
const IS_NEWEST: &str =
    "(if (i32.eq (i32.add (local.get $ptr) (call $round-up (local.get $size))) (global.get $top))";

/// Where `resize-in-place` does.
const IS_NOT_NEWEST: &str = "(if (i32.ne (i32.add (local.get $ptr) (call $round-up (local.get $old-size))) (global.get $top))
      (then (return (i32.const 0))))";

/// Where `resize-in-place` shrinks.
const SHRINKS: &str = "    (if (i32.le_u (local.get $new-size) (local.get $old-size))
      (then (return (i32.const 1))))";

/// What the original declares.
const DECLARED: &str = "in-place-grow,shrink-in-place,exact-handles,dense";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::new(
        "free-traps-on-nothing",
        F1,
        "`free(0, n)` is taken for a mistake",
        &[(
            "    (if (i32.eqz (local.get $ptr))\n      (then (return)))\n",
            "    (if (i32.eqz (local.get $ptr))\n      (then (unreachable)))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "free-takes-any-for-the-newest",
        F1,
        "whatever is freed, the next block is put there, over those that follow",
        &[(IS_NEWEST, "(if (i32.lt_u (local.get $ptr) (global.get $top))")],
    )
    .extended(),
    Mutant::new(
        "free-links-behind-the-block",
        F1,
        "a word of the next block is overwritten when a block is freed",
        &[(
            IS_NEWEST,
            "(if (i32.lt_u (i32.add (local.get $ptr) (call $round-up (local.get $size))) (global.get $top))
      (then (i32.store (i32.add (local.get $ptr) (call $round-up (local.get $size))) (i32.const 0))))
    (if (i32.eq (i32.add (local.get $ptr) (call $round-up (local.get $size))) (global.get $top))",
        )],
    )
    .extended(),
    Mutant::new(
        "double-free-hangs",
        F1,
        "a block that is freed twice in a row is its own successor in a list that is then walked",
        &[
            (
                "  (func $free (export",
                "  (global $last (mut i32) (i32.const 0))\n\n  (func $free (export",
            ),
            (
                IS_NEWEST,
                "(loop $again
      (br_if $again (i32.eq (local.get $ptr) (global.get $last))))
    (global.set $last (local.get $ptr))
    (if (i32.eq (i32.add (local.get $ptr) (call $round-up (local.get $size))) (global.get $top))",
            ),
        ],
    )
    .extended(),
    Mutant::new(
        "promises-reuse",
        F1,
        "it declares `reuse`, and only the newest block's place is used again",
        &[(
            DECLARED,
            "in-place-grow,shrink-in-place,exact-handles,dense,reuse",
        )],
    )
    .extended(),
    Mutant::new(
        "promises-owner-preserving",
        S6,
        "it declares `owner-preserving`, and a block goes down with the scope that grew it",
        &[(
            DECLARED,
            "in-place-grow,shrink-in-place,exact-handles,dense,owner-preserving",
        )],
    ),
    Mutant::new(
        "aligned-to-8-at-most",
        X1,
        "any alignment is taken for 8",
        &[(
            "(if (i32.le_u (local.get $align) (i32.const 8))",
            "(if (i32.const 1)",
        )],
    )
    .extended(),
    Mutant::new(
        "aligned-to-anything",
        X1,
        "an alignment that is no power of two is taken as a mask",
        &[(
            "    (if (i32.ne (i32.popcnt (local.get $align)) (i32.const 1))\n      (then (unreachable)))\n",
            "",
        )],
    )
    .extended(),
    Mutant::new(
        "aligned-over-the-next-block",
        X1,
        "the block is moved up to its alignment, and its end with it",
        &[(
            "(call $alloc (i32.wrap_i64 (local.get $padded)))",
            "(call $alloc (local.get $size))",
        )],
    )
    .extended(),
    Mutant::new(
        "aligned-size-wraps",
        X1,
        "size and alignment are added in 32 bits",
        &[(
            "    (if (i64.gt_u (local.get $padded) (i64.const 0xffffffff))\n      (then (drop (call $grow (local.get $padded)))))\n",
            "",
        )],
    )
    .extended(),
    Mutant::new(
        "zeroed-is-not",
        Z1,
        "all bytes are taken for fresh",
        &[(
            "(if (i64.lt_u (i64.extend_i32_u (local.get $block)) (local.get $fresh))",
            "(if (i32.const 0)",
        )],
    )
    .extended(),
    Mutant::new(
        "zeroed-clears-fresh-pages",
        Z1,
        "what is fresh is looked up when memory has grown already",
        &[(
            "    (local.set $fresh (call $memory-end))\n    (local.set $block (call $alloc (local.get $size)))\n",
            "    (local.set $block (call $alloc (local.get $size)))\n    (local.set $fresh (call $memory-end))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "zeroed-rounds-first",
        Z1,
        "the size is rounded up before it is known to fit, and wraps",
        &[(
            "    (local.set $fresh (call $memory-end))\n    (local.set $block (call $alloc (local.get $size)))\n",
            "    (local.set $fresh (call $memory-end))\n    (local.set $block (call $alloc (call $round-up (local.get $size))))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "try-traps",
        X2,
        "`try-alloc` is `alloc`",
        &[(
            "    (global.set $trying (i32.const 1))\n    (local.set $block (call $alloc",
            "    (local.set $block (call $alloc",
        )],
    )
    .extended(),
    Mutant::new(
        "try-fails-once-and-for-all",
        X2,
        "after one refusal no block is found any more",
        &[(
            "    (global.set $trying (i32.const 0))\n    (global.set $failed (i32.const 0))\n    (local.get $block))",
            "    (global.set $trying (i32.const 0))\n    (local.get $block))",
        )],
    )
    .extended(),
    Mutant::new(
        "try-does-not-grow",
        X2,
        "`try-alloc` gives up where memory would have to grow",
        &[(
            "    (global.set $trying (i32.const 1))\n    (local.set $block (call $alloc",
            "    (if (i32.gt_u (local.get $size) (i32.sub (global.get $end) (global.get $top)))\n      (then (return (i32.const 0))))\n    (global.set $trying (i32.const 1))\n    (local.set $block (call $alloc",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-always-true",
        X3,
        "a block that is not the newest is said to have grown",
        &[(
            IS_NOT_NEWEST,
            "(if (i32.ne (i32.add (local.get $ptr) (call $round-up (local.get $old-size))) (global.get $top))
      (then (return (i32.const 1))))",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-refuses-the-same",
        X3,
        "the same size counts as growing",
        &[(
            SHRINKS,
            "    (if (i32.lt_u (local.get $new-size) (local.get $old-size))\n      (then (return (i32.const 1))))",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-refuses-to-shrink",
        X3,
        "only the newest block shrinks",
        &[(
            SHRINKS,
            "    (if (i32.eq (local.get $new-size) (local.get $old-size))\n      (then (return (i32.const 1))))",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-lowers-the-top",
        X3,
        "what follows a block that shrinks is given up with its end",
        &[(
            SHRINKS,
            "    (if (i32.le_u (local.get $new-size) (local.get $old-size))
      (then
        (global.set $top (i32.add (local.get $ptr) (call $round-up (local.get $new-size))))
        (return (i32.const 1))))",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-never-grows",
        X3,
        "growing in place is promised, and never done",
        &[(IS_NOT_NEWEST, "(return (i32.const 0))")],
    )
    .extended(),
    Mutant::new(
        "resize-traps",
        X3,
        "a refused growth traps",
        &[(
            "        (global.set $trying (i32.const 1))\n        (drop (call $extend",
            "        (drop (call $extend",
        )],
    )
    .extended(),
    Mutant::new(
        "resize-trusts-memory-size",
        X3,
        "a block grows to the end of memory, whoever grew it",
        &[(
            "        (global.set $end (i32.load (global.get $chunk)))\n        (if (i32.gt_u (local.get $new-size)",
            "        (global.set $end (call $address (call $memory-end)))\n        (if (i32.gt_u (local.get $new-size)",
        )],
    )
    .extended(),
    Mutant::new(
        "used-in-this-chunk",
        T1,
        "what lies in other chunks is not counted",
        &[(
            "    (call $below (global.get $top)))\n",
            "    (i32.sub (global.get $top) (global.get $chunk)))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "used-never-falls",
        T1,
        "what was given back is counted still",
        &[(
            "    (call $below (global.get $top)))\n",
            "    (call $below (i32.sub (i32.const 0) (i32.const 1))))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "used-not-before-the-first-block",
        T1,
        "the heap has to be used before it can be asked",
        &[(
            "    (call $below (global.get $top)))\n",
            "    (if (i32.eqz (global.get $first))\n      (then (unreachable)))\n    (call $below (global.get $top)))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "base-of-the-first-chunk",
        T2,
        "the heap has no base before its first block",
        &[(
            "#heap-base\") (result i32)\n    (call $round-up (global.get $heap-base)))",
            "#heap-base\") (result i32)\n    (global.get $first))",
        )],
    )
    .extended(),
    Mutant::new(
        "scope-used-of-the-innermost",
        T3,
        "every scope is taken for the innermost one",
        &[(
            "(call $below (local.get $handle))))",
            "(call $below (global.get $scope))))",
        )],
    )
    .extended(),
    Mutant::new(
        "scope-used-of-no-scope",
        T3,
        "any number is taken for a handle",
        &[(
            "    (call $check-open (local.get $handle))\n    (i32.sub (call $below",
            "    (i32.sub (call $below",
        )],
    )
    .extended(),
    Mutant::new(
        "high-water-falls",
        T4,
        "the mark is what is used at the moment",
        &[("(call $below (i32.const -1)))", "(call $below (global.get $top)))")],
    )
    .extended(),
    Mutant::new(
        "pages-of-everybody",
        T5,
        "the whole memory is counted",
        &[(
            "#pages\") (result i32)\n    (local $chunk i32)\n    (local $pages i32)\n",
            "#pages\") (result i32)\n    (local $chunk i32)\n    (local $pages i32)\n    (return (memory.size))\n",
        )],
    )
    .extended(),
    Mutant::new(
        "pages-wrap",
        T5,
        "the end of 4 GiB is rounded up in 32 bits",
        &[(
            "        (i32.wrap_i64 (i64.shr_u
          (i64.add (i64.extend_i32_u (local.get $end)) (i64.const 65535)) (i64.const 16)))\n",
            "        (i32.shr_u (i32.add (local.get $end) (i32.const 65535)) (i32.const 16))\n",
        )],
    )
    .extended(),
];
