//! `lines` of host-tests/languages/README.md: words, sorted and once each, with a scope per line and per pass.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const n_passes = 50;

const Pass = struct {
    out: *std.Io.Writer,
    lines: usize = 0,
    words: usize = 0,
    kept: usize = 0,
    /// Promoted out of the scope of its line.
    longest: []const u8 = "",

    fn line(pass: *Pass, text: []const u8) !void {
        pass.lines += 1;
        const scope: heap.Scope = .enter();
        const allocator = scope.allocator();
        var words: std.ArrayList([]u8) = .empty;
        var pieces = std.mem.tokenizeScalar(u8, text, ' ');
        while (pieces.next()) |piece| {
            const word = changed(try allocator.dupe(u8, piece));
            if (word.len > 0) try words.append(allocator, word);
        }
        pass.words += words.items.len;
        var longest = pass.longest;
        for (words.items) |word| if (word.len > longest.len) {
            longest = word;
        };
        std.mem.sort([]u8, words.items, {}, isBefore);
        var n_kept: usize = 0;
        for (words.items) |word| {
            if (n_kept > 0 and std.mem.eql(u8, words.items[n_kept - 1], word)) continue;
            words.items[n_kept] = word;
            n_kept += 1;
        }
        pass.kept += n_kept;
        if (n_kept > 0) {
            const joined = try std.mem.join(allocator, " ", words.items[0..n_kept]);
            try pass.out.print("{s}\n", .{joined});
        }
        if (longest.len > pass.longest.len) {
            pass.longest = scope.promoteSlice(u8, longest);
        } else {
            scope.exit();
        }
    }
};

/// What is left of a word, in the same place.
fn changed(word: []u8) []u8 {
    var n_kept: usize = 0;
    for (word) |byte| if (std.ascii.isAlphanumeric(byte)) {
        word[n_kept] = std.ascii.toLower(byte);
        n_kept += 1;
    };
    return word[0..n_kept];
}

fn isBefore(_: void, a: []u8, b: []u8) bool {
    return std.mem.lessThan(u8, a, b);
}

pub fn main() !void {
    const whole: heap.Scope = .enter();
    defer whole.exit();
    const text = try stdio.read(whole.allocator());
    var discarding: std.Io.Writer.Discarding = .init(&.{});
    for (1..n_passes + 1) |at| {
        const scope: heap.Scope = .enter();
        defer scope.exit();
        var pass: Pass = .{ .out = if (at < n_passes) &discarding.writer else stdio.out };
        var lines = std.mem.splitScalar(u8, text, '\n');
        while (lines.next()) |line| {
            // What follows the last line's end is none.
            if (line.len > 0 or lines.peek() != null) try pass.line(line);
        }
        if (at < n_passes) continue;
        try stdio.out.print("lines {d} words {d} kept {d} longest {s}\n", .{
            pass.lines, pass.words, pass.kept, pass.longest,
        });
    }
    try stdio.out.flush();
}
