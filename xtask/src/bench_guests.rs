//! The workloads of the benches over each allocator: `host-tests/benches/driver`, built once for each.
//!
//! Three modules for each allocator of others: the workloads with it, the one with many blocks, and what a program would
//! ship of it (`alone`). Ours
//! are linked in by the bench itself, so that a conformer that was built anew is measured.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{Parser, Payload};

use crate::{
    apt,
    artefact::{self, Artefact},
    assembly_script::AssemblyScript,
    conformers, process,
    toolchain::Toolchain,
    workspace::Workspace,
    zig::{self, Zig},
};

pub(crate) const PACKAGE: &str = "sigil-bench-driver";
const PROFILE: &str = "bench-guest";

/// As much as lets the driver's data end a few KiB before a page does: some allocators use the rest of the last page,
/// some do not, and the pages that are counted are those that memory grew by.
const STACK: &str = "-Clink-arg=-zstack-size=86016";

/// The drivers that count instructions, too: the file's name, and features.
const COUNTED: &[(&str, &str)] = &[
    ("sigil-scopes", "sigil,scopes"),
    ("sigil-frees", "sigil,frees,scopes"),
];

/// The other drivers that conformers are linked into, and those without an allocator.
const DRIVERS: &[(&str, &str)] = &[
    ("sigil-frees.many", "sigil,frees,many"),
    ("sigil-core", "sigil,frees"),
    ("sigil-core.many", "sigil,frees,many"),
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

/// Those of them that have no workload with many blocks.
const ARENAS: &[&str] = &["bumpalo", "zig-arena"];

/// AssemblyScript's runtimes, as it calls them; the files begin with `as-`. They are conformers, for `sigil-core`.
pub(crate) const RUNTIMES: &[&str] = &["minimal", "stub"];

/// Where Debian's package puts wasi-libc.
const WASI_LIBC: &str = "/usr/lib/wasm32-wasi/libc.a";

/// A guest: its file's name, its features, and whether it is built for size.
type Guest = (String, String, bool);

/// What is built of a peer: the workloads, `d` with many blocks, and the allocator alone.
fn guests(name: &str) -> Vec<Guest> {
    let mut guests = vec![
        (name.to_owned(), name.to_owned(), false),
        (format!("{name}.alone"), format!("{name},alone"), true),
    ];
    if !ARENAS.contains(&name) {
        guests.push((format!("{name}.many"), format!("{name},many"), false));
    }
    guests
}

/// The features of every guest that is built.
pub(crate) fn feature_sets() -> Vec<String> {
    let drivers = [COUNTED, DRIVERS].concat();
    let ours = drivers.iter().map(|(_, features)| (*features).to_owned());
    let peers = PEERS.iter().flat_map(|name| guests(name));
    ours.chain(peers.map(|(_, features, _)| features)).collect()
}

/// Builds them all, in the order of the tables above. What ships alone is built for size, as our conformers are.
pub(crate) fn build(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let zig = Zig::get(workspace, &zig::NEWEST)?;
    let emmalloc = Zig::get(workspace, &zig::FOR_C)?;
    let script = AssemblyScript::get(workspace)?;
    let mut artefacts = counted(workspace, rust)?;
    artefacts.extend(drivers(workspace, rust, DRIVERS)?);
    for name in PEERS {
        for (file, features, is_small) in guests(name) {
            let profile = if is_small {
                conformers::PROFILE
            } else {
                PROFILE
            };
            let link_args = link_args(workspace, (&zig, &emmalloc), name, is_small)?;
            artefacts.push(compile(
                workspace, rust, profile, &file, &features, &link_args,
            )?);
        }
    }
    for runtime in RUNTIMES {
        for (file, driver, level) in [
            ("", "sigil-core", "-O3"),
            (".alone", "sigil-core", "-Oz"),
            (".many", "sigil-core.many", "-O3"),
        ] {
            let heap_base = memory_end(&fs::read(path(workspace, driver))?)?;
            let wasm = script.conformer(workspace, runtime, heap_base, level)?;
            let path = path(workspace, &format!("as-{runtime}{file}"));
            artefacts.push(Artefact::write(path, &wasm)?);
        }
    }
    let versions = format!(
        "{}\nzig: {}, and {} for emmalloc\nAssemblyScript: {}\n",
        rust.version(),
        zig.version()?,
        emmalloc.version()?,
        script.version()?
    );
    let file = path(workspace, "versions").with_extension("txt");
    artefact::replace(&file, versions.as_bytes())?;
    Ok(artefacts)
}

/// The end of a module's initial memory.
fn memory_end(wasm: &[u8]) -> Result<u32> {
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::MemorySection(memories) = payload? {
            let memory = memories.into_iter().next().context("no memory")??;
            return Ok(u32::try_from(memory.initial << 16)?);
        }
    }
    bail!("the driver has no memory")
}

/// The drivers that tests count instructions with, for which Rust is enough.
pub(crate) fn counted(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    drivers(workspace, rust, COUNTED)
}

fn drivers(
    workspace: &Workspace,
    rust: &Toolchain,
    drivers: &[(&str, &str)],
) -> Result<Vec<Artefact>> {
    drivers
        .iter()
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
    let mut link_args: Vec<&str> = link_args.iter().map(String::as_str).collect();
    link_args.push(STACK);
    let wasm = conformers::compile(workspace, rust, profile, PACKAGE, &features, &link_args)?;
    Artefact::write(path(workspace, file), &wasm)
}

/// Where a guest is.
pub(crate) fn path(workspace: &Workspace, name: &str) -> PathBuf {
    let folder = workspace.bench().join("guests");
    folder.join(format!("{name}.wasm"))
}

/// What the linker is told of a peer that is no crate: its object, and what to keep of it.
///
/// Of the two Zigs, the first one has the allocators of Zig, the second one emmalloc.
fn link_args(
    workspace: &Workspace,
    (zig, c): (&Zig, &Zig),
    name: &str,
    is_small: bool,
) -> Result<Vec<String>> {
    let malloc: &[&str] = &["malloc", "realloc", "free"];
    let (object, exports) = match name {
        "zig" => (
            zig_object(workspace, zig, is_small)?,
            ["zig_alloc", "zig_realloc", "zig_free"].as_slice(),
        ),
        "zig-arena" => (
            zig_object(workspace, zig, is_small)?,
            ["zig_arena_alloc", "zig_arena_realloc", "zig_arena_reset"].as_slice(),
        ),
        "emmalloc" => (emmalloc_object(workspace, c, is_small)?, malloc),
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
