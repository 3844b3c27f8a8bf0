//! What is to be done to the program's code, as plain data.

use std::collections::BTreeMap;

use super::profile::Call;

/// A function that code may call or name afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// The program's own, by its old index.
    Program(u32),
    /// The allocator's.
    Call(Call),
    /// One that the program gains.
    Added(Added),
}

/// Functions that the program gains, where something calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Added {
    /// `(a, b)`: their sum as unsigned numbers, or 2^32 - 1.
    Add,
    /// `(a, b)`: their product, or 2^32 - 1.
    Multiply,
    /// `(a, n)`: `a` shifted to the left by `n` modulo 32, or 2^32 - 1.
    ShiftLeft,
    /// `(align, size)`: a block with a header in front of it, or 0.
    Block,
}

/// What takes the place of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum New {
    Call(Target),
    Const(i32),
    Drop,
    /// Drops what is on the stack, then calls.
    DropAndCall(Target),
}

/// What takes the place of a function's whole body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// It is the allocator's from now on, and has no body.
    By(Call),
    /// It has another body.
    Body(Body),
}

/// A body that takes the place of one of the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    C(super::profile::CFunction),
    /// `(block, old size, new size)`: allocates and copies.
    Reallocate,
    /// Returns 0, where it returns anything.
    Inert {
        returns: bool,
    },
}

/// All that is decided.
#[derive(Default)]
pub(crate) struct Plan {
    /// By the old index of the function.
    pub(crate) replaced: BTreeMap<u32, Replaced>,
    /// What takes the place of the instruction that begins there in the file.
    pub(crate) edits: BTreeMap<usize, New>,
    /// What was let pass because the user insists, and what could not be looked into.
    pub(crate) warnings: Vec<String>,
    /// How many places open a scope by now.
    pub(crate) n_scopes: u32,
    /// How many instructions compute a size without wrapping by now.
    pub(crate) n_checked: u32,
}
