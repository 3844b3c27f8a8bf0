//! `setup`: the tools that the other verbs need. They call it themselves.

use std::process::ExitCode;

use anyhow::Result;

use crate::{c_compiler::CCompiler, toolchain::Toolchain, workspace::Workspace};

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
  XTASK_RUST=source cargo xtask build")]
pub(crate) struct Args {}

pub(crate) fn verb(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    let rust = Toolchain::get(workspace)?;
    let c = CCompiler::get(workspace)?;
    println!("{}; {}", rust.describe(), c.describe());
    Ok(ExitCode::SUCCESS)
}
