//! What the standard library's own tests ask of an allocator, with blocks of `std.heap.wasm_allocator` beside it: that
//! one grows memory by itself, and whoever takes its pages for his own is found out.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const Allocator = std.mem.Allocator;

/// A list that holds what nobody else knows.
const Kept = struct {
    allocator: Allocator,
    seed: u8,
    bytes: std.ArrayList(u8) = .empty,

    fn grow(kept: *Kept, n_bytes: usize) !void {
        for (0..n_bytes) |_| try kept.bytes.append(kept.allocator, kept.byteAt(kept.bytes.items.len));
    }

    fn check(kept: *const Kept) !void {
        for (kept.bytes.items, 0..) |byte, at| if (byte != kept.byteAt(at)) return error.Overwritten;
    }

    fn byteAt(kept: *const Kept, at: usize) u8 {
        return @truncate(at *% 31 +% at / 256 +% kept.seed);
    }

    fn deinit(kept: *Kept) void {
        kept.bytes.deinit(kept.allocator);
    }
};

/// Eight lists that grow in turns, every other one in pages that the heap under test has not grown.
fn sideBySide() !usize {
    var lists: [8]Kept = undefined;
    for (&lists, 0..) |*list, at| {
        const allocator = if (at % 2 == 0) heap.allocator else std.heap.wasm_allocator;
        list.* = .{ .allocator = allocator, .seed = @intCast(at) };
    }
    defer for (&lists) |*list| list.deinit();
    for (0..60) |round| {
        for (&lists, 0..) |*list, at| try list.grow(997 * (1 + (round + at) % 5));
        // What was given back is used again in the rounds that follow.
        const list = &lists[round % lists.len];
        try list.check();
        if (round % 7 == 6) list.bytes.clearAndFree(list.allocator);
    }
    var n_bytes: usize = 0;
    for (&lists) |*list| {
        try list.check();
        n_bytes += list.bytes.items.len;
    }
    return n_bytes;
}

/// No size and no alignment wraps, and what there is survives the refusal.
fn refused() !void {
    var kept: Kept = .{ .allocator = heap.allocator, .seed = 99 };
    defer kept.deinit();
    try kept.grow(1000);
    const most = std.math.maxInt(usize);
    for ([_]usize{ most, most - 7, most - 64, most - 4096 }) |len| {
        try expectRefusal(heap.allocator.alloc(u8, len));
        try expectRefusal(heap.allocator.alignedAlloc(u8, .@"16", len));
        try expectRefusal(heap.allocator.alignedAlloc(u8, .fromByteUnits(4096), len));
        try expectRefusal(heap.allocator.realloc(kept.bytes.allocatedSlice(), len));
    }
    try kept.check();
    try kept.grow(100_000);
    try kept.check();
}

fn expectRefusal(outcome: anytype) !void {
    if (outcome) |_| return error.Served else |failure| if (failure != error.OutOfMemory) return failure;
}

pub fn main() !void {
    const out = stdio.out;
    inline for (.{ "testAllocator", "testAllocatorAligned", "testAllocatorLargeAlignment", "testAllocatorAlignedShrink" }) |name| {
        try @field(std.heap, name)(heap.allocator);
        try out.print("{s} passed\n", .{name});
    }
    try out.print("{d} bytes side by side\n", .{try sideBySide()});
    try refused();
    try out.writeAll("what is too much is refused\n");
    try out.flush();
}
