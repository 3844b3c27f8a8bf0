//! Files that a build made, by name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};

const HINT: &str = "run `cargo xtask build`";

/// Returns `target/<folder>` of the workspace.
pub fn target(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(folder)
}

/// Returns the `.wasm` files of a folder by stem; there is at least one.
///
/// # Errors
///
/// Where the folder cannot be read, or has none: they are built first.
pub fn wasm_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("no `{}`: {HINT}", folder.display()))?;
    let mut files = BTreeMap::new();
    for entry in entries {
        let path = entry?.path();
        let name = file_name(&path);
        // A name that starts with a dot is a file being written.
        if let Some(stem) = name
            .strip_suffix(".wasm")
            .filter(|stem| !stem.starts_with('.'))
        {
            files.insert(stem.to_owned(), path);
        }
    }
    ensure!(
        !files.is_empty(),
        "no wasm in `{}`: {HINT}",
        folder.display()
    );
    Ok(files)
}

/// Returns the last part of a path, for messages.
pub fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}
