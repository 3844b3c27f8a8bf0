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
use sigil_link::{Input, Options, link};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An allocator to link with.
struct Conformer {
    name: String,
    wasm: Vec<u8>,
}

/// Those that `cargo xtask build` makes, as modules and as components, and the handwritten one.
fn conformers() -> Result<Vec<Conformer>> {
    let folder = root().join("target/conformers");
    let hint = || format!("no `{}`: run `cargo xtask build`", folder.display());
    let mut paths = vec![root().join("host-tests/conformers/handwritten.wat")];
    for entry in fs::read_dir(&folder).with_context(hint)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        // A name that starts with a dot is a file being written.
        if name.ends_with(".wasm") && !name.starts_with('.') {
            paths.push(path);
        }
    }
    ensure!(paths.len() > 3, "too few conformers: {}", hint());
    paths.sort();
    let conformers = paths.iter().map(|path| {
        Ok(Conformer {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            wasm: wat::parse_file(path)?,
        })
    });
    conformers.collect()
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
    let mut options = Options::default();
    options.optimize = optimize;
    let program = Input {
        name: "program",
        bytes: program,
    };
    let allocator = Input {
        name: &conformer.name,
        bytes: &conformer.wasm,
    };
    let linked = link(program, allocator, &options)?;
    let module = Module::new(&Engine::metered()?, &linked.wasm)?;
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
