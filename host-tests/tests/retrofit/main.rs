//! Programs with a bump allocator of their own, as Silicon compiles them, before and after its replacement by
//! every conformer: the same results, and right ones where the old allocator is wrong. `host-tests/retrofit` has
//! the programs.
//!
//! Needs `target/conformers` and `target/programs`; `cargo xtask test` builds them.

mod faults;
mod generated;
mod hostile;
mod languages;
mod machine;
mod programs;
mod refused;

use std::{
    fs,
    path::{Path, PathBuf},
};

use sigil_link::{Error, Force, Input, Linked, Options, Profile, Replace, link};

/// `host-tests/retrofit`.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("retrofit")
}

/// The module of a file there, with the prelude in it.
fn assemble(path: &Path) -> Vec<u8> {
    let read = |path: &Path| {
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let text = read(path).replace(";; prelude\n", &read(&folder().join("prelude.wat")));
    wat::parse_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files in a folder there that end so, by name.
fn files(of: &str, extension: &str) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder().join(of)).expect("the folder is in the repository");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| {
            let name = path.file_stem().expect("it has a name").to_string_lossy();
            (name.into_owned(), path.clone())
        })
        .collect();
    files.sort();
    files
}

/// What `cargo xtask build` made.
fn built(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(path);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    })
}

/// Every conformer, by name.
fn conformers() -> Vec<(&'static str, Vec<u8>)> {
    let handwritten = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformers/handwritten.wat");
    vec![
        ("bump", built("conformers/bump.component.wasm")),
        ("freelist", built("conformers/freelist.component.wasm")),
        (
            "handwritten",
            wat::parse_file(handwritten).expect("it is WAT"),
        ),
        ("pages", built("conformers/pages.component.wasm")),
    ]
}

/// Links `conformer` into `program` in the place of what `profile` describes.
fn replaced(
    program: &[u8],
    profile: &str,
    force: Force,
    conformer: &[u8],
    optimize: bool,
) -> Result<Linked, Error> {
    let profile = Profile::built_in(profile).expect("it is built in");
    replaced_by(program, profile, force, conformer, optimize)
}

/// The same by a profile that is not built in.
fn replaced_by(
    program: &[u8],
    profile: Profile,
    force: Force,
    conformer: &[u8],
    optimize: bool,
) -> Result<Linked, Error> {
    let mut options = Options::default();
    options.optimize = optimize;
    options.replace = Some(Replace { profile, force });
    let input = |name, bytes| Input { name, bytes };
    link(
        input("program.wasm", program),
        input("conformer.wasm", conformer),
        &options,
    )
}
