//! The allocator that gives single blocks back, over `sized` alone.
//!
//! | call | imports used | where it cannot |
//! |---|---|---|
//! | `alloc` | `try-alloc` | `null` |
//! | `resize` | `resize-in-place` | `false` |
//! | `remap` | `resize-in-place`; none for a small block that shrinks | `null`: the caller allocates, copies and frees |
//! | `free` | `free` | |
//!
//! `remap` does not call `core.realloc`, which traps where memory is exhausted: a list that cannot grow has to be told
//! `error.OutOfMemory`. For the same reason over-aligned blocks do not come from `alloc-aligned`.
//!
//! Blocks are aligned to 8. One that has to be aligned to more, A, is cut from a block that is A bytes larger, and
//! the word in front of it says where that begins:
//!
//! ```text
//! base                      address, a multiple of A
//! │ gap, 8 bytes to A │base│ len bytes │ rest │      len + A bytes in all
//! ```

const std = @import("std");
const sized = @import("imports.zig").sized;

const Alignment = std.mem.Alignment;

/// What the contract promises of every block. [A1]
pub const natural: Alignment = .@"8";

/// A block up to this size moves to become smaller, where it may. Allocators keep small blocks by size: what is cut off of
/// one serves nobody, while the next list that begins wants a block of the old size.
const small_bytes = 256;

/// The calls of `std.mem.Allocator`; they need no context.
pub const vtable: std.mem.Allocator.VTable = .{
    .alloc = alloc,
    .resize = resize,
    .remap = remap,
    .free = free,
};

fn alloc(_: *anyopaque, len: usize, alignment: Alignment, _: usize) ?[*]u8 {
    if (alignment.compare(.lte, natural)) return @ptrFromInt(sized.tryAlloc(len));
    const total = std.math.add(usize, len, alignment.toByteUnits()) catch return null;
    const base = sized.tryAlloc(total);
    if (base == 0) return null;
    const address = alignment.forward(base + natural.toByteUnits());
    baseOf(address).* = base;
    return @ptrFromInt(address);
}

fn resize(_: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, _: usize) bool {
    const address = @intFromPtr(memory.ptr);
    if (alignment.compare(.lte, natural)) return sized.resizeInPlace(address, memory.len, new_len);
    const new_total = std.math.add(usize, new_len, alignment.toByteUnits()) catch return false;
    return sized.resizeInPlace(baseOf(address).*, memory.len + alignment.toByteUnits(), new_total);
}

fn remap(context: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, return_address: usize) ?[*]u8 {
    if (new_len < memory.len and memory.len <= small_bytes) return null;
    return if (resize(context, memory, alignment, new_len, return_address)) memory.ptr else null;
}

fn free(_: *anyopaque, memory: []u8, alignment: Alignment, _: usize) void {
    const address = @intFromPtr(memory.ptr);
    if (alignment.compare(.lte, natural)) {
        sized.free(address, memory.len);
    } else {
        sized.free(baseOf(address).*, memory.len + alignment.toByteUnits());
    }
}

/// The word in front of an over-aligned block.
fn baseOf(address: usize) *usize {
    return @ptrFromInt(address - @sizeOf(usize));
}
