//! The allocator that never frees, over `core` alone: every conformer serves it, and scopes end what it made.
//!
//! | call | imports used | where it cannot |
//! |---|---|---|
//! | `alloc` | `alloc` | traps, and the host says what was asked for |
//! | `resize` | | `false`, but for over-aligned blocks that become smaller |
//! | `remap` | `realloc`; none for over-aligned blocks | traps; `null` for over-aligned blocks that grow |
//! | `free` | | |
//!
//! `resize` may not shrink a block behind the conformer's back: `realloc` is to be told the size that the block was
//! last given. An over-aligned block never meets `realloc`, which would align it to 8 only.

const std = @import("std");
const core = @import("imports.zig").core;

const Alignment = std.mem.Alignment;
const natural = @import("freeing.zig").natural;

/// The calls of `std.mem.Allocator`; they need no context.
pub const vtable: std.mem.Allocator.VTable = .{
    .alloc = alloc,
    .resize = resize,
    .remap = remap,
    .free = std.mem.Allocator.noFree,
};

/// As `VTable.alloc`, for other allocators that end in this one.
pub fn alloc(_: *anyopaque, len: usize, alignment: Alignment, _: usize) ?[*]u8 {
    if (alignment.compare(.lte, natural)) return @ptrFromInt(core.alloc(len));
    // A sum that does not fit becomes the largest request, which exhausts memory as it should. [H5]
    const padding = alignment.toByteUnits() - natural.toByteUnits();
    return @ptrFromInt(alignment.forward(core.alloc(len +| padding)));
}

/// As `VTable.resize`, for other allocators that end in this one.
pub fn resize(_: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, _: usize) bool {
    return new_len == memory.len or (new_len < memory.len and alignment.compare(.gt, natural));
}

/// As `VTable.remap`, for other allocators that end in this one.
pub fn remap(_: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, _: usize) ?[*]u8 {
    if (alignment.compare(.gt, natural)) return if (new_len <= memory.len) memory.ptr else null;
    return @ptrFromInt(core.realloc(@intFromPtr(memory.ptr), memory.len, new_len));
}
