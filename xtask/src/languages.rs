//! The programs of `host-tests/languages`: each twice, by the compiler of its language, once over `sigil:allocator` and
//! once over the allocator that the language brings.
//!
//! They are `target/languages/<language>/<program>.wasm` and `<program>.own.wasm`.

mod assembly_script;
mod c;
pub(crate) mod rust;
mod zig;

use std::{fs, path::Path};

use anyhow::{Context, Result};

use crate::{artefact::Artefact, workspace::Workspace};

/// A program, compiled twice.
pub(crate) struct Program {
    pub(crate) name: String,
    /// With imports of `sigil:allocator`.
    pub(crate) unlinked: Vec<u8>,
    /// Over the allocator that the language brings.
    pub(crate) own: Vec<u8>,
}

type Build = fn(&Workspace) -> Result<Vec<Program>>;

/// By the name that a language has in `host-tests/languages`, in that order.
const LANGUAGES: &[(&str, Build)] = &[
    ("assembly_script", assembly_script::build),
    ("c", c::build),
    ("rust", rust::build),
    ("zig", zig::build),
];

/// Builds them all; a compiler that is missing is installed.
///
/// Errors: a compiler's, or its installer's.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Artefact>> {
    let mut artefacts = Vec::new();
    for (language, build) in LANGUAGES {
        let programs = build(workspace).with_context(|| format!("the programs in {language}"))?;
        let folder = workspace.languages().join(language);
        remove_others(&folder, &programs)?;
        for Program {
            name,
            unlinked,
            own,
        } in programs
        {
            let mut add = |file: String, wasm: &[u8]| {
                artefacts.push(Artefact::write(folder.join(file), wasm)?);
                anyhow::Ok(())
            };
            add(format!("{name}.wasm"), &unlinked)?;
            add(format!("{name}.own.wasm"), &own)?;
        }
    }
    Ok(artefacts)
}

/// Runs the tests that the languages' SDKs have of their own.
///
/// Errors: a test that fails.
pub(crate) fn test_sdks(workspace: &Workspace) -> Result<()> {
    zig::test_sdk(workspace)
}

/// What an older build left of programs that are no more would still be run.
fn remove_others(folder: &Path, programs: &[Program]) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(());
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let of = name.trim_end_matches(".wasm").trim_end_matches(".own");
        if !programs.iter().any(|program| program.name == of) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
