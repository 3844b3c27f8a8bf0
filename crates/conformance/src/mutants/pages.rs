//! Faults of those who manage pages: P1 to P9.

use super::Mutant;
use crate::Clause::*;

/// Where a page becomes live.
const SEE: &str = "    (if (i32.eq (call $state (local.get $page)) (i32.const 4))
      (then (call $clear-page (local.get $page))))";

/// Where a page that is let go keeps in mind whether it is zero.
const LET_GO: &str =
    "(select (i32.const 1) (i32.const 2) (i32.eq (call $state (local.get $page)) (i32.const 3)))";

/// Where a range that leaves 32 bits is refused.
const NO_RANGE: &str = "    (if (i64.gt_u
          (i64.add (i64.extend_i32_u (local.get $ptr)) (i64.extend_i32_u (local.get $bytes)))
          (i64.const 0x1_0000_0000))
      (then (return (i32.const 0))))
";

/// Where a page that does not belong to a reservation is found in a range.
const UNRESERVED: &str = "          (if (i32.eqz (call $is-reserved (local.get $page)))
            (then (return (i32.const 0))))
";

/// Where `decommit` leaves its mark.
const MARK: &str =
    "(then (call $set (local.get $page) (i32.or (call $starts (local.get $page)) (i32.const 4)))))";

/// Where new memory becomes free pages.
const GROWN: &str = "          (call $set (local.get $page) (i32.const 1))";

pub(super) const MUTANTS: &[Mutant] = &[
    Mutant::new(
        "pages-in-part",
        P1,
        "`reset` is not exported, though the rest of `pages` is",
        &[("(func (export \"sigil:allocator-ext/pages@0.1.0#reset\")", "(func")],
    )
    .paged(),
    Mutant::new(
        "page-size-after-the-first-reservation",
        P1,
        "the bytes of a page are 0 until there are pages",
        &[(
            "    (i32.const 16384))\n\n  (func $reserve",
            "    (select (i32.const 16384) (i32.const 0) (global.get $table)))\n\n  (func $reserve",
        )],
    )
    .paged(),
    Mutant::new(
        "reserve-aligned-to-a-page-only",
        P1,
        "a larger alignment is not looked at",
        &[(
            "(local.set $align (i32.shr_u (local.get $align) (i32.const 14)))",
            "(local.set $align (i32.const 1))",
        )],
    )
    .paged(),
    Mutant::new(
        "reserve-rounds-down",
        P1,
        "the last page of a reservation is missing where it is not full",
        &[(
            "      (i32.ne (i32.and (local.get $bytes) (i32.const 16383)) (i32.const 0))))",
            "      (i32.eqz (i32.shr_u (local.get $bytes) (i32.const 14)))))",
        )],
    )
    .paged(),
    Mutant::new(
        "reserve-traps",
        P1,
        "what cannot be reserved is a trap",
        &[(
            "        (call $lower (i32.add (memory.size) (local.get $delta)))\n",
            "        (unreachable)\n",
        )],
    )
    .paged(),
    Mutant::new(
        "reserve-takes-any-alignment",
        P1,
        "an alignment that is no power of two is taken as a mask",
        &[(
            "(i32.gt_u (i32.popcnt (local.get $align)) (i32.const 1))\n                  (i32.gt_u",
            "(i32.const 0)\n                  (i32.gt_u",
        )],
    )
    .paged(),
    Mutant::new(
        "pages-of-neighbours",
        P1,
        "all memory up to the pages that have just grown is taken for its own",
        &[(
            "    (local.set $end (i32.shl (memory.size) (i32.const 2)))
    (if (i32.gt_u (local.get $end) (i32.const 262143))
      (then",
            "    (loop $back
      (if (i32.and
            (i32.gt_u (local.get $page) (i32.add (global.get $lowest) (i32.const 16)))
            (i32.eqz (call $state (i32.sub (local.get $page) (i32.const 1)))))
        (then
          (local.set $page (i32.sub (local.get $page) (i32.const 1)))
          (br $back))))
    (local.set $end (i32.shl (memory.size) (i32.const 2)))
    (if (i32.gt_u (local.get $end) (i32.const 262143))
      (then",
        )],
    )
    .paged(),
    Mutant::new(
        "free-all-frees-pages",
        P1,
        "`free-all` forgets all reservations",
        &[(
            "  (func $free-all (export \"sigil:allocator/bulk@0.1.0#free-all\")\n",
            "  (func $free-all (export \"sigil:allocator/bulk@0.1.0#free-all\")\n    (global.set $table (i32.const 0))\n",
        )],
    )
    .paged(),
    Mutant::new(
        "reserve-trusts-released-pages",
        P2,
        "released pages are taken for zero",
        &[(LET_GO, "(i32.const 1)")],
    )
    .paged(),
    Mutant::new(
        "lazy-pages-are-taken-for-zero",
        P2,
        "what is reserved lazily is never cleared",
        &[(
            "(i32.add (call $state (local.get $page)) (i32.const 2))))",
            "(i32.const 3)))",
        )],
    )
    .paged(),
    Mutant::new(
        "commit-clears-what-is-live",
        P3,
        "a page that is committed is cleared when it is committed again",
        &[(
            SEE,
            "    (if (i32.ge_u (call $state (local.get $page)) (i32.const 4))
      (then (call $clear-page (local.get $page))))",
        )],
    )
    .paged(),
    Mutant::new(
        "commit-outside",
        P3,
        "pages that are not reserved are committed",
        &[(UNRESERVED, "")],
    )
    .paged(),
    Mutant::new(
        "commit-wraps",
        P3,
        "a range that leaves 32 bits is one without pages",
        &[(NO_RANGE, "")],
    )
    .paged(),
    Mutant::new(
        "commit-rounds-inward",
        P3,
        "the last page of a range is left out where the range has a part of it only",
        &[(
            "    (i32.add
      (i32.shr_u (i32.sub (i32.add (local.get $ptr) (local.get $bytes)) (i32.const 1)) (i32.const 14))
      (i32.const 1)))",
            "    (i32.shr_u (i32.add (local.get $ptr) (local.get $bytes)) (i32.const 14)))",
        )],
    )
    .paged(),
    Mutant::new(
        "decommit-forgets-dirt",
        P4,
        "what was decommitted is taken for zero",
        &[(
            MARK,
            "(then (call $set (local.get $page) (i32.or (call $starts (local.get $page)) (i32.const 3)))))",
        )],
    )
    .paged(),
    Mutant::new(
        "decommit-does-nothing",
        P4,
        "decommitted pages keep what they hold",
        &[(MARK, "(then))")],
    )
    .paged(),
    Mutant::new(
        "decommit-clears",
        P4,
        "each page is cleared as soon as it is decommitted",
        &[(
            MARK,
            "(then
              (call $clear-page (local.get $page))
              (call $set (local.get $page) (i32.or (call $starts (local.get $page)) (i32.const 3)))))",
        )],
    )
    .paged(),
    Mutant::new(
        "reset-clears-and-denies-it",
        P5,
        "the range is cleared, and the answer is that its contents stay",
        &[(
            "    (param $ptr i32) (param $bytes i32) (result i32)\n    (i32.const 0))",
            "    (param $ptr i32) (param $bytes i32) (result i32)
    (if (call $end-of-reserved (local.get $ptr) (local.get $bytes))
      (then (memory.fill (local.get $ptr) (i32.const 0) (local.get $bytes))))
    (i32.const 0))",
        )],
    )
    .paged(),
    Mutant::new(
        "reset-of-anything",
        P5,
        "the contents of every range are said to be dropped",
        &[(
            "    (param $ptr i32) (param $bytes i32) (result i32)\n    (i32.const 0))",
            "    (param $ptr i32) (param $bytes i32) (result i32)\n    (i32.const 1))",
        )],
    )
    .paged(),
    Mutant::new(
        "release-from-the-middle",
        P6,
        "an address inside a reservation releases what lies behind it",
        &[(
            "(if (i32.or (i32.and (local.get $ptr) (i32.const 16383)) (i32.eqz (call $starts (local.get $page))))",
            "(if (i32.eqz (call $is-reserved (local.get $page)))",
        )],
    )
    .paged(),
    Mutant::new(
        "release-of-neighbours",
        P6,
        "the reservations behind the one that is released end with it",
        &[(
            "      (if (i32.eqz (call $starts (local.get $page)))
        (then (br_if $pages (call $is-reserved (local.get $page))))))",
            "      (br_if $pages (call $is-reserved (local.get $page))))",
        )],
    )
    .paged(),
    Mutant::new(
        "unmap-loses-the-rest",
        P6,
        "what is left of a reservation behind the range cannot be released",
        &[(
            "    (if (call $is-reserved (local.get $end))
      (then (call $mark (local.get $end))))\n",
            "",
        )],
    )
    .paged(),
    Mutant::new(
        "released-pages-are-lost",
        P6,
        "nobody ever gets a released page again",
        &[(LET_GO, "(i32.const 0)")],
    )
    .paged(),
    Mutant::new(
        "resize-over-neighbours",
        P7,
        "a reservation grows over whatever lies behind it",
        &[(
            "    (local.set $free (call $run (local.get $page) (local.get $n)))
    (if (i32.lt_u (local.get $free) (local.get $n))
      (then
        (if (i32.ne",
            "    (local.set $free (local.get $n))
    (if (i32.lt_u (local.get $free) (local.get $n))
      (then
        (if (i32.ne",
        )],
    )
    .paged(),
    Mutant::new(
        "resize-believes-any-size",
        P7,
        "a reservation is resized whose size is another",
        &[(
            "    (if (i32.ne (local.get $page)
          (i32.add (i32.shr_u (local.get $ptr) (i32.const 14)) (call $n-pages (local.get $old))))
      (then (return (i32.const 0))))\n",
            "",
        )],
    )
    .paged(),
    Mutant::new(
        "resize-with-dirt",
        P7,
        "what a reservation grows by holds anything",
        &[(
            "          (if (local.get $n)
            (then (call $see (local.get $page))))",
            "          (if (local.get $n)
            (then (call $set (local.get $page) (i32.const 5))))",
        )],
    )
    .paged(),
    Mutant::new(
        "limit-in-32-bits",
        P8,
        "4 GiB are 0 bytes",
        &[(
            "    (select (local.get $size) (global.get $ceiling)
      (i64.gt_u (local.get $size) (global.get $ceiling))))",
            "    (i64.and (i64.const 0xffffffff)
      (select (local.get $size) (global.get $ceiling)
        (i64.gt_u (local.get $size) (global.get $ceiling)))))",
        )],
    )
    .paged(),
    Mutant::new(
        "limit-never-learns",
        P8,
        "a refused growth leaves the limit where it was",
        &[(
            "      (then (global.set $ceiling (local.get $bytes)))))",
            "      (then)))",
        )],
    )
    .paged(),
    Mutant::new(
        "available-without-free-pages",
        P8,
        "free pages are not available",
        &[(
            "      (i64.shl (i64.extend_i32_u (global.get $n-free)) (i64.const 14))))",
            "      (i64.const 0)))",
        )],
    )
    .paged(),
    Mutant::new(
        "fresh-pages-are-cleared",
        P9,
        "pages that memory has just grown by are taken for dirty",
        &[(GROWN, "          (call $set (local.get $page) (i32.const 2))")],
    )
    .paged(),
    Mutant::new(
        "lazy-is-eager",
        P9,
        "what is reserved lazily is cleared at once",
        &[(
            "          (if (i32.eqz (local.get $flags))",
            "          (if (i32.ne (local.get $flags) (i32.const 2))",
        )],
    )
    .paged(),
    Mutant::new(
        "commit-clears-without-counting",
        P9,
        "what is committed is cleared, dirty or not, and not counted",
        &[(
            SEE,
            "    (if (i32.lt_u (call $state (local.get $page)) (i32.const 5))
      (then (memory.fill (i32.shl (local.get $page) (i32.const 14)) (i32.const 0) (i32.const 16384))))",
        )],
    )
    .paged(),
];
