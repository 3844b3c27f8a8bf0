//! One file per workload.

#[cfg(not(feature = "many"))]
mod batches;
#[cfg(feature = "frees")]
mod churn;
#[cfg(not(any(feature = "arena", feature = "many")))]
mod compile;
#[cfg(any(
    all(feature = "sigil", feature = "scopes", not(feature = "many")),
    feature = "floor"
))]
mod copies;
#[cfg(not(any(feature = "arena", feature = "many")))]
mod json;
#[cfg(not(feature = "many"))]
mod levels;
#[cfg(not(any(feature = "arena", feature = "many")))]
mod maps;
#[cfg(all(feature = "frees", feature = "many"))]
mod replay;
#[cfg(not(any(feature = "arena", feature = "many")))]
mod trees;
#[cfg(not(feature = "many"))]
mod vectors;

/// What `work` yields, in a scope of its own.
#[cfg(all(feature = "scopes", not(any(feature = "arena", feature = "many"))))]
fn in_scope(work: impl FnOnce() -> u32) -> u32 {
    let scope = crate::peer::enter_scope();
    let result = work();
    crate::peer::exit_scope(scope);
    result
}
