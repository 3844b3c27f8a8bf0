//! The allocators and scopes over the checked model, which panics at every wrong size.

const std = @import("std");
const sigil = @import("sigil.zig");

const model = &sigil.native.model;
const expect = std.testing.expect;
const expectEqual = std.testing.expectEqual;

/// Runs `body` over blocks that are resized in place, and over such as never are.
fn bothWays(comptime body: fn (std.mem.Allocator) anyerror!void, allocator: std.mem.Allocator) !void {
    for ([_]bool{ true, false }) |resizes| {
        sigil.freeAll();
        model.resizes = resizes;
        defer model.resizes = true;
        try body(allocator);
    }
}

/// Runs `body` likewise; it has to free what it makes.
fn bothWaysFreed(comptime body: fn (std.mem.Allocator) anyerror!void) !void {
    try bothWays(struct {
        fn run(allocator: std.mem.Allocator) !void {
            try body(allocator);
            try expectEqual(0, model.nBlocks());
        }
    }.run, sigil.allocator);
}

fn small(allocator: std.mem.Allocator) !void {
    try std.heap.testAllocator(allocator);
}

fn aligned(allocator: std.mem.Allocator) !void {
    try std.heap.testAllocatorAligned(allocator);
}

fn alignedFar(allocator: std.mem.Allocator) !void {
    try std.heap.testAllocatorLargeAlignment(allocator);
}

fn alignedShrink(allocator: std.mem.Allocator) !void {
    try std.heap.testAllocatorAlignedShrink(allocator);
}

test "what the standard library asks of an allocator" {
    try bothWaysFreed(small);
    try bothWaysFreed(aligned);
    try bothWaysFreed(alignedFar);
    try bothWaysFreed(alignedShrink);
    // The other three insist on a `resize` that shrinks.
    try bothWays(alignedFar, sigil.growing);
    try bothWays(alignedShrink, sigil.growing);
}

fn containers(allocator: std.mem.Allocator) !void {
    var list: std.ArrayList(u32) = .empty;
    defer list.deinit(allocator);
    var map: std.StringHashMapUnmanaged(u32) = .empty;
    defer map.deinit(allocator);
    defer {
        var names = map.keyIterator();
        while (names.next()) |name| allocator.free(name.*);
    }
    for (0..1000) |at| {
        try list.append(allocator, @intCast(at));
        try map.put(allocator, try std.fmt.allocPrint(allocator, "name {d}", .{at}), @intCast(at));
    }
    list.shrinkAndFree(allocator, 500);
    for (list.items, 0..) |item, at| try expectEqual(at, item);
    try expectEqual(999, map.get("name 999").?);
}

test "containers of the standard library" {
    try bothWaysFreed(containers);
    try bothWays(containers, sigil.growing);
    try bothWays(struct {
        fn run(_: std.mem.Allocator) !void {
            const scope: sigil.Scope = .enter();
            try containers(scope.allocator());
            scope.exit();
            try expectEqual(0, model.nBlocks());
        }
    }.run, sigil.growing);
}

test "blocks of every alignment and many sizes keep what they hold" {
    sigil.freeAll();
    inline for ([_]std.mem.Allocator{ sigil.allocator, sigil.growing }) |allocator| {
        inline for (0..13) |log2| {
            const alignment: std.mem.Alignment = @fromBackingInt(@intCast(log2));
            for ([_]usize{ 1, 7, 8, 9, 63, 64, 65, 1000 }) |len| {
                var block = try allocator.alignedAlloc(u8, alignment, len);
                for (block, 0..) |*byte, at| byte.* = @truncate(at);
                for ([_]usize{ len + 1, 3 * len, len / 2 + 1 }) |new_len| {
                    const kept = @min(block.len, new_len);
                    block = try allocator.realloc(block, new_len);
                    try expect(alignment.check(@intFromPtr(block.ptr)));
                    for (block[0..kept], 0..) |byte, at| try expectEqual(@as(u8, @truncate(at)), byte);
                    for (block, 0..) |*byte, at| byte.* = @truncate(at);
                }
                allocator.free(block);
            }
        }
        if (allocator.vtable == sigil.allocator.vtable) try expectEqual(0, model.nBlocks());
    }
    // Checks what `growing` left.
    sigil.freeAll();
}

test "a block that nobody frees keeps the size that the conformer knows" {
    sigil.freeAll();
    const block = try sigil.growing.alloc(u8, 10);
    try expect(!sigil.growing.resize(block, 9));
    try expect(!sigil.growing.resize(block, 11));
    try expect(sigil.growing.resize(block, 10));
    const over_aligned = try sigil.growing.alignedAlloc(u8, .@"32", 10);
    try expect(sigil.growing.resize(over_aligned, 9));
    try expect(!sigil.growing.resize(over_aligned, 11));
    sigil.freeAll();
}

test "a block stays where it can, but for a small one that shrinks" {
    sigil.freeAll();
    const allocator = sigil.allocator;
    inline for ([_]std.mem.Alignment{ .@"1", .@"32" }) |alignment| {
        var small_block = try allocator.alignedAlloc(u8, alignment, 1);
        try expect(allocator.resize(small_block, 20));
        small_block.len = 20;
        const small_longer = allocator.remap(small_block, 21).?;
        try expectEqual(small_block.ptr, small_longer.ptr);
        try expectEqual(null, allocator.remap(small_longer, 20));
        allocator.free(small_longer);
        const large_block = try allocator.alignedAlloc(u8, alignment, 1000);
        const large_shorter = allocator.remap(large_block, 995).?;
        try expectEqual(large_block.ptr, large_shorter.ptr);
        allocator.free(large_shorter);
    }
    try expectEqual(0, model.nBlocks());
}

test "where memory is exhausted the answer is OutOfMemory, and nothing is lost" {
    sigil.freeAll();
    model.limit_bytes = 1000;
    defer model.limit_bytes = std.math.maxInt(usize);
    const allocator = sigil.allocator;
    const failure = error.OutOfMemory;
    var list: std.ArrayList(u8) = .empty;
    defer list.deinit(allocator);
    try list.ensureTotalCapacityPrecise(allocator, 600);
    list.appendNTimesAssumeCapacity('x', 600);
    try std.testing.expectError(failure, list.ensureTotalCapacityPrecise(allocator, 1001));
    try std.testing.expectError(failure, allocator.alloc(u8, 1001));
    try std.testing.expectError(failure, allocator.alignedAlloc(u8, .@"64", 390));
    // Neither the sum with the alignment nor that with the gap may wrap.
    try std.testing.expectError(failure, allocator.alignedAlloc(u8, .@"64", std.math.maxInt(usize) - 63));
    try std.testing.expectError(failure, allocator.alignedAlloc(u8, .@"64", std.math.maxInt(usize)));
    const block = try allocator.alignedAlloc(u8, .@"16", 10);
    try expect(!allocator.resize(block, std.math.maxInt(usize) - 5));
    try expectEqual(null, allocator.remap(block, std.math.maxInt(usize)));
    allocator.free(block);
    try expectEqual(1, model.nBlocks());
    for (list.items) |byte| try expectEqual('x', byte);
}

test "a scope ends what was made in it, by any allocator" {
    sigil.freeAll();
    const kept = try sigil.allocator.dupe(u8, "kept");
    const scope: sigil.Scope = .enter();
    _ = try sigil.allocator.alloc(u8, 10);
    _ = try sigil.growing.alloc(u8, 20);
    _ = try scope.allocator().create(u64);
    try expectEqual(4, model.nBlocks());
    scope.exit();
    try expectEqual(1, model.nBlocks());
    try std.testing.expectEqualStrings("kept", kept);
    sigil.allocator.free(kept);
}

test "an outer scope's end ends the inner ones" {
    sigil.freeAll();
    const outer: sigil.Scope = .enter();
    const inner: sigil.Scope = .enter();
    _ = try inner.allocator().alloc(u8, 1);
    outer.exit();
    try expectEqual(0, model.nBlocks());
    const next: sigil.Scope = .enter();
    _ = try next.allocator().alloc(u8, 1);
    next.exit();
}

test "what is promoted lives in the scope around" {
    sigil.freeAll();
    const Pair = struct { first: u32, second: u64 };
    const outer: sigil.Scope = .enter();
    const inner: sigil.Scope = .enter();
    const words = try inner.allocator().dupe(u8, "a few words");
    const text = inner.promoteSlice(u8, words[2..5]);
    try std.testing.expectEqualStrings("few", text);
    const another: sigil.Scope = .enter();
    const pair = another.promote(Pair, &.{ .first = 1, .second = 2 });
    try expectEqual(2, pair.second);
    try expectEqual(2, model.nBlocks());
    // In the scope around, and growing there.
    const longer = try outer.allocator().realloc(text, 5);
    try std.testing.expectEqualStrings("few", longer[0..3]);
    outer.exit();
    try expectEqual(0, model.nBlocks());
}

test "nothing is promoted as nothing" {
    sigil.freeAll();
    const scope: sigil.Scope = .enter();
    const nowhere = try scope.allocator().alloc(u32, 0);
    try expectEqual(0, scope.promoteSlice(u32, nowhere).len);
    try expectEqual(0, model.n_open);
    const empty: sigil.Scope = .enter();
    _ = empty.promote(void, &{});
    try expectEqual(0, model.n_open);
}
