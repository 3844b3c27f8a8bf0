//! One file per workload.

mod batches;
#[cfg(feature = "frees")]
mod churn;
mod levels;
mod vectors;
