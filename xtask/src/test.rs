//! `test`: everything built, every test run.

use std::{ffi::OsString, process::ExitCode};

use anyhow::Result;

use crate::{build, process, workspace::Workspace};

/// Build everything, then run every test of the workspace.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test -- --test programs       one test binary
  cargo xtask test -- -- --nocapture        arguments of the tests themselves")]
pub(crate) struct Args {
    /// Arguments of `cargo test`
    #[arg(last = true)]
    args: Vec<OsString>,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    all(workspace, &args.args)?;
    Ok(ExitCode::SUCCESS)
}

/// Conformers and programs, then `cargo test` on the whole workspace, which also builds `sigil`.
pub(crate) fn all(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    for artefact in build::all(workspace)? {
        println!("{}", artefact.line(workspace.root()));
    }
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--locked"]).args(args);
    process::plain(&mut command)
}
