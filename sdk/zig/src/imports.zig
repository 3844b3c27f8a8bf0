//! The imports as they are: `sigil:allocator`, and what of `sigil:allocator-ext` is about single blocks.
//!
//! Addresses and sizes are `usize`, 32 bits on wasm32. Only what a program uses becomes an import of it, and only
//! that its allocator must have. On other targets the same names are the checked model in `native.zig`, so that a
//! program over this package can be tested by `zig test`.

const builtin = @import("builtin");
const native = @import("native.zig");

const is_wasm = builtin.cpu.arch == .wasm32;

comptime {
    if (builtin.cpu.arch == .wasm64)
        @compileError("sigil:allocator has addresses of 32 bits: compile for wasm32");
}

/// Blocks; every conformer has them. Where memory is exhausted they trap, for the host to report.
pub const core = if (is_wasm) struct {
    extern "sigil:allocator/core@0.1.0" fn @"mem-copy"(target: usize, source: usize, n_bytes: usize) void;

    /// A block of `size` bytes at a multiple of 8, in the innermost open scope; never 0. [A1, A2]
    pub extern "sigil:allocator/core@0.1.0" fn alloc(size: usize) usize;
    /// A block of `new_size` bytes with the contents of the old one, which is dead unless it is what returns. [R2]
    pub extern "sigil:allocator/core@0.1.0" fn realloc(old: usize, old_size: usize, new_size: usize) usize;
    /// Copies, however the two ranges overlap. [M1]
    pub const memCopy = @"mem-copy";
} else native.core;

/// Lifetimes that end in one step; every conformer has them.
pub const scope = if (is_wasm) struct {
    extern "sigil:allocator/scope@0.1.0" fn @"enter-scope"() usize;
    extern "sigil:allocator/scope@0.1.0" fn @"exit-scope"(handle: usize) void;

    /// Opens a scope inside the innermost one, and returns its handle. [S1]
    pub const enterScope = @"enter-scope";
    /// Frees all that was allocated since, and closes every scope inside. [S2]
    pub const exitScope = @"exit-scope";
    /// Copies `size` bytes from `source` into the scope around `handle`, and ends `handle`. [S4]
    pub extern "sigil:allocator/scope@0.1.0" fn promote(handle: usize, source: usize, size: usize) usize;
} else native.scope;

/// The whole heap; every conformer has it.
pub const bulk = if (is_wasm) struct {
    extern "sigil:allocator/bulk@0.1.0" fn @"free-all"() void;

    /// Frees every block, and closes every scope. [B1]
    pub const freeAll = @"free-all";
} else native.bulk;

/// Single blocks given back; a conformer that frees has all of it.
pub const sized = if (is_wasm) struct {
    extern "sigil:allocator-ext/sized@0.1.0" fn @"try-alloc"(size: usize) usize;
    extern "sigil:allocator-ext/sized@0.1.0" fn @"resize-in-place"(block: usize, old_size: usize, new_size: usize) u32;

    /// Ends the life of a block; `size` is what it was last given. [F1]
    pub extern "sigil:allocator-ext/sized@0.1.0" fn free(block: usize, size: usize) void;
    /// `core.alloc`, but 0 where memory is exhausted. [X2]
    pub const tryAlloc = @"try-alloc";

    /// Makes the block one of `new_size` bytes where it stands, or changes nothing; whether it did. [X3]
    pub inline fn resizeInPlace(block: usize, old_size: usize, new_size: usize) bool {
        return @"resize-in-place"(block, old_size, new_size) != 0;
    }
} else native.sized;
