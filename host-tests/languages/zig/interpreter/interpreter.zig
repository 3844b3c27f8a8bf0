//! `interpreter` of host-tests/languages/README.md: a small Lisp, whose data is counted by references.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");
const reading = @import("reader.zig");
const values = @import("value.zig");

const allocator = heap.allocator;
const Builtin = values.Builtin;
const Closure = values.Closure;
const Environment = values.Environment;
const Form = values.Form;
const Pair = values.Pair;
const Symbol = values.Symbol;
const Value = values.Value;

/// What `error: ` is followed by.
const Error = reading.Error || std.Io.Writer.Error || error{
    UnboundName,
    NotCallable,
    WrongType,
    WrongNumberOfArguments,
    BadForm,
    DivisionByZero,
};

const Interpreter = struct {
    symbols: reading.Symbols,
    out: *std.Io.Writer,

    fn run(interpreter: *Interpreter, text: []const u8) Error!void {
        var reader: reading.Reader = .{ .symbols = &interpreter.symbols, .text = text };
        while (try reader.next()) |form| {
            defer form.release();
            const result = try interpreter.eval(form, null);
            defer result.release();
            if (form == .pair and formOf(form.pair.car) == .define) continue;
            try result.print(interpreter.out);
            try interpreter.out.writeByte('\n');
        }
    }

    /// The value of an expression, to be released. Tail calls are turns of the loop.
    fn eval(interpreter: *Interpreter, expression: Value, around: ?*Environment) Error!Value {
        var environment = Environment.retain(around);
        defer Environment.release(environment);
        // The closure whose body is being evaluated: it holds the expression.
        var running: Value = .nil;
        defer running.release();
        var next = expression;
        while (true) {
            const pair = switch (next) {
                .pair => |pair| pair,
                .symbol => |symbol| return (try place(symbol, environment)).retain(),
                else => return next.retain(),
            };
            const operands = pair.cdr;
            switch (formOf(pair.car) orelse {
                const called = try interpreter.eval(pair.car, environment);
                if (called == .builtin) return interpreter.call(called.builtin, operands, environment);
                errdefer called.release();
                if (called != .closure) return error.NotCallable;
                const inner = try interpreter.bound(called.closure, operands, environment);
                Environment.release(environment);
                environment = inner;
                running.release();
                running = called;
                next = try interpreter.allButLast(called.closure.body, inner);
                continue;
            }) {
                .quote => return (try exactly(1, operands))[0].retain(),
                .@"if" => {
                    const parts = try upTo(3, operands);
                    const condition = try interpreter.eval(parts[0] orelse return error.BadForm, environment);
                    defer condition.release();
                    const chosen = if (condition != .nil) parts[1] orelse return error.BadForm else parts[2];
                    next = chosen orelse return .nil;
                },
                .define => {
                    const parts = try exactly(2, operands);
                    const name = try nameOf(parts[0]);
                    const value = try interpreter.eval(parts[1], environment);
                    if (name.value) |old| old.release();
                    name.value = value;
                    return .nil;
                },
                .lambda => {
                    if (operands != .pair) return error.BadForm;
                    const closure = try allocator.create(Closure);
                    closure.* = .{
                        .names = operands.pair.car.retain(),
                        .body = operands.pair.cdr.retain(),
                        .environment = Environment.retain(environment),
                    };
                    return .{ .closure = closure };
                },
                .let => {
                    if (operands != .pair) return error.BadForm;
                    const inner = try interpreter.boundByLet(operands.pair.car, environment);
                    Environment.release(environment);
                    environment = inner;
                    next = try interpreter.allButLast(operands.pair.cdr, inner);
                },
                .@"set!" => {
                    const parts = try exactly(2, operands);
                    const value = try interpreter.eval(parts[1], environment);
                    errdefer value.release();
                    const target = try place(try nameOf(parts[0]), environment);
                    target.release();
                    target.* = value;
                    return value.retain();
                },
                .begin => next = try interpreter.allButLast(operands, environment),
            }
        }
    }

    /// Evaluates a body up to its last expression, which is what it returns.
    fn allButLast(interpreter: *Interpreter, body: Value, environment: ?*Environment) Error!Value {
        var left = body;
        if (left != .pair) return .nil;
        while (left.pair.cdr == .pair) : (left = left.pair.cdr) {
            (try interpreter.eval(left.pair.car, environment)).release();
        }
        return left.pair.car;
    }

    /// The environment of a closure's body: its names, bound to what the operands are in `environment`.
    fn bound(interpreter: *Interpreter, closure: *Closure, operands: Value, environment: ?*Environment) Error!?*Environment {
        var inner = Environment.retain(closure.environment);
        errdefer Environment.release(inner);
        var names = closure.names;
        var left = operands;
        while (names == .pair and left == .pair) : (names = names.pair.cdr) {
            const value = try interpreter.eval(left.pair.car, environment);
            inner = try .bind(try nameOf(names.pair.car), value, inner);
            left = left.pair.cdr;
        }
        return if (names == .nil and left == .nil) inner else error.WrongNumberOfArguments;
    }

    fn boundByLet(interpreter: *Interpreter, bindings: Value, environment: ?*Environment) Error!?*Environment {
        var inner = Environment.retain(environment);
        errdefer Environment.release(inner);
        var left = bindings;
        while (left == .pair) : (left = left.pair.cdr) {
            const parts = try exactly(2, left.pair.car);
            const value = try interpreter.eval(parts[1], environment);
            inner = try .bind(try nameOf(parts[0]), value, inner);
        }
        return inner;
    }

    fn call(interpreter: *Interpreter, builtin: Builtin, operands: Value, environment: ?*Environment) Error!Value {
        var arguments: [2]Value = .{ .nil, .nil };
        defer for (arguments) |argument| argument.release();
        var n_arguments: usize = 0;
        var left = operands;
        while (left == .pair) : (left = left.pair.cdr) {
            if (n_arguments == arguments.len) return error.WrongNumberOfArguments;
            arguments[n_arguments] = try interpreter.eval(left.pair.car, environment);
            n_arguments += 1;
        }
        const a, const b = arguments;
        const n_expected: usize = switch (builtin) {
            .car, .cdr, .@"null?", .@"pair?", .print => 1,
            else => 2,
        };
        if (n_arguments != n_expected) return error.WrongNumberOfArguments;
        switch (builtin) {
            .@"+" => return .{ .integer = try integer(a) +% try integer(b) },
            .@"-" => return .{ .integer = try integer(a) -% try integer(b) },
            .@"*" => return .{ .integer = try integer(a) *% try integer(b) },
            .quotient => return .{ .integer = try quotient(try integer(a), try integer(b)) },
            .remainder => {
                const product = try quotient(try integer(a), try integer(b)) *% b.integer;
                return .{ .integer = a.integer -% product };
            },
            .@"<" => return interpreter.truth(try integer(a) < try integer(b)),
            .@"=" => return interpreter.truth(try integer(a) == try integer(b)),
            .cons => return .cons(a.retain(), b.retain()),
            .car => return if (a == .nil) .nil else (try pairOf(a)).car.retain(),
            .cdr => return if (a == .nil) .nil else (try pairOf(a)).cdr.retain(),
            .@"null?" => return interpreter.truth(a == .nil),
            .@"pair?" => return interpreter.truth(a == .pair),
            .@"eq?" => return interpreter.truth(a.same(b)),
            .print => {
                try a.print(interpreter.out);
                try interpreter.out.writeByte('\n');
                return a.retain();
            },
        }
    }

    fn truth(interpreter: *Interpreter, is_true: bool) Value {
        return if (is_true) .{ .symbol = interpreter.symbols.t } else .nil;
    }
};

fn formOf(value: Value) ?Form {
    return if (value == .symbol) value.symbol.form else null;
}

/// Where a name's value is.
fn place(name: *Symbol, environment: ?*Environment) Error!*Value {
    var next = environment;
    while (next) |found| : (next = found.around) {
        if (found.name == name) return &found.value;
    }
    return if (name.value) |*value| value else error.UnboundName;
}

fn exactly(comptime n: usize, list: Value) Error![n]Value {
    var parts: [n]Value = undefined;
    for (&parts, try upTo(n, list)) |*part, found| part.* = found orelse return error.BadForm;
    return parts;
}

fn upTo(comptime n: usize, list: Value) Error![n]?Value {
    var parts: [n]?Value = @splat(null);
    var left = list;
    for (&parts) |*part| {
        if (left != .pair) break;
        part.* = left.pair.car;
        left = left.pair.cdr;
    }
    return if (left == .nil) parts else error.BadForm;
}

fn nameOf(value: Value) Error!*Symbol {
    return if (value == .symbol) value.symbol else error.BadForm;
}

fn pairOf(value: Value) Error!*Pair {
    return if (value == .pair) value.pair else error.WrongType;
}

fn integer(value: Value) Error!i32 {
    return if (value == .integer) value.integer else error.WrongType;
}

fn quotient(a: i32, b: i32) Error!i32 {
    if (b == 0) return error.DivisionByZero;
    // The only quotient that has no place wraps.
    return if (b == -1) 0 -% a else @divTrunc(a, b);
}

pub fn main() !u8 {
    const text = try stdio.read(allocator);
    defer allocator.free(text);
    var interpreter: Interpreter = .{ .symbols = try .init(), .out = stdio.out };
    var status: u8 = 0;
    interpreter.run(text) catch |failure| {
        try stdio.out.print("error: {t}\n", .{failure});
        status = 1;
    };
    try stdio.out.flush();
    return status;
}
