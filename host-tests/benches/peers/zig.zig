//! Zig's `std.heap.wasm_allocator` and `ArenaAllocator` behind C functions. Every block is aligned to 8.

const std = @import("std");

const heap = std.heap.wasm_allocator;
const alignment: std.mem.Alignment = .@"8";

export fn zig_alloc(size: usize) [*]u8 {
    return heap.rawAlloc(size, alignment, 0) orelse @trap();
}

export fn zig_realloc(old: [*]u8, old_size: usize, new_size: usize) [*]u8 {
    if (heap.rawRemap(old[0..old_size], alignment, new_size, 0)) |block| return block;
    const block = zig_alloc(new_size);
    const kept = @min(old_size, new_size);
    @memcpy(block[0..kept], old[0..kept]);
    zig_free(old, old_size);
    return block;
}

export fn zig_free(block: [*]u8, size: usize) void {
    heap.rawFree(block[0..size], alignment, 0);
}

var arena = std.heap.ArenaAllocator.init(heap);

export fn zig_arena_alloc(size: usize) [*]u8 {
    return arena.allocator().rawAlloc(size, alignment, 0) orelse @trap();
}

export fn zig_arena_realloc(old: [*]u8, old_size: usize, new_size: usize) [*]u8 {
    if (arena.allocator().rawRemap(old[0..old_size], alignment, new_size, 0)) |block| return block;
    const block = zig_arena_alloc(new_size);
    const kept = @min(old_size, new_size);
    @memcpy(block[0..kept], old[0..kept]);
    return block;
}

export fn zig_arena_reset() void {
    _ = arena.reset(.retain_capacity);
}
