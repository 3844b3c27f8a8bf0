//! What the programs allocate from: `sigil:allocator`.

const std = @import("std");
const sigil = @import("sigil");

/// Gives blocks back one by one.
pub const allocator: std.mem.Allocator = sigil.allocator;

pub const Scope = sigil.Scope;
