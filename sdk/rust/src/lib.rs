//! Rust over `sigil:allocator`: a global allocator, and arenas whose scopes are lifetimes.
//!
//! | item | what it is | imports |
//! |---|---|---|
//! | [`Heap`] | a [`GlobalAlloc`](core::alloc::GlobalAlloc) that frees; null where memory is exhausted | `core`, `sized` |
//! | [`CoreHeap`] | one for conformers without `free`; exhaustion traps | `core` |
//! | [`scope`], [`Arena`] | blocks that end together; a value can be promoted out of its scope | `core`, `scope` |
//! | [`ArenaVec`] | a vector in an arena | the same |
//! | [`report_exhaustion`] | for panic handlers: makes exhaustion what a host can tell from other panics | `core` |
//!
//! ```
//! let length = sigil_alloc::scope(|arena| {
//!     let text = "to be or not to be";
//!     // The words and the vector end here, the longest word lives on: it is promoted.
//!     let longest = arena.promote(|inner| {
//!         let mut words = sigil_alloc::ArenaVec::new();
//!         for word in text.split(' ') {
//!             words.push(inner, inner.copy(word));
//!         }
//!         words.into_slice().iter().max_by_key(|word| word.len()).map_or("", |word| &**word)
//!     });
//!     longest.len()
//! });
//! assert_eq!(length, 3);
//! ```
//!
//! On wasm32 everything is an import; on other targets, where there is nothing to link with, blocks come one by one from the
//! system, so that code over this crate can be tested, and a use after the end of a scope be found by Miri.
//!
//! # Why this is sound
//!
//! A conformer puts each block into the innermost open scope (A1) and frees it with that scope (S2). What a reference's
//! lifetime says must therefore be what the conformer does.
//!
//! 1. *A scope is a call.* It opens before a closure runs and ends when the closure returns or unwinds. There is
//!    no guard that could be forgotten, sent to another thread, or dropped out of turn, so scopes end in the order that
//!    nesting asks for.
//! 2. *A scope is a lifetime that nobody can name.* The closure works for every `'scope`, and [`Arena::alloc`] returns
//!    `&'scope mut T`. No variable outside the closure, nor what it returns, can have a type with that lifetime in it.
//!    `'scope` is invariant, and an [`Arena`] cannot be made, moved or copied: one arena per lifetime, one
//!    lifetime per scope.
//! 3. *Only the innermost arena allocates.* [`Arena::scope`] takes the outer arena by `&mut` for as long as the inner
//!    scope is open, and allocating takes `&`. The other way in, the function [`scope`], panics where a scope is open.
//! 4. *What is promoted refers to nothing that ends.* The type is chosen outside the closure, so that it cannot mention
//!    the inner lifetime; it is [`Plain`], so that a copy of its bytes is a copy of the value.
//! 5. *Nothing is dropped.* Types with a destructor do not get into an arena at all: that is a compile error.
//! 6. *A global allocator over the same conformer* would have its blocks freed by an arena's scope, though a `Vec` made there
//!    can leave it by all ways there are. Therefore [`Heap`] and [`CoreHeap`] hand out nothing while an arena's scope is open:
//!    the call traps, in a function whose name says so. To free is allowed, since a block may be freed in any scope (F1).
//!    Programs that never call [`scope`], compiled with `lto`, do not pay for the check: the optimizer sees that the flag is never set.
//! 7. *One flag.* Two versions of this crate in one program would not know of each other; `links` in its manifest keeps cargo
//!    from it. Threads would need a flag each: with wasm's atomics the crate does not compile.
//!
//! A program that wants `Vec` and `String` inside of scopes takes a global allocator that lives in pages it grew itself, which
//! conformers leave alone (H3). That of the standard library does, on `wasm32-unknown-unknown`, in Rust 1.95, whose `dlmalloc` is 0.2.11. The crate `dlmalloc` from
//! 0.2.13 on also takes what initial memory has above `__heap_base`, where the conformer's heap begins (H2): such a program is to be
//! linked with `--heap-base` at the end of its initial memory, or both hand out the same bytes.
//! Code that calls the same imports by itself, in Rust or C, has to keep to the same rules; it is unsafe for that reason.
#![no_std]
#![allow(unsafe_code, reason = "memory by imports")]

#[cfg(any(target_arch = "wasm64", target_feature = "atomics"))]
compile_error!("sigil:allocator is for one thread and memories of 32 bits");

mod arena;
#[cfg_attr(target_arch = "wasm32", path = "imports.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "native.rs")]
mod backing;
mod core_heap;
mod exhaustion;
mod heap;
mod place;
mod plain;
mod vec;

pub use arena::{Arena, Scope, scope};
pub use core_heap::CoreHeap;
pub use exhaustion::report_exhaustion;
pub use heap::Heap;
pub use plain::Plain;
pub use vec::{ArenaVec, Full, Writer};

/// What the contract aligns every block to (A1), in bytes.
const ALIGN: usize = 8;

/// The page for users, whose examples are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
