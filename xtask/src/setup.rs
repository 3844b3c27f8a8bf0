//! `setup`: the tools that the other verbs need. They call it themselves.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    assembly_script::AssemblyScript,
    c_compiler::CCompiler,
    toolchain::Toolchain,
    workspace::Workspace,
    zig::{self, Zig},
};

/// Find or install what compiles for wasm: Rust's wasm32 target, and a C compiler with wasi-libc.
///
/// Every other verb does this by itself.
#[derive(clap::Args)]
#[command(after_help = "Environment, to insist on one way:
  XTASK_RUST=present|rustup|source   the active toolchain; `rustup target add`; `core` from source
  XTASK_CC=clang|zig                 clang with wasi-libc; `zig cc` from PyPI
  WASI_SDK_PATH=DIR                  a wasi-sdk, used before any other clang

Examples:
  cargo xtask setup
  cargo xtask setup --languages
  XTASK_RUST=source cargo xtask build")]
pub(crate) struct Args {
    /// The compilers of all languages besides: Zig from PyPI, AssemblyScript from npm
    #[arg(long)]
    languages: bool,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let rust = Toolchain::get(workspace)?;
    let c = CCompiler::get(workspace)?;
    println!("{}; {}", rust.describe(), c.describe());
    if args.languages {
        let zig = Zig::get(workspace, &zig::NEWEST)?.version()?;
        let assembly_script = AssemblyScript::get(workspace)?.version()?;
        println!("zig {zig}; AssemblyScript {assembly_script}");
    }
    Ok(ExitCode::SUCCESS)
}
