//! One file a verb: its arguments, and what it does.

pub(crate) mod completions;
pub(crate) mod conform;
pub(crate) mod inspect;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod run;
