//! Text to data.

const std = @import("std");
const allocator = @import("heap").allocator;
const values = @import("value.zig");

const Symbol = values.Symbol;
const Value = values.Value;

pub const Error = error{ OutOfMemory, UnbalancedParenthesis };

/// Every name that was read.
pub const Symbols = struct {
    by_name: std.StringHashMapUnmanaged(*Symbol) = .empty,
    /// What is true where nothing else is to be said.
    t: *Symbol,

    /// The names that mean something from the start.
    pub fn init() error{OutOfMemory}!Symbols {
        var symbols: Symbols = .{ .t = undefined };
        for (std.enums.values(values.Form)) |form| {
            (try symbols.get(@tagName(form))).form = form;
        }
        for (std.enums.values(values.Builtin)) |builtin| {
            (try symbols.get(@tagName(builtin))).value = .{ .builtin = builtin };
        }
        symbols.t = try symbols.get("t");
        symbols.t.value = .{ .symbol = symbols.t };
        return symbols;
    }

    pub fn get(symbols: *Symbols, name: []const u8) error{OutOfMemory}!*Symbol {
        if (symbols.by_name.get(name)) |symbol| return symbol;
        const symbol = try allocator.create(Symbol);
        symbol.* = .{ .name = try allocator.dupe(u8, name) };
        try symbols.by_name.put(allocator, symbol.name, symbol);
        return symbol;
    }
};

pub const Reader = struct {
    symbols: *Symbols,
    text: []const u8,
    at: usize = 0,

    /// The next form; `null` at the end of the text.
    pub fn next(reader: *Reader) Error!?Value {
        reader.skip();
        return if (reader.at == reader.text.len) null else try reader.form();
    }

    fn form(reader: *Reader) Error!Value {
        reader.skip();
        if (reader.at == reader.text.len) return error.UnbalancedParenthesis;
        switch (reader.text[reader.at]) {
            '(' => {
                reader.at += 1;
                return reader.list();
            },
            ')' => return error.UnbalancedParenthesis,
            '\'' => {
                reader.at += 1;
                const quote: Value = .{ .symbol = try reader.symbols.get("quote") };
                return .cons(quote, try .cons(try reader.form(), .nil));
            },
            else => return reader.atom(),
        }
    }

    fn list(reader: *Reader) Error!Value {
        var first: Value = .nil;
        errdefer first.release();
        var end = &first;
        while (true) {
            if (reader.closes()) return first;
            const item = try reader.form();
            if (item == .symbol and std.mem.eql(u8, item.symbol.name, ".")) {
                end.* = try reader.form();
                return if (reader.closes()) first else error.UnbalancedParenthesis;
            }
            end.* = try .cons(item, .nil);
            end = &end.pair.cdr;
        }
    }

    fn closes(reader: *Reader) bool {
        reader.skip();
        if (reader.at == reader.text.len or reader.text[reader.at] != ')') return false;
        reader.at += 1;
        return true;
    }

    fn atom(reader: *Reader) Error!Value {
        const start = reader.at;
        while (reader.at < reader.text.len and isName(reader.text[reader.at])) reader.at += 1;
        const name = reader.text[start..reader.at];
        return if (integer(name)) |value| .{ .integer = value } else .{ .symbol = try reader.symbols.get(name) };
    }

    fn skip(reader: *Reader) void {
        while (reader.at < reader.text.len) : (reader.at += 1) {
            const byte = reader.text[reader.at];
            if (byte == ';') {
                reader.at = std.mem.findScalarPos(u8, reader.text, reader.at, '\n') orelse reader.text.len;
                if (reader.at == reader.text.len) return;
            } else if (!std.ascii.isWhitespace(byte)) return;
        }
    }
};

fn isName(byte: u8) bool {
    return !std.ascii.isWhitespace(byte) and std.mem.findScalar(u8, "()';", byte) == null;
}

/// Wrapping, as all arithmetic here.
fn integer(name: []const u8) ?i32 {
    const is_negative = name[0] == '-';
    const digits = name[@intFromBool(is_negative)..];
    if (digits.len == 0) return null;
    var sum: i32 = 0;
    for (digits) |digit| {
        if (!std.ascii.isDigit(digit)) return null;
        sum = sum *% 10 +% (digit - '0');
    }
    return if (is_negative) 0 -% sum else sum;
}
