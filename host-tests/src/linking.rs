//! A program and a conformer, linked.

use anyhow::Result;
use sigil_link::{Input, Options, link};

/// Returns the program linked with the conformer; each comes with its name, for messages.
///
/// # Errors
///
/// The linker's.
pub fn linked(
    (program_name, program): (&str, &[u8]),
    (conformer_name, conformer): (&str, &[u8]),
    optimize: bool,
) -> Result<Vec<u8>> {
    let input = |name, bytes| Input { name, bytes };
    let mut options = Options::default();
    options.optimize = optimize;
    let linked = link(
        input(program_name, program),
        input(conformer_name, conformer),
        &options,
    )?;
    Ok(linked.wasm)
}
