//! Zig's `std.heap.wasm_allocator` behind three C functions. Every block is aligned to 8.

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
