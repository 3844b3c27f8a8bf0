//! `trees` of host-tests/languages/README.md: binary trees, built and given back node by node.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const most_depth = 14;
const least_depth = 4;

const Node = struct {
    left: ?*Node,
    right: ?*Node,

    fn build(depth: usize) error{OutOfMemory}!*Node {
        const node = try heap.allocator.create(Node);
        node.* = if (depth == 0)
            .{ .left = null, .right = null }
        else
            .{ .left = try build(depth - 1), .right = try build(depth - 1) };
        return node;
    }

    fn check(node: *const Node) usize {
        const left = if (node.left) |left| left.check() else 0;
        const right = if (node.right) |right| right.check() else 0;
        return 1 + left + right;
    }

    fn destroy(node: *Node) void {
        if (node.left) |left| left.destroy();
        if (node.right) |right| right.destroy();
        heap.allocator.destroy(node);
    }
};

pub fn main() !void {
    const out = stdio.out;
    const stretch: *Node = try .build(most_depth + 1);
    try out.print("stretch tree of depth {d}\t check: {d}\n", .{ most_depth + 1, stretch.check() });
    stretch.destroy();
    const long_lived: *Node = try .build(most_depth);
    defer long_lived.destroy();
    var depth: usize = least_depth;
    while (depth <= most_depth) : (depth += 2) {
        const n_trees = @as(usize, 1) << @intCast(most_depth - depth + least_depth);
        var sum: usize = 0;
        for (0..n_trees) |_| {
            const tree: *Node = try .build(depth);
            defer tree.destroy();
            sum += tree.check();
        }
        try out.print("{d}\t trees of depth {d}\t check: {d}\n", .{ n_trees, depth, sum });
    }
    try out.print("long lived tree of depth {d}\t check: {d}\n", .{ most_depth, long_lived.check() });
    try out.flush();
}
