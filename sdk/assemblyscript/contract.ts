// The functions of `sigil:allocator@0.1.0` and its extension that AssemblyScript calls. A function that a program does not
// reach is not imported.

/** A block of `size` bytes, aligned to 8. Traps where memory is exhausted. [A1, H5] */
// @ts-ignore: decorator
@external("sigil:allocator/core@0.1.0", "alloc")
export declare function alloc(size: usize): usize;

/** The block with its first min(`oldSize`, `newSize`) bytes, in `newSize` bytes. [R2] */
// @ts-ignore: decorator
@external("sigil:allocator/core@0.1.0", "realloc")
export declare function realloc(block: usize, oldSize: usize, newSize: usize): usize;

/** Opens a scope and returns its handle. [S1] */
// @ts-ignore: decorator
@external("sigil:allocator/scope@0.1.0", "enter-scope")
export declare function enterScope(): u32;

/** Frees all that was allocated since `handle` was opened. [S2] */
// @ts-ignore: decorator
@external("sigil:allocator/scope@0.1.0", "exit-scope")
export declare function exitScope(handle: u32): void;

/** Ends the scope; the copy of `size` bytes at `source` is its parent's. [S4] */
// @ts-ignore: decorator
@external("sigil:allocator/scope@0.1.0", "promote")
export declare function promote(handle: u32, source: usize, size: usize): usize;

/** Frees everything, and closes every scope. [B1] */
// @ts-ignore: decorator
@external("sigil:allocator/bulk@0.1.0", "free-all")
export declare function freeAll(): void;

/** Ends the life of one block; `size` is what it was last given. [F1] */
// @ts-ignore: decorator
@external("sigil:allocator-ext/sized@0.1.0", "free")
export declare function free(block: usize, size: usize): void;
