//! `smith`: many generated programs, linked and compared.

use std::process::ExitCode;

use anyhow::Result;

use crate::{build, process, workspace::Workspace};

/// Link generated programs and compare: two instances, fused, fused with -O.
///
/// The same test as in `cargo xtask test`, which takes 500 modules. Module n is the same in every run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask smith                    10,000 modules: minutes
  cargo xtask smith --modules 100000   a night")]
pub(crate) struct Args {
    /// How many modules
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    modules: u64,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    build::all(workspace)?;
    let mut command = workspace.cargo();
    command
        .args(["test", "--workspace", "--locked", "--test", "differential"])
        .args(["--", "--exact", "generated_programs_agree", "--nocapture"])
        .env("SIGIL_SMITH", args.modules.to_string());
    process::plain(&mut command)?;
    Ok(ExitCode::SUCCESS)
}
