//! The clauses of the contract, by number.

use std::{fmt, str::FromStr};

macro_rules! clauses {
    ($($name:ident $rule:literal),* $(,)?) => {
        /// A clause of `docs/contract.md`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Clause {
            $(#[doc = $rule] $name,)*
        }

        impl Clause {
            /// Every clause, in the order of the contract.
            pub const ALL: &[Clause] = &[$(Clause::$name),*];

            /// The number, as in `docs/contract.md`.
            pub const fn number(self) -> &'static str {
                match self { $(Clause::$name => stringify!($name),)* }
            }

            /// The rule in one line.
            pub const fn rule(self) -> &'static str {
                match self { $(Clause::$name => $rule,)* }
            }
        }
    };
}

clauses! {
    H1 "no pointer is 0",
    H2 "the heap is what lies above the heap base, and what the allocator grew",
    H3 "what somebody else grew is left alone",
    H4 "every size is legal, and nothing wraps",
    H5 "running out shows as a refused growth and `unreachable`",
    H6 "a call that exhausts memory changes nothing",
    H7 "fresh blocks hold anything",
    H8 "any function may be the first one called",
    A1 "a block is aligned to 8, in bounds, and shares no byte",
    A2 "`alloc(0)` returns an aligned, non-zero pointer",
    R1 "`realloc` of 0 is `alloc`",
    R2 "`realloc` keeps the bytes that both sizes have",
    R3 "`realloc` stays in place where the conformer says that it does",
    R4 "a `realloc` that exhausts memory leaves the block alone",
    M1 "`mem-copy` gets every overlap right",
    M2 "`mem-copy` out of bounds traps and writes nothing",
    S1 "scopes nest",
    S2 "`exit-scope` frees the scope and all inside it, at a cost that no block adds to",
    S3 "what a scope freed is used again",
    S4 "`promote` copies to the parent and ends the scope",
    S5 "`promote` reads from anywhere",
    S6 "a block reallocated in a newer scope belongs to that scope",
    S7 "a handle that is visibly no open scope traps",
    B1 "`free-all` frees everything and keeps the pages",
    F1 "`free` ends the life of one block",
    X1 "`alloc-aligned` aligns to any power of two",
    Z1 "`alloc-zeroed` clears what was used, and not what is fresh",
    X2 "`try-alloc` returns 0 where memory is exhausted",
    X3 "`resize-in-place` does it or changes nothing",
    T1 "`heap-used` covers every live block",
    T2 "`heap-base` is where blocks can begin",
    T3 "`scope-used` is what an exit would give back",
    T4 "`high-water` bounds what was ever used",
    T5 "`pages` counts the pages that are the allocator's",
    P1 "`reserve` returns pages that nobody else has, or 0",
    P2 "a reservation reads zero, waits for `commit`, or holds anything, as its flags say",
    P3 "`commit` gives zeros where nothing was committed, and keeps what was",
    P4 "`decommit` takes back, at the cost of a mark",
    P5 "`reset` says whether it dropped the contents",
    P6 "`release` and `unmap` free pages, and nothing else",
    P7 "`resize-in-place` of a reservation does it or changes nothing",
    P8 "`limit`, `used` and `available` fit together",
    P9 "a page is cleared only if it is dirty and about to be seen",
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.number())
    }
}

impl FromStr for Clause {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL
            .iter()
            .find(|clause| clause.number().eq_ignore_ascii_case(text));
        known.copied().ok_or_else(|| format!("no clause `{text}`"))
    }
}
