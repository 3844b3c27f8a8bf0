//! The workloads of the benches over each allocator: `host-tests/benches/driver`, built once for each.
//!
//! Two modules for each allocator of others: the workloads with it, and what a program would ship of it (`alone`). Ours
//! are linked in by the bench itself, so that a conformer that was built anew is measured.

use std::{fs, path::PathBuf};

use anyhow::Result;

use crate::{
    artefact::Artefact, conformers, process, toolchain::Toolchain, workspace::Workspace, zig::Zig,
};

const PACKAGE: &str = "sigil-bench-driver";
const PROFILE: &str = "bench-guest";

/// The drivers of ours: the file's name, and features.
const OURS: &[(&str, &str)] = &[("sigil-scopes", "sigil"), ("sigil-frees", "sigil,frees")];

/// The features of the others, by which their files are called too.
const PEERS: &[&str] = &[
    "buddy", "bumpalo", "dlmalloc", "lol", "mini", "rlsf", "talc", "wee", "zig",
];

/// Builds them all, in the order of the tables above.
pub(crate) fn build(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let zig = zig_object(workspace, &Zig::get(workspace)?)?;
    let zig = [
        format!("-Clink-arg={}", zig.display()),
        "-Clink-args=--export=zig_alloc --export=zig_realloc --export=zig_free".to_owned(),
    ];
    let zig: [&str; 2] = [&zig[0], &zig[1]];
    let mut artefacts = Vec::new();
    let mut add = |name: &str, features: &str| {
        let features = format!("--features={features}");
        let link: &[&str] = if name.starts_with("zig") { &zig } else { &[] };
        let wasm = conformers::compile(workspace, rust, PROFILE, PACKAGE, &[&features], link)?;
        let path = workspace
            .bench()
            .join("guests")
            .join(format!("{name}.wasm"));
        artefacts.push(Artefact::write(path, &wasm)?);
        anyhow::Ok(())
    };
    for (name, features) in OURS {
        add(name, features)?;
    }
    for name in PEERS {
        add(name, name)?;
        add(&format!("{name}.alone"), &format!("{name},alone"))?;
    }
    Ok(artefacts)
}

/// Zig's allocator as an object file, with the features of wasm that Rust's target has.
fn zig_object(workspace: &Workspace, zig: &Zig) -> Result<PathBuf> {
    let folder = workspace.guest().join("zig");
    fs::create_dir_all(&folder)?;
    let object = folder.join("wasm_allocator.o");
    process::step("build: compiling Zig's allocator", || {
        process::chatty(
            zig.command()
                .args(["build-obj", "-target", "wasm32-freestanding"])
                .args(["-OReleaseFast", "-fstrip"])
                .arg("-mcpu=generic+bulk_memory+sign_ext+nontrapping_fptoint+mutable_globals")
                .arg(format!("-femit-bin={}", object.display()))
                .arg(
                    workspace
                        .root()
                        .join("host-tests/benches/peers/wasm_allocator.zig"),
                ),
        )
    })?;
    Ok(object)
}
