//! The allocator: one of several modules, with the same functions each.
//!
//! Each function is a real call in the same module, as it is where an allocator is linked through an interface:
//! the peers' stand behind [`extern "C"` functions](boundary) that are never inlined, ours are imports.

#[cfg(not(any(feature = "floor", feature = "sigil", feature = "zig")))]
mod boundary;
#[cfg(feature = "bumpalo")]
mod bumpalo;
#[cfg(feature = "floor")]
mod floor;
#[cfg(not(any(
    feature = "bumpalo",
    feature = "floor",
    feature = "sigil",
    feature = "zig"
)))]
mod global;
#[cfg(feature = "sigil")]
mod sigil;
#[cfg(all(feature = "zig", not(feature = "alone")))]
mod zig;

#[cfg(not(any(
    feature = "alone",
    feature = "floor",
    feature = "sigil",
    feature = "zig"
)))]
pub(crate) use boundary::*;
#[cfg(feature = "floor")]
pub(crate) use floor::*;
#[cfg(feature = "sigil")]
pub(crate) use sigil::*;
#[cfg(all(feature = "zig", not(feature = "alone")))]
pub(crate) use zig::*;
