//! `lru` of host-tests/languages/README.md: a cache of the standard library's hash map and doubly linked list.

const std = @import("std");
const heap = @import("heap");
const stdio = @import("stdio");

const capacity = 1000;
const n_calls = 300_000;
const n_keys = 4000;

const Entry = struct {
    node: std.DoublyLinkedList.Node = .{},
    key: u32,
    value: []u8,

    fn of(node: *std.DoublyLinkedList.Node) *Entry {
        return @fieldParentPtr("node", node);
    }
};

const Cache = struct {
    allocator: std.mem.Allocator,
    entries: std.AutoHashMapUnmanaged(u32, *Entry) = .empty,
    /// The most recently used one is first.
    order: std.DoublyLinkedList = .{},
    evictions: usize = 0,

    fn get(cache: *Cache, key: u32) ?[]const u8 {
        const entry = cache.entries.get(key) orelse return null;
        cache.touch(entry);
        return entry.value;
    }

    /// Takes `value`.
    fn put(cache: *Cache, key: u32, value: []u8) !void {
        if (cache.entries.get(key)) |entry| {
            cache.allocator.free(entry.value);
            entry.value = value;
            return cache.touch(entry);
        }
        if (cache.entries.count() == capacity) {
            cache.drop(.of(cache.order.last.?));
            cache.evictions += 1;
        }
        const entry = try cache.allocator.create(Entry);
        entry.* = .{ .key = key, .value = value };
        try cache.entries.put(cache.allocator, key, entry);
        cache.order.prepend(&entry.node);
    }

    fn touch(cache: *Cache, entry: *Entry) void {
        cache.order.remove(&entry.node);
        cache.order.prepend(&entry.node);
    }

    fn drop(cache: *Cache, entry: *Entry) void {
        cache.order.remove(&entry.node);
        _ = cache.entries.remove(entry.key);
        cache.allocator.free(entry.value);
        cache.allocator.destroy(entry);
    }

    fn deinit(cache: *Cache) void {
        while (cache.order.last) |node| cache.drop(.of(node));
        cache.entries.deinit(cache.allocator);
    }
};

pub fn main() !void {
    var cache: Cache = .{ .allocator = heap.allocator };
    defer cache.deinit();
    var x: u32 = 12345;
    var hits: usize = 0;
    var misses: usize = 0;
    var sum: u32 = 0;
    for (0..n_calls) |_| {
        x = x *% 1664525 +% 1013904223;
        const key = (x >> 8) % n_keys;
        if ((x >> 24) % 4 == 0) {
            const value = try cache.allocator.alloc(u8, (x >> 4) % 64);
            @memset(value, 'a' + @as(u8, @intCast(key % 26)));
            try cache.put(key, value);
        } else if (cache.get(key)) |value| {
            hits += 1;
            sum +%= if (value.len == 0) 7 else @as(u32, @intCast(value.len)) * 31 + value[0];
        } else {
            misses += 1;
        }
    }
    var bytes: usize = 0;
    var node = cache.order.first;
    while (node) |found| : (node = found.next) bytes += Entry.of(found).value.len;
    try stdio.out.print("hits {d}\nmisses {d}\nevictions {d}\nlive {d}\nbytes {d}\nsum {d}\n", .{
        hits, misses, cache.evictions, cache.entries.count(), bytes, sum,
    });
    try stdio.out.flush();
}
