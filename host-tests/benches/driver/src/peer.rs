//! The allocator: one of several modules, with the same functions each.
//!
//! Each function is a real call in the same module, as it is where an allocator is linked through an interface:
//! those of Rust crates stand behind [`extern "C"` functions](boundary) that are never inlined, ours are imports, the
//! others come from objects of other compilers. What ships alone has no caller here.

#[cfg(feature = "crate")]
mod boundary;
#[cfg(feature = "bumpalo")]
mod bumpalo;
#[cfg(all(feature = "c", not(feature = "alone")))]
mod c;
#[cfg(feature = "floor")]
mod floor;
#[cfg(all(feature = "crate", not(feature = "bumpalo")))]
mod global;
#[cfg(feature = "sigil")]
mod sigil;
#[cfg(all(feature = "zig", not(feature = "alone")))]
mod zig;
#[cfg(all(feature = "zig-arena", not(feature = "alone")))]
mod zig_arena;

#[cfg(all(feature = "crate", not(feature = "alone")))]
pub(crate) use boundary::*;
#[cfg(all(feature = "c", not(feature = "alone")))]
pub(crate) use c::*;
#[cfg(feature = "floor")]
pub(crate) use floor::*;
#[cfg(feature = "sigil")]
pub(crate) use sigil::*;
#[cfg(all(feature = "zig", not(feature = "alone")))]
pub(crate) use zig::*;
#[cfg(all(feature = "zig-arena", not(feature = "alone")))]
pub(crate) use zig_arena::*;
