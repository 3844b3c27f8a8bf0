//! What compiler authors are shown, run: the lowerings of `sdk/wat`, and the toy compiler with its examples.
//!
//! With every conformer there is, with and without `-O`. The page itself, `docs/for-compiler-authors.md`, is read and run by a
//! test of `sigil`.

mod examples;
mod generated;
mod imports;
mod lowerings;
mod malformed;
mod memory;
mod random;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sigil_host::{Engine, Instance, Limits, Module, Wasi};
use sigil_host_tests::{
    linking::linked,
    wasm_files::{file_name, target, wasm_files},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An allocator to link with.
struct Conformer {
    name: String,
    wasm: Vec<u8>,
}

/// The handwritten one, and those that `cargo xtask build` makes, as modules and as components.
fn conformers() -> Result<Vec<Conformer>> {
    let mut built = Vec::new();
    for path in wasm_files(&target("conformers"))?.into_values() {
        built.push(Conformer {
            name: file_name(&path),
            wasm: fs::read(path)?,
        });
    }
    built.sort_by(|a, b| a.name.cmp(&b.name));
    let mut conformers = vec![handwritten()?];
    conformers.extend(built);
    ensure!(
        conformers.len() > 3,
        "too few conformers: run `cargo xtask build`"
    );
    Ok(conformers)
}

/// The handwritten one, which sees every handle that is not open.
fn handwritten() -> Result<Conformer> {
    let path = root().join("host-tests/conformers/handwritten.wat");
    Ok(Conformer {
        name: "handwritten.wat".into(),
        wasm: wat::parse_file(path)?,
    })
}

/// Far more than any program here needs: one that goes round for ever fails, and does not hang.
const FUEL: u64 = 5_000_000_000;

/// The program linked with the conformer, and instantiated.
fn start(
    program: &[u8],
    conformer: &Conformer,
    optimize: bool,
    max_heap_pages: Option<u32>,
) -> Result<Instance> {
    let wasm = linked(
        ("program", program),
        (&conformer.name, &conformer.wasm),
        optimize,
    )?;
    let module = Module::new(&Engine::metered()?, &wasm)?;
    let limits = Limits {
        max_heap_pages,
        fuel: Some(FUEL),
    };
    Ok(Instance::new(&module, &limits, Some(Wasi::default()))?)
}

/// The files of a folder that have this ending, by name.
fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        found.push(entry?.path());
    }
    found.retain(|path| path.extension().is_some_and(|kind| kind == ending));
    found.sort();
    Ok(found)
}
