//! What `imports.zig` leads to where there is no wasm: one `Model`, by the imports' names.
//!
//! So `zig test` runs what is written over this package. A call that breaks the contract panics and says how, and so
//! does one that would trap.

const std = @import("std");
const Model = @import("model.zig").Model;

/// The heap of the process, for tests to look at and to limit.
pub var model: Model = .{ .backing = std.heap.page_allocator };

pub const core = struct {
    pub fn alloc(size: usize) usize {
        return model.alloc(size) orelse @panic(exhausted);
    }

    pub fn realloc(old: usize, old_size: usize, new_size: usize) usize {
        const block = model.realloc(old, old_size, new_size) catch |misuse| broken("realloc", misuse);
        return block orelse @panic(exhausted);
    }

    pub fn memCopy(target: usize, source: usize, n_bytes: usize) void {
        const to: [*]u8 = @ptrFromInt(target);
        const from: [*]const u8 = @ptrFromInt(source);
        @memmove(to[0..n_bytes], from[0..n_bytes]);
    }
};

pub const scope = struct {
    pub fn enterScope() usize {
        return model.enterScope();
    }

    pub fn exitScope(handle: usize) void {
        model.exitScope(handle) catch |misuse| broken("exit-scope", misuse);
    }

    pub fn promote(handle: usize, source: usize, size: usize) usize {
        const block = model.promote(handle, source, size) catch |misuse| broken("promote", misuse);
        return block orelse @panic(exhausted);
    }
};

pub const bulk = struct {
    pub fn freeAll() void {
        model.freeAll() catch |misuse| broken("free-all", misuse);
    }
};

pub const sized = struct {
    pub fn tryAlloc(size: usize) usize {
        return model.alloc(size) orelse 0;
    }

    pub fn resizeInPlace(block: usize, old_size: usize, new_size: usize) bool {
        return model.resizeInPlace(block, old_size, new_size) catch |misuse| broken("resize-in-place", misuse);
    }

    pub fn free(block: usize, size: usize) void {
        model.free(block, size) catch |misuse| broken("free", misuse);
    }
};

const exhausted = "heap exhausted: this call traps on wasm";

fn broken(call: []const u8, misuse: anyerror) noreturn {
    std.debug.panic("`{s}` breaks the contract of sigil:allocator: {t}", .{ call, misuse });
}
