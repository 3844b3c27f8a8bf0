//! Lua: the interpreter as its authors wrote it, with a `main` of ours and an allocator of ours.
//!
//! The source is in the crate `lua-src`, which Cargo.lock pins and nobody compiles: cargo tells where it is. The C compiler
//! makes objects of it, once; each form of `main.c` is linked with them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Program, program};
use crate::{c_compiler::CCompiler, process, workspace::Workspace};

const CRATE: &str = "lua-src";
/// Of the versions that the crate carries, the newest's.
const FOLDER: &str = "lua-5.5.";
/// What is neither the interpreter's core nor a library that `main.c` opens.
const LEFT_OUT: &[&str] = &[
    "lcorolib.c",
    "ldblib.c",
    "linit.c",
    "liolib.c",
    "loadlib.c",
    "loslib.c",
    "lua.c",
    "luac.c",
];

/// Errors: cargo's, where it cannot fetch the crate; the compiler's.
pub(super) fn build(workspace: &Workspace, c: &CCompiler, folder: &Path) -> Result<Program> {
    let source = source(workspace)?;
    let mut inputs = vec![folder.join("main.c")];
    inputs.extend(objects(workspace, c, folder, &source)?);
    let include = format!("-I{}", source.display());
    program(workspace, c, "lua".to_owned(), &inputs, &[&include])
}

/// Where Lua's source is.
fn source(workspace: &Workspace) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    let metadata = process::step("build: asking cargo for Lua's source", || {
        process::capture(command.args(["metadata", "--format-version=1", "--locked"]))
    })?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo's metadata")?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == CRATE)
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| format!("cargo's metadata have no `{CRATE}`"))?;
    let package = Path::new(manifest).parent().unwrap_or(Path::new(""));
    let mut folders = fs::read_dir(package)?.flatten().map(|entry| entry.path());
    folders
        .find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(FOLDER)
        })
        .with_context(|| format!("no `{FOLDER}…` in `{}`", package.display()))
}

/// Compiles each file of Lua to an object; where they are. They are not ours to warn of.
fn objects(
    workspace: &Workspace,
    c: &CCompiler,
    folder: &Path,
    source: &Path,
) -> Result<Vec<PathBuf>> {
    let output = workspace.guest().join("c/lua");
    fs::create_dir_all(&output)?;
    let mut files: Vec<PathBuf> = fs::read_dir(source)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.ends_with(".c") && !LEFT_OUT.contains(&&*name)
        })
        .collect();
    files.sort();
    let mut command = c.command();
    command
        .args(["-std=c11", "-O2", "-w", "-c", "-include"])
        .arg(folder.join("lua_on_wasi.h"))
        .arg("-I")
        .arg(folder)
        .args(&files)
        .current_dir(&output);
    process::step("build: compiling Lua", || process::chatty(&mut command))?;
    Ok(files
        .iter()
        .map(|file| {
            output
                .join(file.file_name().unwrap_or_default())
                .with_extension("o")
        })
        .collect())
}
