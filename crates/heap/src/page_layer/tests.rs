//! The layer against a model that keeps one state per page and knows nothing of bitmaps.

mod calls;
mod model;
mod random;
mod trace;

use crate::{PageLayer, page_layer::PAGE_BYTES, simulated::Simulated};

/// A memory of `wasm_pages`, none of which the layer owns, and a layer.
fn fresh(wasm_pages: u32) -> (Simulated, PageLayer) {
    (Simulated::new(wasm_pages), PageLayer::new())
}

/// `n` pages, in bytes.
const fn pages(n: u32) -> u32 {
    n * PAGE_BYTES
}
