//! `run`: one program, linked with a conformer, run by `sigil`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Result, bail};

use crate::{build, process, workspace::Workspace};

/// Build what it takes, and run a program with `sigil run`.
#[derive(clap::Args)]
#[command(after_help = "Only the program's own output goes to stdout.

Examples:
  cargo xtask run expressions
  cargo xtask run exhaust --max-heap=2
  cargo xtask run path/to/app.wasm")]
pub(crate) struct Args {
    /// A program of host-tests/programs by its name, or a file
    program: String,
    /// Arguments of `sigil run`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    build::all(workspace)?;
    let program = find(workspace, &args.program)?;
    build_sigil(workspace)?;
    let status = process::status(
        workspace
            .cargo()
            .args(["run", "--quiet", "--locked", "--bin=sigil", "--", "run"])
            .arg(program)
            .args(&args.args)
            // `sigil` looks beside itself, which is elsewhere where CARGO_TARGET_DIR is set.
            .env("SIGIL_CONFORMERS", workspace.conformers()),
    )?;
    // A signal has no code; the shell's convention for it needs one.
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(134);
    Ok(ExitCode::from(code))
}

/// The `sigil` command. Its first build takes minutes: cargo then shows its own progress.
fn build_sigil(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    // Without `--package`, so that dependencies get the features that the tests build them with.
    command.args(["build", "--locked", "--bin=sigil"]);
    if workspace.root().join("target/debug/sigil").is_file() {
        command.arg("--quiet");
    }
    process::step("build: compiling `sigil`", || process::chatty(&mut command))
}

fn find(workspace: &Workspace, program: &str) -> Result<PathBuf> {
    let named = workspace.programs().join(format!("{program}.wasm"));
    if named.is_file() {
        return Ok(named);
    }
    match Path::new(program).canonicalize() {
        Ok(path) => Ok(path),
        Err(_) => bail!(
            "no program `{program}`: neither a file, nor in `{}`\nhelp: `ls {}` names them",
            workspace.relative(&workspace.programs()).display(),
            workspace.relative(&workspace.programs()).display(),
        ),
    }
}
