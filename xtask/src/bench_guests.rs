//! The workloads of the benches over each allocator: `host-tests/benches/driver`, built once for each.
//!
//! Three modules for each allocator of others: the workloads with it, the one with many blocks, and what a program would
//! ship of it (`alone`). Ours are linked in by the bench itself, so that a conformer that was built anew is measured.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, bail};
use wasmparser::{Parser, Payload};

use crate::{
    artefact::{self, Artefact},
    bench_objects::{Tools, link_args},
    conformers,
    toolchain::Toolchain,
    workspace::Workspace,
};

pub(crate) const PACKAGE: &str = "sigil-bench-driver";
/// What is built to be timed.
pub(crate) const PROFILE: &str = "bench-guest";

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

/// Builds them all, in the order of the tables above.
pub(crate) fn build(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let tools = Tools::get(workspace)?;
    let mut artefacts = counted(workspace, rust)?;
    artefacts.extend(drivers(workspace, rust, DRIVERS)?);
    artefacts.extend(peers(workspace, rust, &tools, |_| true)?);
    for runtime in RUNTIMES {
        for (suffix, driver) in [("", "sigil-core"), (".many", "sigil-core.many")] {
            let heap_base = memory_end(&fs::read(path(workspace, driver))?)?;
            let wasm = (tools.script).conformer(workspace, runtime, heap_base, "-O3")?;
            let path = path(workspace, &format!("as-{runtime}{suffix}"));
            artefacts.push(Artefact::write(path, &wasm)?);
        }
    }
    artefacts.extend(runtimes_alone(workspace, &tools)?);
    let versions = format!(
        "{}\nzig: {}, and {} for emmalloc\nAssemblyScript: {}\n",
        rust.version(),
        tools.zig.version()?,
        tools.c.version()?,
        tools.script.version()?
    );
    let file = path(workspace, "versions").with_extension("txt");
    artefact::replace(&file, versions.as_bytes())?;
    Ok(artefacts)
}

/// Builds what a program would ship of each peer, for size, as our conformers are.
pub(crate) fn alone(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let tools = Tools::get(workspace)?;
    let mut artefacts = peers(workspace, rust, &tools, |(_, _, is_small)| *is_small)?;
    artefacts.extend(runtimes_alone(workspace, &tools)?);
    Ok(artefacts)
}

/// Those guests of the peers that are wanted.
fn peers(
    workspace: &Workspace,
    rust: &Toolchain,
    tools: &Tools,
    wanted: impl Fn(&Guest) -> bool,
) -> Result<Vec<Artefact>> {
    let mut artefacts = Vec::new();
    for name in PEERS {
        for (file, features, is_small) in guests(name).into_iter().filter(&wanted) {
            let profile = if is_small {
                conformers::PROFILE
            } else {
                PROFILE
            };
            let link_args = link_args(workspace, tools, name, is_small)?;
            artefacts.push(compile(
                workspace, rust, profile, &file, &features, &link_args,
            )?);
        }
    }
    Ok(artefacts)
}

fn runtimes_alone(workspace: &Workspace, tools: &Tools) -> Result<Vec<Artefact>> {
    /// A heap behind one page of data.
    const HEAP_BASE: u32 = 1 << 16;
    let alone = |runtime: &&str| {
        let wasm = (tools.script).conformer(workspace, runtime, HEAP_BASE, "-Oz")?;
        Artefact::write(path(workspace, &format!("as-{runtime}.alone")), &wasm)
    };
    RUNTIMES.iter().map(alone).collect()
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
