//! Faults of `enter-scope`, `exit-scope` and `promote`.

use super::Mutant;
use crate::{Clause::*, Feature};

/// The body of `exit-scope`.
const EXIT: &str = "    (call $check-open (local.get $handle))
    (global.set $scope (i32.load (local.get $handle)))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (global.set $top (local.get $handle)))
";

/// Where `promote` has its block and copies.
const PROMOTE_COPY: &str = "    (global.set $scope (local.get $parent))
    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))
";

/// Where `promote` finds its block.
const PROMOTE_PLACE: &str = "    (local.set $block
      (call $place (i32.load offset=4 (local.get $handle)) (local.get $handle) (local.get $size)))
";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::new(
        "scopes-do-not-nest",
        S1,
        "a scope inside a scope is the same scope",
        &[(
            "    (local.set $mark (call $alloc (i32.const 8)))",
            "    (if (global.get $scope)\n      (then (return (global.get $scope))))\n    (local.set $mark (call $alloc (i32.const 8)))",
        )],
    ),
    Mutant::new(
        "mark-under-the-first-block",
        S1,
        "the first block of a scope lies on its mark",
        &[(
            "    (local.get $mark))\n",
            "    (global.set $top (local.get $mark))\n    (local.get $mark))\n",
        )],
    ),
    Mutant::new(
        "exits-the-innermost",
        S2,
        "`exit-scope` closes the innermost scope, whichever is meant",
        &[(
            "    (call $check-open (local.get $handle))\n    (global.set $scope (i32.load (local.get $handle)))",
            "    (call $check-open (local.get $handle))\n    (local.set $handle (global.get $scope))\n    (global.set $scope (i32.load (local.get $handle)))",
        )],
    ),
    Mutant::new(
        "outer-exit-leaves-inner-open",
        S2,
        "closing an outer scope leaves those inside it open",
        &[(
            "    (call $check-open (local.get $handle))\n    (global.set $scope (i32.load (local.get $handle)))",
            "    (call $check-open (local.get $handle))\n    (if (i32.eq (local.get $handle) (global.get $scope))\n      (then (global.set $scope (i32.load (local.get $handle)))))",
        )],
    ),
    Mutant::new(
        "refuses-outer-exit",
        S2,
        "only the innermost scope can be closed",
        &[(EXIT, "    (if (i32.ne (local.get $handle) (global.get $scope))
      (then (unreachable)))
    (global.set $scope (i32.load (local.get $handle)))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (global.set $top (local.get $handle)))
")],
    ),
    Mutant::new(
        "clears-what-it-frees",
        S2,
        "closing a scope overwrites its blocks word by word, at a cost that grows with them",
        &[(EXIT, "    (local $at i32)
    (call $check-open (local.get $handle))
    (global.set $scope (i32.load (local.get $handle)))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (local.set $at (i32.add (local.get $handle) (i32.const 8)))
    (loop $next
      (if (i32.lt_u (local.get $at) (global.get $top))
        (then
          (i32.store (local.get $at) (i32.const 0))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br $next))))
    (global.set $top (local.get $handle)))
")],
    ),
    Mutant::new(
        "keeps-the-blocks",
        S3,
        "closing a scope frees nothing",
        &[(
            "    (global.set $chunk (i32.load offset=4 (local.get $handle)))\n    (global.set $end (i32.load (global.get $chunk)))\n    (global.set $top (local.get $handle)))\n",
            "  )\n",
        )],
    ),
    Mutant::new(
        "keeps-the-mark",
        S3,
        "closing a scope frees all but 8 bytes",
        &[(
            "    (global.set $top (local.get $handle)))\n",
            "    (global.set $top (i32.add (local.get $handle) (i32.const 8))))\n",
        )],
    ),
    Mutant::new(
        "forgets-chunks",
        S3,
        "closing a scope loses the chunks that were grown in it",
        &[(
            "    (global.set $end (i32.load (global.get $chunk)))\n    (global.set $top (local.get $handle)))\n",
            "    (i32.store offset=4 (global.get $chunk) (i32.const 0))\n    (global.set $end (i32.load (global.get $chunk)))\n    (global.set $top (local.get $handle)))\n",
        )],
    ),
    Mutant::new(
        "promote-does-not-grow",
        S4,
        "the copy goes where the scope was, whether or not there is room",
        &[(
            PROMOTE_PLACE,
            "    (local.set $block (local.get $handle))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (global.set $top (i32.add (local.get $block) (call $round-up (local.get $size))))
",
        )],
    ),
    Mutant::new(
        "promote-forgets-alignment",
        S4,
        "what follows a promoted block is aligned as its size left it",
        &[(
            PROMOTE_COPY,
            "    (global.set $scope (local.get $parent))
    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))
    (global.set $top (i32.add (local.get $block) (local.get $size)))
",
        )],
    ),
    Mutant::new(
        "promote-leaves-scope-open",
        S4,
        "the scope is still open after it was promoted",
        &[(
            PROMOTE_COPY,
            "    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))\n",
        )],
    ),
    Mutant::new(
        "promote-closes-before-growing",
        S4,
        "the scope is closed before it is known whether memory grows",
        &[(
            "    (local.set $parent (i32.load (local.get $handle)))\n",
            "    (local.set $parent (i32.load (local.get $handle)))\n    (global.set $scope (local.get $parent))\n",
        )],
    ),
    Mutant::new(
        "promote-returns-the-source",
        S4,
        "nothing is copied; the block stays in the scope that is gone",
        &[(PROMOTE_COPY, "    (global.set $scope (local.get $parent))\n    (local.set $block (local.get $ptr))\n")],
    ),
    Mutant::new(
        "promote-frees-the-block",
        S4,
        "the promoted block is not accounted for, and allocated again",
        &[(
            PROMOTE_COPY,
            "    (global.set $scope (local.get $parent))
    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))
    (global.set $top (local.get $block))
",
        )],
    ),
    Mutant::new(
        "promote-overwrites-the-parent",
        S4,
        "the copy goes to the start of the parent, over the blocks that are there",
        &[(
            "(call $place (i32.load offset=4 (local.get $handle)) (local.get $handle) (local.get $size))",
            "(call $place (i32.load offset=4 (local.get $handle))\n        (if (result i32) (local.get $parent)\n          (then (i32.add (local.get $parent) (i32.const 8)))\n          (else (local.get $handle)))\n        (local.get $size))",
        )],
    ),
    Mutant::new(
        "promote-keeps-the-scope",
        S4,
        "the copy goes behind what the scope holds, which is never freed",
        &[(PROMOTE_PLACE, "    (local.set $block (call $alloc (local.get $size)))\n")],
    ),
    Mutant::new(
        "promote-copies-forward",
        S5,
        "bytes are copied from the last on, which overwrites a source that begins above its target",
        &[(
            PROMOTE_COPY,
            "    (global.set $scope (local.get $parent))
    (loop $next
      (if (local.get $size)
        (then
          (local.set $size (i32.sub (local.get $size) (i32.const 1)))
          (i32.store8 (i32.add (local.get $block) (local.get $size))
            (i32.load8_u (i32.add (local.get $ptr) (local.get $size))))
          (br $next))))
",
        )],
    ),
    Mutant::new(
        "promote-rejects-static",
        S5,
        "a source below the heap is taken for a mistake",
        &[(
            "    (local $block i32)\n    (call $check-open (local.get $handle))",
            "    (local $block i32)\n    (if (i32.lt_u (local.get $ptr) (global.get $heap-base))\n      (then (unreachable)))\n    (call $check-open (local.get $handle))",
        )],
    ),
    Mutant::new(
        "promote-rejects-older",
        S5,
        "a source that is older than the scope is taken for a mistake",
        &[(
            "    (local $block i32)\n    (call $check-open (local.get $handle))",
            "    (local $block i32)\n    (if (i32.lt_u (local.get $ptr) (local.get $handle))\n      (then (unreachable)))\n    (call $check-open (local.get $handle))",
        )],
    ),
    Mutant::new(
        "promote-takes-older-as-is",
        S5,
        "a source that is older than the scope is returned instead of copied",
        &[(
            PROMOTE_COPY,
            "    (global.set $scope (local.get $parent))
    (memory.copy (local.get $block) (local.get $ptr) (local.get $size))
    (if (i32.lt_u (local.get $ptr) (local.get $handle))
      (then (return (local.get $ptr))))
",
        )],
    ),
    Mutant::new(
        "realloc-grows-over-a-mark",
        S6,
        "the last block before a scope counts as the newest, and grows over the scope's mark",
        &[(
            "(if (i32.eq (i32.add (local.get $old) (call $round-up (local.get $old-size))) (global.get $top))",
            "(if (i32.and\n          (i32.ne (local.get $old-size) (i32.const 0))\n          (i32.le_u\n            (i32.sub (global.get $top) (i32.add (local.get $old) (call $round-up (local.get $old-size))))\n            (i32.mul (i32.const 8) (i32.eq (global.get $scope)\n              (i32.sub (global.get $top) (i32.const 8))))))",
        )],
    )
    .without(&[Feature::ShrinkInPlace]),
    Mutant::new(
        "ignores-bad-handles",
        S7,
        "a handle that is not open is passed over in silence",
        &[(
            EXIT,
            "    (if (i32.or (i32.eqz (global.get $scope)) (i32.gt_u (local.get $handle) (global.get $top)))
      (then (return)))
    (call $check-open (local.get $handle))
    (global.set $scope (i32.load (local.get $handle)))
    (global.set $chunk (i32.load offset=4 (local.get $handle)))
    (global.set $end (i32.load (global.get $chunk)))
    (global.set $top (local.get $handle)))
",
        )],
    ),
    Mutant::new(
        "accepts-stale-handles",
        S7,
        "any aligned address below the top passes for a handle",
        &[("    (loop $outwards\n      (if (i32.eqz (local.get $mark))\n        (then (unreachable)))\n", "    (if (i32.and\n          (i32.lt_u (local.get $handle) (global.get $top))\n          (i32.eqz (i32.and (local.get $handle) (i32.const 7))))\n      (then (return)))\n    (loop $outwards\n      (if (i32.eqz (local.get $mark))\n        (then (unreachable)))\n")],
    ),
    Mutant::new(
        "promote-does-not-check",
        S7,
        "`promote` takes any number for a handle",
        &[(
            "    (local $block i32)\n    (call $check-open (local.get $handle))\n",
            "    (local $block i32)\n    (if (i32.gt_u (local.get $handle) (i32.const 0xfffffff0))\n      (then (return (call $alloc (local.get $size)))))\n    (call $check-open (local.get $handle))\n",
        )],
    ),
];
