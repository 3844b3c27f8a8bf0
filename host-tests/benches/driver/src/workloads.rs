//! One file per workload.

mod batches;
#[cfg(feature = "frees")]
mod churn;
#[cfg(not(feature = "arena"))]
mod compile;
#[cfg(any(feature = "sigil", feature = "floor"))]
mod copies;
#[cfg(not(feature = "arena"))]
mod json;
mod levels;
#[cfg(not(feature = "arena"))]
mod maps;
#[cfg(not(feature = "arena"))]
mod trees;
mod vectors;

/// What `work` yields, in a scope of its own.
#[cfg(all(feature = "scopes", not(feature = "arena")))]
fn in_scope(work: impl FnOnce() -> u32) -> u32 {
    let scope = crate::peer::enter_scope();
    let result = work();
    crate::peer::exit_scope(scope);
    result
}
