//! `mutants`: the conformance suite, tested with conformers that are broken on purpose.

use std::process::ExitCode;

use anyhow::Result;

use crate::{process, workspace::Workspace};

/// Run the conformance suite on every mutant; print which case catches which.
///
/// Fails if one survives: if no case of the clause that it breaks fails.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask mutants
  cargo xtask mutants signed-compare     this one alone, and all cases that catch it")]
pub(crate) struct Args {
    /// Run these mutants alone, and name every case that catches them
    names: Vec<String>,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let status = process::status(
        workspace
            .cargo()
            .args([
                "run",
                "--quiet",
                "--locked",
                "--package",
                "sigil-conformance",
                "--bin",
                "mutants",
                "--",
            ])
            .args(&args.names),
    )?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
