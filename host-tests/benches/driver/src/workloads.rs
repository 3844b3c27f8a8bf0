//! One file per workload.

mod batches;
#[cfg(feature = "frees")]
mod churn;
#[cfg(not(feature = "bumpalo"))]
mod compile;
#[cfg(any(feature = "sigil", feature = "floor"))]
mod copies;
#[cfg(not(feature = "bumpalo"))]
mod json;
mod levels;
#[cfg(not(feature = "bumpalo"))]
mod maps;
#[cfg(not(feature = "bumpalo"))]
mod trees;
mod vectors;

/// What `work` yields, in a scope of its own.
#[cfg(all(feature = "scopes", not(feature = "bumpalo")))]
fn in_scope(work: impl FnOnce() -> u32) -> u32 {
    let scope = crate::peer::enter_scope();
    let result = work();
    crate::peer::exit_scope(scope);
    result
}
