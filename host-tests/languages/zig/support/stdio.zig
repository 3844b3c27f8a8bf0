//! Standard input and output, without the rest of `std.process.Init`.

const std = @import("std");

const io = std.Io.Threaded.global_single_threaded.io();
var output_buffer: [16 * 1024]u8 = undefined;
var output = std.Io.File.stdout().writerStreaming(io, &output_buffer);

/// Standard output; `flush` it at the end.
pub const out = &output.interface;

/// All of standard input, from `allocator`.
pub fn read(allocator: std.mem.Allocator) ![]u8 {
    var buffer: [4096]u8 = undefined;
    var input = std.Io.File.stdin().readerStreaming(io, &buffer);
    return input.interface.allocRemaining(allocator, .unlimited);
}
