//! Faults of `alloc`, `realloc` and `mem-copy`.

use super::Mutant;
use crate::{Clause::*, Feature};

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::new(
        "aligned-as-the-last-left-it",
        A1,
        "sizes are not rounded up, so that a block is aligned if the one before it was even",
        &[(
            "    (global.set $top (i32.add (local.get $block) (call $round-up (local.get $size))))",
            "    (global.set $top (i32.add (local.get $block) (local.get $size)))",
        )],
    ),
    Mutant::new(
        "aligned-to-4",
        A1,
        "blocks are aligned to 4, as the interface's own text asks",
        &[("(i32.const 7)) (i32.const -8))))", "(i32.const 3)) (i32.const -4))))")],
    ),
    Mutant::new(
        "rounds-sizes-down",
        A1,
        "the last bytes of a block belong to the next one, too",
        &[("(i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))", "(i32.and (local.get $size) (i32.const -8))")],
    ),
    Mutant::new(
        "one-byte-beyond",
        A1,
        "a block one byte larger than the room is let in",
        &[(
            "(if (i32.le_u (local.get $size) (i32.sub (local.get $end) (local.get $at)))",
            "(if (i32.le_u (local.get $size) (i32.add (i32.const 1) (i32.sub (local.get $end) (local.get $at))))",
        )],
    ),
    Mutant::new(
        "hands-out-the-header",
        A1,
        "the first block of a new chunk lies on the chunk's header",
        &[(
            "(local.set $at (i32.add (local.get $chunk) (i32.const 8)))",
            "(local.set $at (local.get $chunk))",
        )],
    ),
    Mutant::new(
        "zero-for-nothing",
        A2,
        "`alloc(0)` returns 0",
        &[(
            "(local.set $block (global.get $top))\n    ;; The room",
            "(if (i32.eqz (local.get $size))\n      (then (return (i32.const 0))))\n    (local.set $block (global.get $top))\n    ;; The room",
        )],
    ),
    Mutant::new(
        "traps-for-nothing",
        A2,
        "`alloc(0)` is taken for a mistake",
        &[(
            "(local.set $block (global.get $top))\n    ;; The room",
            "(if (i32.eqz (local.get $size))\n      (then (unreachable)))\n    (local.set $block (global.get $top))\n    ;; The room",
        )],
    ),
    Mutant::new(
        "reallocates-address-zero",
        R1,
        "0 is taken for a block, and bytes are copied from there",
        &[("    (if (i32.eqz (local.get $old))\n      (then (return (call $alloc (local.get $new-size)))))\n", "")],
    ),
    Mutant::new(
        "null-needs-size-zero",
        R1,
        "`realloc(0, n, m)` is `alloc(m)` only where n is 0, too",
        &[(
            "    (if (i32.eqz (local.get $old))\n",
            "    (if (i32.eqz (i32.or (local.get $old) (local.get $old-size)))\n",
        )],
    ),
    Mutant::new(
        "copies-the-old-size",
        R2,
        "a block that shrinks moves, and all its bytes with it",
        &[
            (
                "        (if (i32.le_u (local.get $new-size) (local.get $old-size))\n          (then (return (local.get $old))))\n",
                "",
            ),
            (
                "        (select (local.get $old-size) (local.get $new-size)\n          (i32.lt_u (local.get $old-size) (local.get $new-size))))))",
                "        (local.get $old-size))))",
            ),
        ],
    )
    .without(&[Feature::ShrinkInPlace]),
    Mutant::new(
        "forgets-to-copy",
        R2,
        "a block that moves leaves its bytes behind",
        &[("    (if (i32.ne (local.get $block) (local.get $old))\n", "    (if (i32.const 0)\n")],
    ),
    Mutant::new(
        "grows-over-the-next-block",
        R2,
        "every block grows where it stands, whatever stands behind it",
        &[(
            "(if (i32.le_u (local.get $new-size) (local.get $old-size))\n          (then (return",
            "(if (i32.le_u (local.get $new-size) (i32.add (local.get $old-size) (i32.const 64)))\n          (then (return",
        )],
    ),
    Mutant::new(
        "copies-forward-in-words",
        R2,
        "a block that moves loses the bytes behind its last whole word",
        &[(
            "        (select (local.get $old-size) (local.get $new-size)\n          (i32.lt_u (local.get $old-size) (local.get $new-size))))))",
            "        (i32.and (i32.const -4) (select (local.get $old-size) (local.get $new-size)\n          (i32.lt_u (local.get $old-size) (local.get $new-size)))))))",
        )],
    ),
    Mutant::new(
        "moves-the-newest",
        R3,
        "the newest block is copied when it grows, though there is room behind it",
        &[(
            "(if (i32.eq (i32.add (local.get $old) (call $round-up (local.get $old-size))) (global.get $top))",
            "(if (i32.const 0)",
        )],
    ),
    Mutant::new(
        "moves-to-shrink",
        R3,
        "a block that shrinks is copied",
        &[(
            "        (if (i32.le_u (local.get $new-size) (local.get $old-size))\n          (then (return (local.get $old))))\n",
            "",
        )],
    ),
    Mutant::new(
        "gives-up-before-growing",
        R4,
        "the newest block is given up before it is known whether there is a new one",
        &[(
            "        ;; The newest block gives up its place, and as a rule gets it again.\n",
            "        (global.set $top (local.get $old))\n",
        )],
    ),
    Mutant::new(
        "clears-before-growing",
        R4,
        "what the larger block would add is cleared first, and the last byte of the old one with it",
        &[(
            "        (local.set $block (call $alloc (local.get $new-size)))))",
            "        (if (local.get $old-size)\n          (then (i32.store8\n            (i32.sub (i32.add (local.get $old) (local.get $old-size)) (i32.const 1)) (i32.const 0))))\n        (local.set $block (call $alloc (local.get $new-size)))))",
        )],
    ),
    Mutant::new(
        "copies-forward",
        M1,
        "bytes are copied one by one from the first on, as the interface's own text says",
        &[(MEM_COPY, COPY_FORWARD)],
    ),
    Mutant::new(
        "copies-backward",
        M1,
        "bytes are copied one by one from the last on",
        &[(MEM_COPY, COPY_BACKWARD)],
    ),
    Mutant::new(
        "copies-at-least-one-byte",
        M1,
        "a copy of nothing copies a byte",
        &[(
            "(memory.copy (local.get $dst) (local.get $src) (local.get $n))",
            "(memory.copy (local.get $dst) (local.get $src)\n      (select (local.get $n) (i32.const 1) (local.get $n)))",
        )],
    ),
    Mutant::new(
        "copies-until-it-traps",
        M2,
        "bytes are written before the end of the range is known to be in bounds",
        &[(
            MEM_COPY,
            "    (if (i32.and (local.get $n) (i32.const 1))\n      (then (i32.store8 (local.get $dst) (i32.load8_u (local.get $src)))))\n    (memory.copy (local.get $dst) (local.get $src) (local.get $n)))\n\n  ;; scope\n",
        )],
    ),
    Mutant::new(
        "clips-copies",
        M2,
        "a copy that reaches beyond memory copies what there is",
        &[(
            MEM_COPY,
            "    (if (i64.gt_u (i64.add (i64.extend_i32_u (local.get $dst)) (i64.extend_i32_u (local.get $n))) (call $memory-end))\n      (then (return)))\n    (memory.copy (local.get $dst) (local.get $src) (local.get $n)))\n\n  ;; scope\n",
        )],
    ),
];

/// The body of `mem-copy`, up to what follows it.
const MEM_COPY: &str =
    "    (memory.copy (local.get $dst) (local.get $src) (local.get $n)))\n\n  ;; scope\n";

const COPY_FORWARD: &str = "    (local $at i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $n))
        (then
          (i32.store8 (i32.add (local.get $dst) (local.get $at))
            (i32.load8_u (i32.add (local.get $src) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))))

  ;; scope
";

const COPY_BACKWARD: &str = "    (loop $next
      (if (local.get $n)
        (then
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (i32.store8 (i32.add (local.get $dst) (local.get $n))
            (i32.load8_u (i32.add (local.get $src) (local.get $n))))
          (br $next)))))

  ;; scope
";
