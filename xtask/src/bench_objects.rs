//! What the benches' guests take from other compilers than Rust's: objects of Zig and C, and the tools that make them.

use std::{fs, path::PathBuf};

use anyhow::{Result, ensure};

use crate::{
    apt,
    assembly_script::AssemblyScript,
    process,
    workspace::Workspace,
    zig::{self, Zig},
};

/// Where Debian's package puts wasi-libc.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi/libc.a";

/// The compilers that peers are made by, besides Rust's.
pub(crate) struct Tools {
    /// Zig's allocators.
    pub(crate) zig: Zig,
    /// emmalloc.
    pub(crate) c: Zig,
    pub(crate) script: AssemblyScript,
}

impl Tools {
    /// Finds them, or gets them.
    ///
    /// Errors: pip's and npm's.
    pub(crate) fn get(workspace: &Workspace) -> Result<Self> {
        Ok(Self {
            zig: Zig::get(workspace, &zig::NEWEST)?,
            c: Zig::get(workspace, &zig::FOR_C)?,
            script: AssemblyScript::get(workspace)?,
        })
    }
}

/// What the linker is told of a peer that is no crate: its object, and what to keep of it.
pub(crate) fn link_args(
    workspace: &Workspace,
    tools: &Tools,
    name: &str,
    is_small: bool,
) -> Result<Vec<String>> {
    let malloc: &[&str] = &["malloc", "realloc", "free"];
    let (object, exports) = match name {
        "zig" => (
            zig_object(workspace, &tools.zig, is_small)?,
            ["zig_alloc", "zig_realloc", "zig_free"].as_slice(),
        ),
        "zig-arena" => (
            zig_object(workspace, &tools.zig, is_small)?,
            ["zig_arena_alloc", "zig_arena_realloc", "zig_arena_reset"].as_slice(),
        ),
        "emmalloc" => (emmalloc_object(workspace, &tools.c, is_small)?, malloc),
        "wasi-libc" => (wasi_libc()?, malloc),
        _ => return Ok(Vec::new()),
    };
    let exports: Vec<String> = exports
        .iter()
        .map(|name| format!("--export={name}"))
        .collect();
    Ok(vec![
        format!("-Clink-arg={}", object.display()),
        format!("-Clink-args={}", exports.join(" ")),
    ])
}

/// Zig's allocators, with the features of wasm that Rust's target has.
fn zig_object(workspace: &Workspace, zig: &Zig, is_small: bool) -> Result<PathBuf> {
    let mode = if is_small {
        "ReleaseSmall"
    } else {
        "ReleaseFast"
    };
    let object = objects(workspace)?.join(format!("zig-{mode}.o"));
    process::step("build: compiling Zig's allocators", || {
        process::chatty(
            zig.command()
                .args(["build-obj", "-target", "wasm32-freestanding", "-fstrip"])
                .arg(format!("-O{mode}"))
                .arg("-mcpu=generic+bulk_memory+sign_ext+nontrapping_fptoint+mutable_globals")
                .arg(format!("-femit-bin={}", object.display()))
                .arg(sources(workspace).join("zig.zig")),
        )
    })?;
    Ok(object)
}

/// emmalloc, whose source comes with Zig.
fn emmalloc_object(workspace: &Workspace, zig: &Zig, is_small: bool) -> Result<PathBuf> {
    let level = if is_small { "-Os" } else { "-O3" };
    let object = objects(workspace)?.join(format!("emmalloc{level}.o"));
    process::step("build: compiling emmalloc", || {
        process::chatty(
            zig.command()
                .args([
                    "cc",
                    "-target",
                    "wasm32-wasi",
                    "-c",
                    "-DNDEBUG",
                    "-fno-strict-aliasing",
                    "-w",
                    level,
                ])
                .arg(format!(
                    "-I{}",
                    zig.library().join("libc/wasi/emmalloc").display()
                ))
                .arg(sources(workspace).join("emmalloc.c"))
                .arg("-o")
                .arg(&object),
        )
    })?;
    Ok(object)
}

/// wasi-libc's archive; only its malloc is taken from it.
///
/// Errors: it is not installed, and cannot be.
fn wasi_libc() -> Result<PathBuf> {
    let archive = PathBuf::from(WASI_LIBC);
    if !archive.is_file() {
        eprintln!("setup: trying apt-get install wasi-libc");
        apt::install(&["wasi-libc"])?;
    }
    ensure!(
        archive.is_file(),
        "wasi-libc is installed, but has no `{WASI_LIBC}`"
    );
    Ok(archive)
}

fn sources(workspace: &Workspace) -> PathBuf {
    workspace.root().join("host-tests/benches/peers")
}

fn objects(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.guest().join("peers");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
