//! The workloads of the benches over each allocator: `host-tests/benches/driver`, built once for each.
//!
//! Two modules for each allocator of others: the workloads with it, and what a program would ship of it (`alone`). Ours
//! are linked in by the bench itself, so that a conformer that was built anew is measured.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{
    artefact::{self, Artefact},
    conformers, process,
    toolchain::Toolchain,
    workspace::Workspace,
    zig::Zig,
};

const PACKAGE: &str = "sigil-bench-driver";
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
    "buddy", "bumpalo", "dlmalloc", "lol", "mini", "rlsf", "talc", "wee", "zig",
];

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
        for (file, features, profile, mode) in [
            (*name, *name, PROFILE, "ReleaseFast"),
            (
                &alone,
                &format!("{name},alone"),
                conformers::PROFILE,
                "ReleaseSmall",
            ),
        ] {
            let link_args = match *name {
                "zig" => zig_link_args(workspace, &zig, mode)?,
                _ => Vec::new(),
            };
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

/// Zig's allocator as an object file, with the features of wasm that Rust's target has; as arguments of the link.
fn zig_link_args(workspace: &Workspace, zig: &Zig, mode: &str) -> Result<Vec<String>> {
    let folder = workspace.guest().join("zig");
    fs::create_dir_all(&folder)?;
    let object = folder.join(format!("{mode}.o"));
    process::step("build: compiling Zig's allocator", || {
        process::chatty(
            zig.command()
                .args(["build-obj", "-target", "wasm32-freestanding", "-fstrip"])
                .arg(format!("-O{mode}"))
                .arg("-mcpu=generic+bulk_memory+sign_ext+nontrapping_fptoint+mutable_globals")
                .arg(format!("-femit-bin={}", object.display()))
                .arg(
                    workspace
                        .root()
                        .join("host-tests/benches/peers/wasm_allocator.zig"),
                ),
        )
    })?;
    Ok(vec![
        format!("-Clink-arg={}", object.display()),
        "-Clink-args=--export=zig_alloc --export=zig_realloc --export=zig_free".to_owned(),
    ])
}
