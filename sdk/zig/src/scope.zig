//! Scopes: lifetimes that end in one step, and what outlives them.

const std = @import("std");
const growing = @import("growing.zig");
const imports = @import("imports.zig");

const Alignment = std.mem.Alignment;
const Allocator = std.mem.Allocator;

/// In modes with safety checks, how many scopes are open, so that a scope that is not the innermost one is noticed.
var n_open: usize = 0;
const is_checked = std.debug.runtime_safety;

/// An open scope. `enter` opens one; `exit`, `promote` or `promoteSlice` ends it, once.
///
/// ```zig
/// const scope: sigil.Scope = .enter();
/// const words = try split(scope.allocator(), line);
/// const longest = scope.promoteSlice(u8, words[0]); // ends the scope, lives in the one around it
/// ```
///
/// Ending a scope ends those that were opened inside it. Safety checks (Debug and ReleaseSafe) panic where a scope is
/// ended that is not open any more, unless another one has taken its place, and where its allocator is used while it is not
/// the innermost one.
pub const Scope = struct {
    handle: usize,
    depth: if (is_checked) usize else void,

    /// Opens a scope inside the innermost open one. [S1]
    ///
    /// Traps where memory is exhausted.
    pub fn enter() Scope {
        const handle = imports.scope.enterScope();
        if (is_checked) n_open += 1;
        return .{ .handle = handle, .depth = if (is_checked) n_open };
    }

    /// Frees all that was allocated since `enter`, by whatever allocator of this package. [S2]
    pub fn exit(scope: Scope) void {
        scope.expectOpen();
        imports.scope.exitScope(scope.handle);
        scope.forget();
    }

    /// Ends the scope, and returns a copy of `*item` that belongs to the scope around it. [S4]
    ///
    /// Only the item itself is copied: what it points to in the scope is gone. Traps where memory is exhausted.
    pub fn promote(scope: Scope, comptime T: type, item: *const T) *T {
        return &scope.promoteSlice(T, item[0..1])[0];
    }

    /// Ends the scope, and returns a copy of `items` that belongs to the scope around it. [S4]
    ///
    /// Only the items themselves are copied: what they point to in the scope is gone. They may lie anywhere. Traps
    /// where memory is exhausted.
    pub fn promoteSlice(scope: Scope, comptime T: type, items: []const T) []T {
        if (@alignOf(T) > natural_bytes) @compileError(std.fmt.comptimePrint(
            "`{s}` is aligned to {d}, and what is promoted to {d} only",
            .{ @typeName(T), @alignOf(T), natural_bytes },
        ));
        const size_bytes = items.len * @sizeOf(T);
        if (size_bytes == 0) {
            // An empty slice may point beyond memory, where not even 0 bytes can be copied from. [M2]
            scope.exit();
            return @constCast(items);
        }
        scope.expectOpen();
        const copy: [*]T = @ptrFromInt(imports.scope.promote(scope.handle, @intFromPtr(items.ptr), size_bytes));
        // Not before: where that traps, the scope stays open. [H6]
        scope.forget();
        return copy[0..items.len];
    }

    /// An allocator that frees nothing by itself, while this is the innermost scope.
    ///
    /// It is `growing`, with a check. Blocks of this package's other allocators belong to the innermost scope as well.
    pub fn allocator(scope: Scope) Allocator {
        if (!is_checked) return .{ .ptr = undefined, .vtable = &growing.vtable };
        return .{ .ptr = @ptrFromInt(scope.depth), .vtable = &checked };
    }

    fn expectOpen(scope: Scope) void {
        if (is_checked and !scope.isOpen()) @panic("a scope was ended that is not open");
    }

    fn forget(scope: Scope) void {
        if (is_checked) n_open = scope.depth - 1;
    }

    /// As far as can be seen: another one may have taken its place.
    fn isOpen(scope: Scope) bool {
        return scope.depth <= n_open;
    }
};

const natural_bytes = @import("freeing.zig").natural.toByteUnits();

/// Frees every block of every allocator here, and closes every scope. [B1]
pub fn freeAll() void {
    if (is_checked) n_open = 0;
    imports.bulk.freeAll();
}

/// `growing` for the scope whose depth is the context's address.
const checked: Allocator.VTable = .{
    .alloc = checkedAlloc,
    .resize = growing.resize,
    .remap = checkedRemap,
    .free = Allocator.noFree,
};

fn checkedAlloc(context: *anyopaque, len: usize, alignment: Alignment, return_address: usize) ?[*]u8 {
    check(context);
    return growing.alloc(context, len, alignment, return_address);
}

fn checkedRemap(context: *anyopaque, memory: []u8, alignment: Alignment, new_len: usize, return_address: usize) ?[*]u8 {
    check(context);
    return growing.remap(context, memory, alignment, new_len, return_address);
}

fn check(context: *anyopaque) void {
    if (!isInnermost(context)) @panic("a scope's allocator was used while it is not the innermost open scope");
}

fn isInnermost(context: *anyopaque) bool {
    return @intFromPtr(context) == n_open;
}

test "what the safety checks see" {
    if (!is_checked) return;
    const expect = std.testing.expect;
    freeAll();
    const outer: Scope = .enter();
    try expect(isInnermost(outer.allocator().ptr));
    const inner: Scope = .enter();
    try expect(!isInnermost(outer.allocator().ptr));
    try expect(isInnermost(inner.allocator().ptr));
    outer.exit();
    try expect(!outer.isOpen());
    try expect(!inner.isOpen());
    try expect(!isInnermost(inner.allocator().ptr));
    const next: Scope = .enter();
    freeAll();
    try expect(!next.isOpen());
}
