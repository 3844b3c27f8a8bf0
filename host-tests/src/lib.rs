//! What several test binaries do with the files that `cargo xtask build` makes. The tests are under `tests/`, the
//! benches under `benches/`, what they link and run under `programs/` and `languages/`, in a folder by its language.

pub mod interfaces;
pub mod linking;
pub mod wasm_files;
