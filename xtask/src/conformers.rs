//! The conformers: every package under `crates/conformers/`, as a core module and as a component.
//!
//! The core module keeps its relocations (`--emit-relocs`), which is what `sigil link` works from, and a
//! shadow stack of 1 KiB, since a conformer's calls are leaves of the program's. The same bytes go into
//! the component, but for those of [`EXTENDED`].

use std::{fs, path::Path};

use anyhow::{Context, Result};
use wit_component::ComponentEncoder;

use crate::{artefact::Artefact, process, toolchain::Toolchain, workspace::Workspace};

const LINK: &[&str] = &["-Clink-arg=--emit-relocs", "-Clink-arg=-zstack-size=1024"];

/// What is built for the guests that ship.
pub(crate) const PROFILE: &str = "conformer";

/// Conformers whose core module is the contract and nothing else, for those who ship it as it is. The component,
/// which is what `sigil link` takes by name, is built with the feature `extensions`.
const EXTENDED: &[&str] = &["bump"];

/// Builds them all, in the order of their names.
pub(crate) fn build(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let mut artefacts = Vec::new();
    for name in names(workspace)? {
        let build = |features: &[&str]| {
            let package = format!("sigil-{name}");
            let mut module = compile(workspace, rust, PROFILE, &package, features, LINK)?;
            add_version(&mut module);
            anyhow::Ok(module)
        };
        let module = build(&[])?;
        let inside = if EXTENDED.contains(&name.as_str()) {
            build(&["--features=extensions"])?
        } else {
            module.clone()
        };
        let component = component(&inside)
            .with_context(|| format!("conformer `{name}` does not fit its world"))?;
        let folder = workspace.conformers();
        artefacts.push(Artefact::write(
            folder.join(format!("{name}.wasm")),
            &module,
        )?);
        artefacts.push(Artefact::write(
            folder.join(format!("{name}.component.wasm")),
            &component,
        )?);
    }
    Ok(artefacts)
}

/// The conformers' names: those of the folders. Each one's package is `sigil-<name>`.
pub(crate) fn names(workspace: &Workspace) -> Result<Vec<String>> {
    packages(&workspace.root().join("crates/conformers"))
}

/// The folders in `folder` that hold a package, sorted.
pub(crate) fn packages(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The core module of a guest package, by one of the workspace's profiles.
///
/// `cargo rustc` gives `link_args` to the last step alone: the dependencies, and a `core` built from source,
/// serve all guests.
pub(crate) fn compile(
    workspace: &Workspace,
    rust: &Toolchain,
    profile: &str,
    package: &str,
    features: &[&str],
    link_args: &[&str],
) -> Result<Vec<u8>> {
    let mut command = rust.cargo(workspace);
    command.args([
        "rustc",
        "--quiet",
        "--profile",
        profile,
        "--lib",
        "--package",
        package,
    ]);
    command
        .args(features)
        .args(rust.options(workspace))
        .arg("--")
        .args(link_args);
    if rust.linker.is_some() {
        command.arg("-Clinker-flavor=wasm-ld");
    }
    process::step(&format!("build: compiling `{package}`"), || {
        process::chatty(&mut command)
    })?;
    let file = workspace
        .guest()
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(format!("{}.wasm", package.replace('-', "_")));
    fs::read(&file).with_context(|| format!("cargo wrote no `{}`", file.display()))
}

/// Appends the custom section `version`, which `sigil link` records. All packages have one version.
fn add_version(module: &mut Vec<u8>) {
    const NAME: &str = "version";
    let version = env!("CARGO_PKG_VERSION");
    // An id and a size, a size and the name; both sizes fit one byte.
    module.extend_from_slice(&[0, (1 + NAME.len() + version.len()) as u8, NAME.len() as u8]);
    module.extend_from_slice(NAME.as_bytes());
    module.extend_from_slice(version.as_bytes());
}

fn component(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .module(module)?
        .validate(true)
        .encode()
}
