//! Data of the interpreter, counted by references. What refers to itself in a circle stays.

const std = @import("std");
const allocator = @import("heap").allocator;

/// A piece of data. Whoever keeps one holds a reference: `retain` for another one, `release` to give it up.
pub const Value = union(enum) {
    nil,
    integer: i32,
    symbol: *Symbol,
    builtin: Builtin,
    pair: *Pair,
    closure: *Closure,

    pub fn retain(value: Value) Value {
        switch (value) {
            .pair => |pair| pair.n_references += 1,
            .closure => |closure| closure.n_references += 1,
            else => {},
        }
        return value;
    }

    pub fn release(value: Value) void {
        var last = value;
        while (true) switch (last) {
            // A list is as deep as it is long: its rest is released in turns.
            .pair => |pair| {
                pair.n_references -= 1;
                if (pair.n_references > 0) return;
                pair.car.release();
                last = pair.cdr;
                allocator.destroy(pair);
            },
            .closure => |closure| return closure.release(),
            else => return,
        };
    }

    pub fn cons(car: Value, cdr: Value) error{OutOfMemory}!Value {
        const pair = try allocator.create(Pair);
        pair.* = .{ .car = car, .cdr = cdr };
        return .{ .pair = pair };
    }

    pub fn same(a: Value, b: Value) bool {
        return std.meta.eql(a, b);
    }

    pub fn print(value: Value, out: *std.Io.Writer) std.Io.Writer.Error!void {
        switch (value) {
            .nil => try out.writeAll("()"),
            .integer => |integer| try out.print("{d}", .{integer}),
            .symbol => |symbol| try out.writeAll(symbol.name),
            .builtin => try out.writeAll("#<builtin>"),
            .closure => try out.writeAll("#<closure>"),
            .pair => |first| {
                try out.writeByte('(');
                try first.car.print(out);
                var rest = first.cdr;
                while (rest == .pair) : (rest = rest.pair.cdr) {
                    try out.writeByte(' ');
                    try rest.pair.car.print(out);
                }
                if (rest != .nil) {
                    try out.writeAll(" . ");
                    try rest.print(out);
                }
                try out.writeByte(')');
            },
        }
    }
};

pub const Pair = struct {
    n_references: usize = 1,
    car: Value,
    cdr: Value,
};

/// A name, once for each spelling; it lives to the end.
pub const Symbol = struct {
    name: []const u8,
    /// In the global environment.
    value: ?Value = null,
    form: ?Form = null,
};

pub const Form = enum { quote, @"if", define, lambda, let, @"set!", begin };

pub const Builtin = enum { @"+", @"-", @"*", quotient, remainder, @"<", @"=", cons, car, cdr, @"null?", @"pair?", @"eq?", print };

pub const Closure = struct {
    n_references: usize = 1,
    names: Value,
    body: Value,
    environment: ?*Environment,

    pub fn release(closure: *Closure) void {
        closure.n_references -= 1;
        if (closure.n_references > 0) return;
        closure.names.release();
        closure.body.release();
        Environment.release(closure.environment);
        allocator.destroy(closure);
    }
};

/// One name and what it is bound to, in front of those around it.
pub const Environment = struct {
    n_references: usize = 1,
    name: *Symbol,
    value: Value,
    around: ?*Environment,

    /// Takes the references to `value` and `around`.
    pub fn bind(name: *Symbol, value: Value, around: ?*Environment) error{OutOfMemory}!*Environment {
        const environment = try allocator.create(Environment);
        environment.* = .{ .name = name, .value = value, .around = around };
        return environment;
    }

    pub fn retain(environment: ?*Environment) ?*Environment {
        if (environment) |some| some.n_references += 1;
        return environment;
    }

    pub fn release(environment: ?*Environment) void {
        var next = environment;
        while (next) |last| {
            last.n_references -= 1;
            if (last.n_references > 0) return;
            last.value.release();
            next = last.around;
            allocator.destroy(last);
        }
    }
};
