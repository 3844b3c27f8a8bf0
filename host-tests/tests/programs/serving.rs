//! Which conformers serve a program: those that export what it imports.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Result, bail, ensure};
use sigil_host_tests::{interfaces, wasm_files::file_name};
use sigil_link::{Input, Options, link};

/// The conformers in `crates/conformers` that export `free`.
pub(crate) const FREEING: &[&str] = &["freelist", "pages"];
/// Those of them that hand out what a small block had.
pub(crate) const REUSING: &[&str] = &["freelist"];
/// `free`, as a core module exports it.
pub(crate) const FREE: &str = "sigil:allocator-ext/sized@0.1.0#free";

/// What a program imports of the extensions.
pub(crate) fn imports(program: &Path) -> Result<Vec<String>> {
    let mut imports = interfaces::imports(&fs::read(program)?)?;
    imports.retain(|import| import.starts_with("sigil:allocator-ext/"));
    Ok(imports)
}

pub(crate) fn lacking(program: &Path, conformer: &Path) -> Result<Vec<String>> {
    interfaces::lacking(&fs::read(program)?, &fs::read(conformer)?)
}

pub(crate) fn exports(conformer: &Path) -> Result<Vec<String>> {
    interfaces::exports(&fs::read(conformer)?)
}

pub(crate) fn name_of(conformer: &str) -> &str {
    conformer.strip_suffix(".component").unwrap_or(conformer)
}

pub(crate) fn freeing(conformers: &BTreeMap<String, PathBuf>) -> Result<()> {
    let mut found = Vec::new();
    for (conformer, path) in conformers {
        if exports(path)?.iter().any(|export| export == FREE)
            && !found.contains(&name_of(conformer))
        {
            found.push(name_of(conformer));
        }
    }
    ensure!(
        found == FREEING,
        "{found:?} export `free`, and `FREEING` says {FREEING:?}: bring it up to date"
    );
    Ok(())
}

/// The link fails, says what is missing, and names those that have all of it.
pub(crate) fn refused(
    program: &Path,
    conformer: &Path,
    all: &BTreeMap<String, PathBuf>,
) -> Result<()> {
    let program_bytes = fs::read(program)?;
    let conformer_bytes = fs::read(conformer)?;
    let program_name = file_name(program);
    let input = Input {
        name: &program_name,
        bytes: &program_bytes,
    };
    let one = Input {
        name: "it",
        bytes: &conformer_bytes,
    };
    let Err(error) = link(input, one, &Options::default()) else {
        bail!(
            "expected a refusal, for want of {:?}",
            lacking(program, conformer)?
        );
    };
    let mut known = Vec::new();
    let mut serving = Vec::new();
    for (name, path) in all {
        known.push((name.as_str(), fs::read(path)?));
        if lacking(program, path)?.is_empty() {
            serving.push(name.as_str());
        }
    }
    let known: Vec<Input<'_>> = known
        .iter()
        .map(|(name, bytes)| Input { name, bytes })
        .collect();
    let message = sigil_link::suggest(error, input, &Options::default(), &known).to_string();
    for import in lacking(program, conformer)? {
        let function = import.split('#').nth(1).unwrap_or_default();
        ensure!(
            message.contains(&format!("`{function}`: ")),
            "no `{function}` in: {message}"
        );
    }
    for name in serving {
        ensure!(
            message.contains(&format!("`{name}`")),
            "no `{name}` in: {message}"
        );
    }
    Ok(())
}
