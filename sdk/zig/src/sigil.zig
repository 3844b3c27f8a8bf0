//! `sigil:allocator` for Zig: allocators for its containers, and scopes.
//!
//! | name | frees | exhaustion | served by |
//! |---|---|---|---|
//! | `allocator` | each block | `error.OutOfMemory` | conformers with `sized`: `freelist`, `pages` |
//! | `growing` | nothing by itself | traps, reported by the host | every conformer |
//! | `Scope` | all at its end | traps, reported by the host | every conformer |
//!
//! All of them share one heap: a block belongs to the scope that was innermost when it was made. A list of an outer
//! scope that grows in an inner one is the inner one's from then on, also where it grew in its place (S6): reserve
//! before `enter`, or promote the result.

const std = @import("std");
const builtin = @import("builtin");

/// An open scope: `enter`, `exit`, `promote`, and an allocator.
pub const Scope = @import("scope.zig").Scope;

/// Frees every block of every allocator here, and closes every scope. [B1]
pub const freeAll = @import("scope.zig").freeAll;

/// The imports themselves, for who builds something else on them.
pub const imports = @import("imports.zig");

/// Gives blocks back one by one, and fails with `error.OutOfMemory`. Any alignment.
///
/// Blocks aligned to more than 8 cost as many bytes more as they are aligned to.
pub const allocator: std.mem.Allocator = .{
    .ptr = undefined,
    .vtable = &@import("freeing.zig").vtable,
};

/// Frees nothing by itself; its blocks end with the innermost scope, or never. Any alignment.
///
/// Where memory is exhausted it traps; it never fails.
pub const growing: std.mem.Allocator = .{
    .ptr = undefined,
    .vtable = &@import("growing.zig").vtable,
};

/// Not on wasm: what stands in for the conformer, and checks every call. See `Model`.
pub const native = if (builtin.cpu.arch.isWasm()) struct {} else @import("native.zig");

test {
    _ = @import("model.zig");
    _ = @import("scope.zig");
    _ = @import("tests.zig");
}
