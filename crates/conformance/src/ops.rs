//! The language that random and exhaustive programs are written in.
//!
//! Each block and each scope has a name, given by the op that makes it. An op whose names are not alive
//! when its turn comes is passed over, so that any op can be taken out of a program and the rest still
//! means something: that is what [`shrink`](crate::shrink) lives on.

use std::fmt;

/// The name of a block: `b3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockName(pub u32);

/// The name of a scope: `s1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeName(pub u32);

/// A size in bytes, as a program says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// That many.
    Bytes(u32),
    /// What is left between the highest live block and the end of memory, and so many more or fewer:
    /// where a strategy is dense, the size at which memory has to grow.
    Room(i32),
}

/// Where `promote` copies from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A live block, from an offset on.
    Block {
        /// The block.
        block: BlockName,
        /// Bytes into it; beyond its end it counts from the start again.
        offset: u32,
    },
    /// The program's static data, from an offset on.
    Static {
        /// Bytes into it.
        offset: u32,
    },
}

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `block = alloc(size)`
    Alloc {
        /// The new block.
        block: BlockName,
        /// Its size.
        size: Size,
    },
    /// `block = realloc(0, old_size, size)` (R1)
    ReallocNull {
        /// The new block.
        block: BlockName,
        /// Means nothing.
        old_size: u32,
        /// Its size.
        size: Size,
    },
    /// `block = realloc(block, its size, size)`
    Realloc {
        /// The block, before and after.
        block: BlockName,
        /// Its new size.
        size: Size,
    },
    /// `mem-copy`, within what both blocks hold.
    MemCopy {
        /// The target.
        to: BlockName,
        /// Bytes into it.
        to_offset: u32,
        /// The source, possibly the same block.
        from: BlockName,
        /// Bytes into it.
        from_offset: u32,
        /// How many bytes, at most.
        n: u32,
    },
    /// `scope = enter-scope()`
    Enter {
        /// The new scope.
        scope: ScopeName,
    },
    /// `exit-scope(scope)`, with all scopes inside it.
    Exit {
        /// The scope, not necessarily the innermost.
        scope: ScopeName,
    },
    /// `exit-scope` of a scope that is closed: must trap where handles are exact (S7).
    ExitClosed {
        /// The scope.
        scope: ScopeName,
    },
    /// `block = promote(scope, source, size)`
    Promote {
        /// The new block, in the scope's parent.
        block: BlockName,
        /// The scope that ends.
        scope: ScopeName,
        /// Where the bytes are.
        source: Source,
        /// How many, at most.
        size: u32,
    },
    /// `free-all()`
    FreeAll,
    /// `free(block, its size)`
    Free {
        /// The block.
        block: BlockName,
    },
    /// `block = alloc-aligned(size, 2^align_log2)`
    AllocAligned {
        /// The new block.
        block: BlockName,
        /// Its size.
        size: Size,
        /// The base-2 logarithm of its alignment, below 32.
        align_log2: u32,
    },
    /// `block = alloc-zeroed(size)`
    AllocZeroed {
        /// The new block.
        block: BlockName,
        /// Its size.
        size: Size,
    },
    /// `block = try-alloc(size)`
    TryAlloc {
        /// The new block, if there is one.
        block: BlockName,
        /// Its size.
        size: Size,
    },
    /// `resize-in-place(block, its size, size)`
    ResizeInPlace {
        /// The block.
        block: BlockName,
        /// Its new size, if it can have it.
        size: Size,
    },
    /// Somebody else grows the memory (H3).
    ForeignGrow {
        /// By so many wasm pages.
        pages: u32,
    },
    /// From here on memory grows by so many pages and no more.
    LimitGrowth {
        /// In wasm pages, from the present size.
        pages: u32,
    },
    /// Memory grows again.
    LiftLimit,
}

impl fmt::Display for BlockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b{}", self.0)
    }
}

impl fmt::Display for ScopeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}
