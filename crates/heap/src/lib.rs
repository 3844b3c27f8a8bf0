//! The allocation strategies behind the conformers of `sigil:allocator`.
//!
//! Everything here is `no_std` arithmetic over a linear memory that somebody else provides. The one
//! seam is [`PageSource`]: a conformer implements it with two wasm instructions, the tests with a
//! simulated memory, so that every strategy runs natively under a model, a fuzzer or a debugger.
//!
//! A strategy is state and nothing else. It holds addresses (byte offsets into linear memory, `u32`),
//! never pointers, and is handed the page source on each call; [`Strategy`] is what they have in
//! common, clause by clause.
//!
//! | module | idea |
//! |---|---|
//! | [`pages`] | the seam: growth and access to linear memory |
//! | [`address`] | rounding and end-of-memory arithmetic that cannot wrap |
//! | [`strategy`] | the calls of the contract, as a trait |
//! | [`extension`] | the calls of the extensions, as traits |
//! | [`bump`] | pointer and end; chunks for foreign growth |
//! | [`free_list`] | the same, and a list of free blocks for each size class and scope |
//! | [`page_layer`] | reserve, commit, decommit, release: pages, and what they hold |
//! | [`paged`] | blocks over pages |
//! | `simulated` | a linear memory for native runs, with the feature of that name |
#![cfg_attr(not(test), no_std)]
#![allow(unsafe_code, reason = "a heap reads and writes raw memory")]

pub mod address;
pub mod bump;
pub mod extension;
pub mod free_list;
pub mod page_layer;
pub mod paged;
pub mod pages;
#[cfg(any(test, feature = "simulated"))]
pub mod simulated;
pub mod strategy;

pub use bump::Bump;
pub use extension::{Free, Sizes, Stats};
pub use free_list::FreeList;
pub use page_layer::PageLayer;
pub use paged::Paged;
pub use pages::PageSource;
pub use strategy::{Fault, Strategy};
