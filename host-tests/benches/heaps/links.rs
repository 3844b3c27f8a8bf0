//! What a link costs, over the size of the program. The linker's own bench measures it, in processes of their own.

use std::{fs, path::Path};

use serde::Deserialize;

/// A program of some size, linked.
#[derive(Deserialize)]
pub(crate) struct Link {
    pub(crate) program_bytes: u64,
    pub(crate) plain: Cost,
    /// With `-O`.
    pub(crate) optimized: Cost,
}

/// Of a process from its start to its end.
#[derive(Deserialize)]
pub(crate) struct Cost {
    pub(crate) ms: f64,
    /// Its largest resident set; 0 where the system does not say.
    pub(crate) peak_bytes: u64,
}

/// What `LINK_CURVE=<folder>/link.json cargo bench --package sigil-link` wrote.
///
/// # Panics
///
/// Where it did not.
pub(crate) fn read(folder: &Path) -> Vec<Link> {
    let path = folder.join("link.json");
    let read = fs::read(&path).map_err(|error| error.to_string());
    read.and_then(|text| serde_json::from_slice(&text).map_err(|error| error.to_string()))
        .unwrap_or_else(|error| {
            panic!("{}: {error}; `cargo xtask bench` writes it", path.display())
        })
}
