//! A program that nobody here wrote: what `zig fmt` and the compiler's first stage do, over sources of the standard library.
//!
//! The tokenizer, parser, renderer and `AstGen` are `std.zig`'s, and so are the sources. What is known of them: they are
//! formatted, so that rendering gives the same bytes; with the indentation taken off it does too; and they
//! compile.
//!
//! Sizes and digests in `format.out` are those of the Zig that `xtask/src/zig.rs` names.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const Allocator = std.mem.Allocator;
const Ast = std.zig.Ast;

/// Files of the standard library, by the names that the build gives them. None turns the formatter off on the way.
const sources = .{ "array_list", "hash_map", "Writer", "Parse", "Ast", "Threaded" };

fn check(allocator: Allocator, name: []const u8, source: [:0]const u8) !void {
    var tree: Ast = try .parse(allocator, source, .{});
    defer tree.deinit(allocator);
    const rendered = try render(allocator, tree);
    defer allocator.free(rendered);

    const flat = try withoutIndentation(allocator, source);
    defer allocator.free(flat);
    var flat_tree: Ast = try .parse(allocator, flat, .{});
    defer flat_tree.deinit(allocator);
    const restored = try render(allocator, flat_tree);
    defer allocator.free(restored);

    var code = try std.zig.AstGen.generate(allocator, tree);
    defer code.deinit(allocator);

    try stdio.out.print("{s}: {d} bytes, {d} tokens, {d} nodes, {s}; {d} bytes of them indentation, {s}; " ++
        "{d} instructions, {d} bytes of names, {s}; {x}\n", .{
        name,                                                              source.len,
        tree.tokens.len,                                                   tree.nodes.len,
        if (std.mem.eql(u8, rendered, source)) "formatted" else "CHANGED", source.len - flat.len,
        if (std.mem.eql(u8, restored, source)) "restored" else "LOST",     code.instructions.len,
        code.string_bytes.len,                                             if (code.hasCompileErrors()) "WITH ERRORS" else "compiled",
        digest(rendered),
    });
}

fn render(allocator: Allocator, tree: Ast) ![]u8 {
    if (tree.errors.len > 0) return error.DoesNotParse;
    return tree.renderAlloc(allocator);
}

fn digest(bytes: []const u8) [32]u8 {
    var hash: [32]u8 = undefined;
    std.crypto.hash.sha2.Sha256.hash(bytes, &hash, .{});
    return hash;
}

/// Each line from its first byte that is no space.
fn withoutIndentation(allocator: Allocator, source: []const u8) ![:0]u8 {
    var flat: std.ArrayList(u8) = .empty;
    errdefer flat.deinit(allocator);
    var lines = std.mem.splitScalar(u8, source, '\n');
    while (lines.next()) |line| {
        try flat.appendSlice(allocator, std.mem.trimStart(u8, line, " "));
        if (lines.peek() != null) try flat.append(allocator, '\n');
    }
    return flat.toOwnedSliceSentinel(allocator, 0);
}

pub fn main() !void {
    inline for (sources) |name| try check(heap.allocator, name, @embedFile(name));
    try stdio.out.flush();
}
