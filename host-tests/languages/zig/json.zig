//! `json` of host-tests/languages/README.md: a tree of values, read and printed twenty times.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const Allocator = std.mem.Allocator;
const Writer = std.Io.Writer;

const n_rounds = 20;

const Value = union(enum) {
    /// `true`, `false` and `null`, as they stand in the text.
    word: []const u8,
    /// As it stands in the text.
    number: []const u8,
    /// Decoded.
    string: []const u8,
    array: []Value,
    object: []Member,

    fn deinit(value: Value, allocator: Allocator) void {
        switch (value) {
            .word, .number => {},
            .string => |bytes| allocator.free(bytes),
            .array => |values| {
                for (values) |item| item.deinit(allocator);
                allocator.free(values);
            },
            .object => |members| {
                for (members) |member| member.deinit(allocator);
                allocator.free(members);
            },
        }
    }
};

const Member = struct {
    key: []const u8,
    value: Value,

    fn deinit(member: Member, allocator: Allocator) void {
        allocator.free(member.key);
        member.value.deinit(allocator);
    }
};

const Invalid = error{ Invalid, OutOfMemory };

const Parser = struct {
    allocator: Allocator,
    text: []const u8,
    at: usize = 0,

    fn document(parser: *Parser) Invalid!Value {
        const found = try parser.value();
        errdefer found.deinit(parser.allocator);
        if (parser.next() != null) return error.Invalid;
        return found;
    }

    fn value(parser: *Parser) Invalid!Value {
        switch (parser.next() orelse return error.Invalid) {
            '{' => return parser.object(),
            '[' => return parser.array(),
            '"' => return .{ .string = try parser.string() },
            '-', '0'...'9' => return .{ .number = parser.run(isNumber) },
            else => {
                const word = parser.run(std.ascii.isAlphabetic);
                for ([_][]const u8{ "true", "false", "null" }) |known| {
                    if (std.mem.eql(u8, word, known)) return .{ .word = word };
                }
                return error.Invalid;
            },
        }
    }

    fn object(parser: *Parser) Invalid!Value {
        var members: std.ArrayList(Member) = .empty;
        errdefer {
            for (members.items) |member| member.deinit(parser.allocator);
            members.deinit(parser.allocator);
        }
        parser.at += 1;
        while (!parser.takes('}')) {
            if (members.items.len > 0) try parser.expect(',');
            if (parser.next() != '"') return error.Invalid;
            const key = try parser.string();
            errdefer parser.allocator.free(key);
            try parser.expect(':');
            const item = try parser.value();
            errdefer item.deinit(parser.allocator);
            try members.append(parser.allocator, .{ .key = key, .value = item });
        }
        return .{ .object = try members.toOwnedSlice(parser.allocator) };
    }

    fn array(parser: *Parser) Invalid!Value {
        var values: std.ArrayList(Value) = .empty;
        errdefer {
            for (values.items) |item| item.deinit(parser.allocator);
            values.deinit(parser.allocator);
        }
        parser.at += 1;
        while (!parser.takes(']')) {
            if (values.items.len > 0) try parser.expect(',');
            const item = try parser.value();
            errdefer item.deinit(parser.allocator);
            try values.append(parser.allocator, item);
        }
        return .{ .array = try values.toOwnedSlice(parser.allocator) };
    }

    fn string(parser: *Parser) Invalid![]u8 {
        var bytes: std.ArrayList(u8) = .empty;
        errdefer bytes.deinit(parser.allocator);
        parser.at += 1;
        while (true) {
            const plain = parser.run(isPlain);
            try bytes.appendSlice(parser.allocator, plain);
            switch (try parser.byte()) {
                '"' => return bytes.toOwnedSlice(parser.allocator),
                '\\' => try parser.escape(&bytes),
                else => return error.Invalid,
            }
        }
    }

    fn escape(parser: *Parser, bytes: *std.ArrayList(u8)) Invalid!void {
        const decoded: u8 = switch (try parser.byte()) {
            'b' => 8,
            't' => 9,
            'n' => 10,
            'f' => 12,
            'r' => 13,
            'u' => {
                var utf8: [4]u8 = undefined;
                const length = std.unicode.utf8Encode(try parser.codePoint(), &utf8) catch return error.Invalid;
                return bytes.appendSlice(parser.allocator, utf8[0..length]);
            },
            else => |same| same,
        };
        try bytes.append(parser.allocator, decoded);
    }

    /// One unit of UTF-16, or two that belong together.
    fn codePoint(parser: *Parser) Invalid!u21 {
        const high = try parser.unit();
        if (!std.unicode.utf16IsHighSurrogate(high)) return high;
        if (try parser.byte() != '\\' or try parser.byte() != 'u') return error.Invalid;
        const units = [2]u16{ high, try parser.unit() };
        return std.unicode.utf16DecodeSurrogatePair(&units) catch return error.Invalid;
    }

    fn unit(parser: *Parser) Invalid!u16 {
        if (parser.text.len - parser.at < 4) return error.Invalid;
        defer parser.at += 4;
        return std.fmt.parseInt(u16, parser.text[parser.at..][0..4], 16) catch return error.Invalid;
    }

    fn byte(parser: *Parser) Invalid!u8 {
        if (parser.at == parser.text.len) return error.Invalid;
        defer parser.at += 1;
        return parser.text[parser.at];
    }

    /// The next byte that is no space; it stays.
    fn next(parser: *Parser) ?u8 {
        _ = parser.run(std.ascii.isWhitespace);
        return if (parser.at < parser.text.len) parser.text[parser.at] else null;
    }

    fn takes(parser: *Parser, byte_wanted: u8) bool {
        const does = parser.next() == byte_wanted;
        parser.at += @intFromBool(does);
        return does;
    }

    fn expect(parser: *Parser, byte_wanted: u8) Invalid!void {
        if (!parser.takes(byte_wanted)) return error.Invalid;
    }

    fn run(parser: *Parser, comptime belongs: fn (u8) bool) []const u8 {
        const start = parser.at;
        while (parser.at < parser.text.len and belongs(parser.text[parser.at])) parser.at += 1;
        return parser.text[start..parser.at];
    }

    fn isNumber(found: u8) bool {
        return std.ascii.isDigit(found) or std.mem.findScalar(u8, "+-.eE", found) != null;
    }

    fn isPlain(found: u8) bool {
        return found != '"' and found != '\\' and found >= ' ';
    }
};

fn print(out: *Writer, value: Value, level: usize) Writer.Error!void {
    switch (value) {
        .word, .number => |text| try out.writeAll(text),
        .string => |bytes| try printString(out, bytes),
        .array => |values| {
            if (values.len == 0) return out.writeAll("[]");
            for (values, 0..) |item, at| {
                try startItem(out, '[', at, level);
                try print(out, item, level + 1);
            }
            try end(out, ']', level);
        },
        .object => |members| {
            if (members.len == 0) return out.writeAll("{}");
            for (members, 0..) |member, at| {
                try startItem(out, '{', at, level);
                try printString(out, member.key);
                try out.writeAll(": ");
                try print(out, member.value, level + 1);
            }
            try end(out, '}', level);
        },
    }
}

fn startItem(out: *Writer, open: u8, at: usize, level: usize) Writer.Error!void {
    try out.writeByte(if (at == 0) open else ',');
    try newLine(out, level + 1);
}

fn end(out: *Writer, close: u8, level: usize) Writer.Error!void {
    try newLine(out, level);
    try out.writeByte(close);
}

fn newLine(out: *Writer, level: usize) Writer.Error!void {
    try out.writeByte('\n');
    try out.splatByteAll(' ', 2 * level);
}

fn printString(out: *Writer, bytes: []const u8) Writer.Error!void {
    try out.writeByte('"');
    for (bytes) |byte| switch (byte) {
        '"', '\\' => try out.writeAll(&.{ '\\', byte }),
        8 => try out.writeAll("\\b"),
        9 => try out.writeAll("\\t"),
        10 => try out.writeAll("\\n"),
        12 => try out.writeAll("\\f"),
        13 => try out.writeAll("\\r"),
        0...7, 11, 14...31 => try out.print("\\u{x:0>4}", .{byte}),
        else => try out.writeByte(byte),
    };
    try out.writeByte('"');
}

const Counts = struct {
    objects: usize = 0,
    arrays: usize = 0,
    strings: usize = 0,
    numbers: usize = 0,
    depth: usize = 0,

    fn add(counts: *Counts, value: Value, depth: usize) void {
        counts.depth = @max(counts.depth, depth);
        switch (value) {
            .word => {},
            .number => counts.numbers += 1,
            .string => counts.strings += 1,
            .array => |values| {
                counts.arrays += 1;
                counts.depth = @max(counts.depth, depth + 1);
                for (values) |item| counts.add(item, depth + 1);
            },
            .object => |members| {
                counts.objects += 1;
                counts.depth = @max(counts.depth, depth + 1);
                for (members) |member| counts.add(member.value, depth + 1);
            },
        }
    }
};

pub fn main() !u8 {
    const allocator = heap.allocator;
    const text = try stdio.read(allocator);
    defer allocator.free(text);
    for (0..n_rounds) |round| {
        var parser: Parser = .{ .allocator = allocator, .text = text };
        const tree = parser.document() catch |failure| switch (failure) {
            error.Invalid => {
                try stdio.out.writeAll("invalid\n");
                try stdio.out.flush();
                return 1;
            },
            error.OutOfMemory => return failure,
        };
        defer tree.deinit(allocator);
        var printed: Writer.Allocating = .init(allocator);
        defer printed.deinit();
        try print(&printed.writer, tree, 0);
        if (round < n_rounds - 1) continue;
        var counts: Counts = .{};
        counts.add(tree, 0);
        try stdio.out.print("{s}\nobjects {d} arrays {d} strings {d} numbers {d} depth {d}\n", .{
            printed.written(), counts.objects, counts.arrays, counts.strings, counts.numbers, counts.depth,
        });
    }
    try stdio.out.flush();
    return 0;
}
