//! The global allocator of a program: the conformer that it is linked with, or Rust's own.

#[cfg(not(feature = "own"))]
#[global_allocator]
static HEAP: sigil_alloc::Heap = sigil_alloc::Heap;

#[cfg(feature = "own")]
#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;
