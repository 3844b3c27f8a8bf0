//! What the programs allocate from: what Zig brings.

const std = @import("std");

/// Gives blocks back one by one.
pub const allocator = std.heap.wasm_allocator;

/// Arenas that keep their memory for the next scope of the same depth, which is how they are fastest.
var arenas: [4]std.heap.ArenaAllocator = @splat(.init(std.heap.wasm_allocator));
var n_open: usize = 0;

/// A scope as `sigil.Scope` is one, by arenas.
pub const Scope = struct {
    depth: usize,

    pub fn enter() Scope {
        n_open += 1;
        return .{ .depth = n_open - 1 };
    }

    pub fn exit(scope: Scope) void {
        _ = arenas[scope.depth].reset(.retain_capacity);
        n_open = scope.depth;
    }

    pub fn promoteSlice(scope: Scope, comptime T: type, items: []const T) []T {
        const around = if (scope.depth == 0) std.heap.wasm_allocator else arenas[scope.depth - 1].allocator();
        const copy = around.dupe(T, items) catch @panic("out of memory");
        scope.exit();
        return copy;
    }

    pub fn allocator(scope: Scope) std.mem.Allocator {
        return arenas[scope.depth].allocator();
    }
};
