//! The contract as a heap that is told of every block, and believes nothing: what conformers are, for `zig test`.

const std = @import("std");

const Allocator = std.mem.Allocator;

/// How a call breaks the contract.
pub const Misuse = error{
    /// No live block begins there: it was freed, its scope ended, or there never was one.
    NotLive,
    /// The block was last given another size.
    WrongSize,
    /// Bytes in front of the block or behind it were written to.
    Overrun,
    /// No open scope has this handle.
    NotOpen,
    /// What is to be copied leaves memory.
    OutOfBounds,
};

/// A heap with scopes. Calls that break the contract fail, and change nothing.
///
/// It is as unhelpful as the contract allows: every other block is aligned to 8 and to no more, and `realloc` always
/// moves. Each block lies between painted bytes:
///
/// ```text
/// │ 8 painted, or 64 │ size │ painted up to the next multiple of 64, and 8 more │
/// ```
pub const Model = struct {
    backing: Allocator,
    blocks: std.AutoHashMapUnmanaged(usize, Block) = .empty,
    /// How many scopes are open.
    n_open: usize = 0,
    /// The sizes of all live blocks together.
    used_bytes: usize = 0,
    /// What they may have in all; a request beyond it exhausts the heap.
    limit_bytes: usize = std.math.maxInt(usize),
    /// Whether `resizeInPlace` ever does it. It then does it as far as the block's painted bytes go.
    resizes: bool = true,

    /// How many blocks there have been.
    n_made: usize = 0,

    /// What is known of a live block: its size, how many scopes were open when it was made, and how much is painted in
    /// front of it.
    const Block = struct { size: usize, depth: usize, front_bytes: usize };

    /// What a scope's handle is above its depth: a handle is no small number that one might guess.
    const handle_base = 4096;
    const paint = 0xA5;
    const behind_bytes = 8;
    const room_bytes = 64;
    /// Beyond that a process has no memory, and sums could wrap.
    const most_bytes = std.math.maxInt(usize) / 4;
    /// The last page is nobody's.
    const most_address = std.math.maxInt(usize) - 4096;
    const alignment: std.mem.Alignment = .@"64";

    /// Gives all memory back, to the backing allocator too.
    pub fn deinit(model: *Model) void {
        model.end(0);
        model.blocks.deinit(model.backing);
        model.* = undefined;
    }

    /// A block of the innermost scope; `null` where the heap is exhausted.
    pub fn alloc(model: *Model, size: usize) ?usize {
        if (size > model.limit_bytes -| model.used_bytes or size > most_bytes) return null;
        model.blocks.ensureUnusedCapacity(model.backing, 1) catch return null;
        const front_bytes: usize = if (model.n_made % 2 == 0) 8 else 64;
        const bytes = model.backing.alignedAlloc(u8, alignment, front_bytes + extent(size)) catch return null;
        @memset(bytes, paint);
        const block = @intFromPtr(bytes.ptr) + front_bytes;
        model.blocks.putAssumeCapacityNoClobber(block, .{
            .size = size,
            .depth = model.n_open,
            .front_bytes = front_bytes,
        });
        model.used_bytes += size;
        model.n_made += 1;
        return block;
    }

    /// A new block with the contents of the old one, which is dead; `null` where the heap is exhausted, the old one
    /// being as it was.
    pub fn realloc(model: *Model, old: usize, old_size: usize, new_size: usize) Misuse!?usize {
        if (old == 0) return model.alloc(new_size);
        try model.check(old, old_size);
        const new = model.alloc(new_size) orelse return null;
        const kept = @min(old_size, new_size);
        @memcpy(at(new)[0..kept], at(old)[0..kept]);
        model.drop(old);
        return new;
    }

    /// Ends a block. The address 0 is nothing.
    pub fn free(model: *Model, block: usize, size: usize) Misuse!void {
        if (block == 0) return;
        try model.check(block, size);
        model.drop(block);
    }

    /// Whether the block has `new_size` bytes now; else nothing is changed. One that grew is the innermost scope's. [S6]
    pub fn resizeInPlace(model: *Model, block: usize, old_size: usize, new_size: usize) Misuse!bool {
        try model.check(block, old_size);
        if (new_size == old_size) return true;
        // The bytes keep their extent, by which they are given back.
        if (!model.resizes or new_size > most_bytes or extent(new_size) != extent(old_size)) return false;
        if (new_size -| old_size > model.limit_bytes -| model.used_bytes) return false;
        if (new_size < old_size) @memset(at(block)[new_size..old_size], paint);
        model.used_bytes = model.used_bytes - old_size + new_size;
        const known = model.blocks.getPtr(block).?;
        known.size = new_size;
        if (new_size > old_size) known.depth = model.n_open;
        return true;
    }

    /// Opens a scope.
    pub fn enterScope(model: *Model) usize {
        model.n_open += 1;
        return handle_base + model.n_open;
    }

    /// Ends a scope, all scopes inside it, and their blocks.
    pub fn exitScope(model: *Model, handle: usize) Misuse!void {
        const depth = try model.depthOf(handle);
        try model.checkFrom(depth);
        model.end(depth);
    }

    /// Copies into the scope around `handle`, and ends `handle`; `null` where the heap is exhausted, the scope being
    /// still open.
    pub fn promote(model: *Model, handle: usize, source: usize, size: usize) Misuse!?usize {
        const depth = try model.depthOf(handle);
        try model.checkFrom(depth);
        // Where no memory is, not even 0 bytes can be copied from.
        if (source > most_address or size > most_address - source) return error.OutOfBounds;
        const n_open = model.n_open;
        model.n_open = depth - 1;
        const copy = model.alloc(size) orelse {
            model.n_open = n_open;
            return null;
        };
        @memcpy(at(copy)[0..size], at(source)[0..size]);
        model.end(depth);
        return copy;
    }

    /// Ends every block and every scope.
    pub fn freeAll(model: *Model) Misuse!void {
        try model.checkFrom(0);
        model.end(0);
    }

    /// How many blocks are live: 0 at the end of a program that frees what it makes.
    pub fn nBlocks(model: *const Model) usize {
        return model.blocks.count();
    }

    fn depthOf(model: *const Model, handle: usize) Misuse!usize {
        if (handle <= handle_base or handle - handle_base > model.n_open) return error.NotOpen;
        return handle - handle_base;
    }

    fn check(model: *const Model, block: usize, size: usize) Misuse!void {
        const known = model.blocks.get(block) orelse return error.NotLive;
        if (known.size != size) return error.WrongSize;
        const bytes = bytesOf(block, known);
        for (bytes[0..known.front_bytes]) |byte| if (byte != paint) return error.Overrun;
        for (bytes[known.front_bytes + size ..]) |byte| if (byte != paint) return error.Overrun;
    }

    /// Checks the blocks of that depth and of those inside it.
    fn checkFrom(model: *const Model, depth: usize) Misuse!void {
        var blocks = model.blocks.iterator();
        while (blocks.next()) |entry| {
            if (entry.value_ptr.depth >= depth) try model.check(entry.key_ptr.*, entry.value_ptr.size);
        }
    }

    /// Ends the blocks of that depth and of those inside it.
    fn end(model: *Model, depth: usize) void {
        var blocks = model.blocks.iterator();
        while (blocks.next()) |entry| {
            // Removing leaves a mark in the map, and the iterator where it is.
            if (entry.value_ptr.depth >= depth) model.drop(entry.key_ptr.*);
        }
        model.n_open = depth -| 1;
    }

    fn drop(model: *Model, block: usize) void {
        const known = model.blocks.fetchRemove(block).?.value;
        model.used_bytes -= known.size;
        model.backing.free(bytesOf(block, known));
    }

    /// How many bytes lie from the start of a block of that size to the end of the paint behind it.
    fn extent(size: usize) usize {
        return std.mem.alignForward(usize, size, room_bytes) + behind_bytes;
    }

    fn bytesOf(block: usize, known: Block) []align(alignment.toByteUnits()) u8 {
        const first: [*]align(alignment.toByteUnits()) u8 = @ptrFromInt(block - known.front_bytes);
        return first[0 .. known.front_bytes + extent(known.size)];
    }

    fn at(address: usize) [*]u8 {
        return @ptrFromInt(address);
    }
};

test "every other block is aligned to 8 and to no more" {
    var model: Model = .{ .backing = std.testing.allocator };
    defer model.deinit();
    for (1..20) |size| try std.testing.expectEqual(8 * (size % 2), model.alloc(size).? % 64);
}

test "a block ends once, with its size" {
    var model: Model = .{ .backing = std.testing.allocator };
    defer model.deinit();
    const block = model.alloc(10).?;
    try std.testing.expectError(error.WrongSize, model.free(block, 11));
    try std.testing.expectError(error.NotLive, model.free(block + 8, 2));
    try model.free(block, 10);
    try std.testing.expectError(error.NotLive, model.free(block, 10));
    try model.free(0, 10);
}

test "a byte beyond the block is noticed" {
    var model: Model = .{ .backing = std.testing.allocator };
    defer model.deinit();
    const block = model.alloc(10).?;
    for ([_]usize{ block - 1, block + 10 }) |outside| {
        const byte: *u8 = @ptrFromInt(outside);
        const painted = byte.*;
        byte.* = 0;
        try std.testing.expectError(error.Overrun, model.realloc(block, 10, 20));
        byte.* = painted;
    }
}

test "what a scope's end frees is no longer live, and older blocks are" {
    var model: Model = .{ .backing = std.testing.allocator };
    defer model.deinit();
    const old = model.alloc(1).?;
    const outer = model.enterScope();
    const young = model.alloc(2).?;
    const inner = model.enterScope();
    try model.exitScope(outer);
    try std.testing.expectError(error.NotLive, model.free(young, 2));
    try std.testing.expectError(error.NotOpen, model.exitScope(inner));
    try std.testing.expectError(error.NotOpen, model.promote(outer, old, 1));
    const last = model.enterScope();
    try std.testing.expectError(error.OutOfBounds, model.promote(last, std.math.maxInt(usize) - 3, 0));
    try model.exitScope(last);
    try model.free(old, 1);
}

test "a block that grew in a newer scope ends with it, also where it stayed" {
    var model: Model = .{ .backing = std.testing.allocator };
    defer model.deinit();
    const grown = model.alloc(10).?;
    const shrunk = model.alloc(10).?;
    const handle = model.enterScope();
    try std.testing.expect(try model.resizeInPlace(grown, 10, 20));
    try std.testing.expect(try model.resizeInPlace(shrunk, 10, 5));
    try model.exitScope(handle);
    try std.testing.expectError(error.NotLive, model.free(grown, 20));
    try model.free(shrunk, 5);
}

test "beyond the limit nothing is had, and nothing lost" {
    var model: Model = .{ .backing = std.testing.allocator, .limit_bytes = 100 };
    defer model.deinit();
    const handle = model.enterScope();
    const block = model.alloc(60).?;
    try std.testing.expectEqual(null, model.alloc(41));
    try std.testing.expectEqual(null, try model.realloc(block, 60, 61));
    try std.testing.expectEqual(null, try model.promote(handle, block, 60));
    try std.testing.expect(try model.resizeInPlace(block, 60, 64));
    try model.free(block, 64);
    try std.testing.expectEqual(0, model.used_bytes);
}
