//! The conformance suite: a conformer is what passes it.
//!
//! ```text
//! cases ──> Player ──> Driver ──> linked into a program | a component by itself | native code
//!              └─────> Model
//! ```
//!
//! A [case](Case) opens fresh instances of a conformer and makes calls. It makes them through a
//! [`Player`], which tells the [model] of each and compares what the model knows with what is there:
//! where blocks may lie, and every byte of them. So a directed case says only what is special about it,
//! and a [random](generate) or [exhaustive] program needs to say nothing at all.
//!
//! | module | idea |
//! |---|---|
//! | [`clause`], [`feature`] | what is promised, by everyone and by some |
//! | [`driver`], [`page_call`] | the seam: one instance of a conformer, over one memory |
//! | [`conformer`], [`linked`], [`component`] | a file behind it |
//! | [`native`] | a Rust strategy behind it |
//! | [`model`], [`page_model`], [`contents`] | the oracle |
//! | [`player`], [`listing`] | calls, checked and written down |
//! | [`ops`], [`play`], [`generate`], [`exhaustive`], [`shrink`] | programs of calls |
//! | [`case`], [`cases`] | what is proven, clause by clause |
//! | [`suite`], [`report`] | verdicts, and how they are told |
//! | [`mutants`] | conformers that are broken on purpose, each caught by a case |
//!
//! Nothing here knows a conformer by name.

pub mod case;
pub mod cases;
pub mod clause;
pub mod component;
pub mod conformer;
pub mod contents;
pub mod driver;
pub mod exhaustive;
pub mod feature;
pub mod generate;
pub mod linked;
pub mod listing;
pub mod model;
pub mod mutants;
pub mod native;
pub mod ops;
pub mod page_call;
pub mod page_model;
pub mod play;
pub mod player;
pub mod report;
pub mod shrink;
mod steps;
pub mod suite;

pub use case::{Bench, Case, Effort, Inapplicable};
pub use clause::Clause;
pub use conformer::Conformer;
pub use driver::{Call, Driver, Layout, Stop, Subject, Way};
pub use feature::{Feature, Features};
pub use ops::{BlockName, Op, ScopeName, Size, Source};
pub use page_call::PageCall;
pub use player::{Player, Violation};
