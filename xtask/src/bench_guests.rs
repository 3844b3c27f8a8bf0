//! The workloads of the benches over each allocator: `host-tests/benches/driver`, built once for each.
//!
//! Two modules for each allocator of others: the workloads with it, and what a program would ship of it (`alone`). Ours
//! are linked in by the bench itself, so that a conformer that was built anew is measured.

use std::{fs, path::PathBuf};

use anyhow::{Result, ensure};

use crate::{
    apt,
    artefact::{self, Artefact},
    conformers, process,
    toolchain::Toolchain,
    workspace::Workspace,
    zig::Zig,
};

pub(crate) const PACKAGE: &str = "sigil-bench-driver";
const PROFILE: &str = "bench-guest";

/// The drivers of ours, and those without an allocator: the file's name, and features.
const OURS: &[(&str, &str)] = &[
    ("sigil-scopes", "sigil"),
    ("sigil-frees", "sigil,frees"),
    ("floor-ring", "floor"),
    ("floor-cells", "cells"),
];

/// The features of the others, by which their files are called too.
pub(crate) const PEERS: &[&str] = &[
    "buddy",
    "bumpalo",
    "dlmalloc",
    "emmalloc",
    "lol",
    "mini",
    "rlsf",
    "talc",
    "wasi-libc",
    "wee",
    "zig",
    "zig-arena",
];

/// Where Debian's package puts wasi-libc.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi/libc.a";

/// The features of every guest that is built.
pub(crate) fn feature_sets() -> Vec<String> {
    let ours = OURS.iter().map(|(_, features)| (*features).to_owned());
    let peers = PEERS
        .iter()
        .flat_map(|name| [(*name).to_owned(), format!("{name},alone")]);
    ours.chain(peers).collect()
}

/// Builds them all, in the order of the tables above. What ships alone is built for size, as our conformers are.
pub(crate) fn build(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let zig = Zig::get(workspace)?;
    let mut artefacts = ours(workspace, rust)?;
    let versions = format!("{}\nzig: {}\n", rust.version(), zig.version()?);
    artefact::replace(
        &path(workspace, "versions").with_extension("txt"),
        versions.as_bytes(),
    )?;
    for name in PEERS {
        let alone = format!("{name}.alone");
        for (file, features, profile, is_small) in [
            (*name, *name, PROFILE, false),
            (&alone, &format!("{name},alone"), conformers::PROFILE, true),
        ] {
            let link_args = link_args(workspace, &zig, name, is_small)?;
            artefacts.push(compile(
                workspace, rust, profile, file, features, &link_args,
            )?);
        }
    }
    Ok(artefacts)
}

/// Those for which Rust is enough.
pub(crate) fn ours(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    OURS.iter()
        .map(|(file, features)| compile(workspace, rust, PROFILE, file, features, &[]))
        .collect()
}

fn compile(
    workspace: &Workspace,
    rust: &Toolchain,
    profile: &str,
    file: &str,
    features: &str,
    link_args: &[String],
) -> Result<Artefact> {
    let features = [&*format!("--features={features}")];
    let link_args: Vec<&str> = link_args.iter().map(String::as_str).collect();
    let wasm = conformers::compile(workspace, rust, profile, PACKAGE, &features, &link_args)?;
    Artefact::write(path(workspace, file), &wasm)
}

/// Where a guest is.
pub(crate) fn path(workspace: &Workspace, name: &str) -> PathBuf {
    let folder = workspace.bench().join("guests");
    folder.join(format!("{name}.wasm"))
}

/// What the linker is told of a peer that is no crate: its object, and what to keep of it.
fn link_args(workspace: &Workspace, zig: &Zig, name: &str, is_small: bool) -> Result<Vec<String>> {
    let c: &[&str] = &["malloc", "realloc", "free"];
    let (object, exports) = match name {
        "zig" => (
            zig_object(workspace, zig, is_small)?,
            ["zig_alloc", "zig_realloc", "zig_free"].as_slice(),
        ),
        "zig-arena" => (
            zig_object(workspace, zig, is_small)?,
            ["zig_arena_alloc", "zig_arena_realloc", "zig_arena_reset"].as_slice(),
        ),
        "emmalloc" => (emmalloc_object(workspace, zig, is_small)?, c),
        "wasi-libc" => (wasi_libc()?, c),
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
                .arg(peers(workspace).join("zig.zig")),
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
                .arg(peers(workspace).join("emmalloc.c"))
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

fn peers(workspace: &Workspace) -> PathBuf {
    workspace.root().join("host-tests/benches/peers")
}

fn objects(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.guest().join("peers");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
