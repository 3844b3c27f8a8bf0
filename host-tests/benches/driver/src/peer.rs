//! The allocator: one of several modules, with the same functions each.
//!
//! Each function is a real call in the same module, as it is where an allocator is linked through an interface:
//! the peers' stand behind [`extern "C"` functions](boundary) that are never inlined, ours are imports.

#[cfg(not(any(feature = "sigil", feature = "zig")))]
mod boundary;
#[cfg(feature = "bumpalo")]
mod bumpalo;
#[cfg(not(any(feature = "sigil", feature = "zig", feature = "bumpalo")))]
mod global;
#[cfg(feature = "sigil")]
mod sigil;
#[cfg(all(feature = "zig", not(feature = "alone")))]
mod zig;

#[cfg(not(any(feature = "alone", feature = "sigil", feature = "zig")))]
pub(crate) use boundary::*;
#[cfg(feature = "sigil")]
pub(crate) use sigil::*;
#[cfg(all(feature = "zig", not(feature = "alone")))]
pub(crate) use zig::*;
