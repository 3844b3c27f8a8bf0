//! `sdk/wat/imports.wat`: all there is, as it is, and the same in the other files.

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result, ensure};
use sigil_abi::INTERFACES;
use sigil_conformance::mutants;

use crate::{Conformer, conformers, files, root, start};

/// What a line that imports something says first.
const IMPORT: &str = "  (import \"sigil:";

fn import_lines(text: &str) -> Vec<&str> {
    text.lines()
        .filter(|line| line.starts_with(IMPORT))
        .collect()
}

fn text() -> Result<String> {
    Ok(fs::read_to_string(root().join("sdk/wat/imports.wat"))?)
}

/// Each function of each interface stands there once.
#[test]
fn every_function_is_there() -> Result<()> {
    let text = text()?;
    let lines = import_lines(&text);
    let mut n_functions = 0;
    for interface in INTERFACES {
        for function in interface.functions {
            let (package, name, version) = (interface.package, interface.name, interface.version);
            let wanted = format!(
                "(import \"{package}/{name}@{version}\" \"{}\" ",
                function.name
            );
            let n_found = lines.iter().filter(|line| line.contains(&wanted)).count();
            ensure!(n_found == 1, "`{wanted}` is there {n_found} times");
            n_functions += 1;
        }
    }
    ensure!(
        lines.len() == n_functions,
        "{} lines, {n_functions} functions",
        lines.len()
    );
    Ok(())
}

/// The linker compares each with its signature: all of them with a conformer that has everything, and those of
/// the contract with every conformer.
#[test]
fn every_signature_is_right() -> Result<()> {
    let text = text()?;
    let everything = Conformer {
        name: "extended.wat".into(),
        wasm: wat::parse_str(mutants::extended().map_err(anyhow::Error::msg)?)?,
    };
    start(&wat::parse_str(&text)?, &everything, false, None)?;

    let contract: String = text
        .lines()
        .filter(|line| !line.contains("sigil:allocator-ext/"))
        .map(|line| format!("{line}\n"))
        .collect();
    for conformer in conformers()? {
        start(&wat::parse_str(&contract)?, &conformer, false, None)
            .with_context(|| conformer.name.clone())?;
    }
    Ok(())
}

/// Whoever pastes from one file and from another gets the same names.
#[test]
fn the_other_files_import_the_same_lines() -> Result<()> {
    let text = text()?;
    let known: BTreeSet<&str> = import_lines(&text).into_iter().collect();
    let mut n_lines = 0;
    for path in files(&root().join("sdk/wat"), "wat")? {
        for line in import_lines(&fs::read_to_string(&path)?) {
            ensure!(known.contains(line), "{}: {line}", path.display());
            n_lines += 1;
        }
    }
    ensure!(n_lines > known.len(), "only {n_lines} lines");
    Ok(())
}
