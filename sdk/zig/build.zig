//! The package's module `sigil`; `zig build test` runs its tests, on this machine.

const std = @import("std");

pub fn build(b: *std.Build) void {
    const sigil = b.addModule("sigil", .{
        .root_source_file = b.path("src/sigil.zig"),
        .target = b.standardTargetOptions(.{}),
        .optimize = b.standardOptimizeOption(.{}),
    });
    const tests = b.addTest(.{ .root_module = sigil });
    b.step("test", "Run the tests over the checked model").dependOn(&b.addRunArtifact(tests).step);
}
