//! `test`: everything built, every test run.

use std::{
    ffi::OsString,
    process::{Command, ExitCode},
};

use anyhow::Result;

use crate::{artefact::Artefact, build, languages, process, workspace::Workspace};

/// Build everything, then run every test of the workspace.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask test
  cargo xtask test --languages              each language's programs only, and a table of what they cost
  cargo xtask test -- --test programs       one test binary
  cargo xtask test -- -- --nocapture        arguments of the tests themselves")]
pub(crate) struct Args {
    /// Run the programs of each language, with every conformer that serves them, and print a table: output, pages, time
    #[arg(long, conflicts_with = "args")]
    languages: bool,
    /// Arguments of `cargo test`
    #[arg(last = true)]
    args: Vec<OsString>,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    if args.languages {
        languages(workspace)?;
    } else {
        all(workspace, &args.args)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// All that is built, the tests of the languages' SDKs, then `cargo test` on the whole workspace, which also builds `sigil`.
pub(crate) fn all(workspace: &Workspace, args: &[OsString]) -> Result<()> {
    let mut artefacts = build::all(workspace)?;
    artefacts.extend(languages::build(workspace)?);
    print(workspace, &artefacts);
    languages::test_sdks(workspace)?;
    process::plain(command(workspace).args(args))
}

/// The languages' programs alone, with the table.
fn languages(workspace: &Workspace) -> Result<()> {
    print(workspace, &build::languages(workspace)?);
    let mut command = command(workspace);
    command.args(["--test=languages", "--", "--quiet"]);
    process::plain(command.env("LANGUAGES_TABLE", "1"))
}

fn print(workspace: &Workspace, artefacts: &[Artefact]) {
    for artefact in artefacts {
        println!("{}", artefact.line(workspace.root()));
    }
}

fn command(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--locked"]);
    command
}
