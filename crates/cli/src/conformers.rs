//! How `--allocator` finds a conformer.
//!
//! A value that looks like a file (a path separator, `.wasm`, `.wat`) or is one, is that file. Anything else is a name,
//! looked up in these directories, the first one that has it wins:
//!
//! ```text
//! $SIGIL_CONFORMERS               a list of directories, as $PATH is
//! <bin>/../conformers             a build tree: target/debug/sigil finds target/conformers
//! <bin>/conformers                a release unpacked somewhere
//! <bin>/../share/sigil/conformers an installation
//! ```
//!
//! There a name `n` is `n.component.wasm`, else `n.wasm`.

use crate::input::{self, Source};
use anyhow::{Context, bail};
use serde::Serialize;
use sigil_link::{Error, Linked, Options};
use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

/// The variable with directories of the user's own.
const VARIABLE: &str = "SIGIL_CONFORMERS";
/// File name endings of a conformer, the preferred one first.
const ENDINGS: [&str; 2] = [".component.wasm", ".wasm"];

/// A conformer that can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Reads the conformer that `value`, a name or a file, stands for.
pub(crate) fn read(value: &str) -> anyhow::Result<Source> {
    let path = locate(value, &directories())?;
    input::read(&path).with_context(|| format!("cannot use the allocator `{value}`"))
}

/// Links `conformer` into `program`. Where it lacks what the program imports, the error names those of the
/// conformers that can be named which have it.
pub(crate) fn link(
    program: &Source,
    conformer: &Source,
    options: &Options,
) -> Result<Linked, Error> {
    link_among(program, conformer, options, &directories())
}

fn link_among(
    program: &Source,
    conformer: &Source,
    options: &Options,
    directories: &[PathBuf],
) -> Result<Linked, Error> {
    sigil_link::link(program.input(), conformer.input(), options).map_err(|error| {
        if !matches!(error, Error::Unresolved { .. }) {
            return error;
        }
        // One that cannot be read is no help here, and no reason to say something else.
        let known: Vec<Source> = list(directories)
            .into_iter()
            .filter_map(|Found { name, path }| {
                let wasm = input::read(&path).ok()?.wasm;
                Some(Source { name, wasm })
            })
            .collect();
        let candidates: Vec<_> = known.iter().map(Source::input).collect();
        sigil_link::suggest(error, program.input(), options, &candidates)
    })
}

/// Returns the directories that are searched, in order, whether they exist or not.
pub(crate) fn directories() -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = env::var_os(VARIABLE)
        .map(|list| env::split_paths(&list).collect())
        .unwrap_or_default();
    directories.retain(|directory| !directory.as_os_str().is_empty());
    let exe = env::current_exe().and_then(std::fs::canonicalize).ok();
    if let Some(bin) = exe.as_deref().and_then(Path::parent) {
        if let Some(above) = bin.parent() {
            directories.push(above.join("conformers"));
        }
        directories.push(bin.join("conformers"));
        if let Some(above) = bin.parent() {
            directories.push(above.join("share/sigil/conformers"));
        }
    }
    directories
}

/// Returns the conformers in `directories` by name; of two with one name, the one that [`read`] would take.
pub(crate) fn list(directories: &[PathBuf]) -> Vec<Found> {
    let mut found = BTreeMap::new();
    for directory in directories {
        let Ok(entries) = std::fs::read_dir(directory) else {
            continue;
        };
        let mut files: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        files.sort();
        for ending in ENDINGS {
            for file in &files {
                // `a.component.wasm` also ends in `.wasm`: its name is still `a`.
                if ending == ".wasm" && file.ends_with(".component.wasm") {
                    continue;
                }
                if let Some(name) = file.strip_suffix(ending).filter(|name| !name.is_empty()) {
                    found
                        .entry(name.to_owned())
                        .or_insert_with(|| directory.join(file));
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(name, path)| Found { name, path })
        .collect()
}

pub(crate) fn locate(value: &str, directories: &[PathBuf]) -> anyhow::Result<PathBuf> {
    let path = Path::new(value);
    let is_file = value.contains(std::path::is_separator)
        || value.ends_with(".wasm")
        || value.ends_with(".wat")
        || path.is_file();
    if is_file {
        return Ok(path.to_owned());
    }
    let known = list(directories);
    if let Some(found) = known.iter().find(|found| found.name == value) {
        return Ok(found.path.clone());
    }
    let searched: Vec<String> = directories
        .iter()
        .map(|directory| format!("\n  {}", directory.display()))
        .collect();
    let names: Vec<String> = known
        .iter()
        .map(|found| format!("`{}`", found.name))
        .collect();
    let there = if names.is_empty() {
        "none is there".to_owned()
    } else {
        format!("there are {}", names.join(", "))
    };
    bail!(
        "no allocator is called `{value}`; {there}, searched:{}\n\
         help: build them with `cargo xtask build`, name a directory in `{VARIABLE}`, or give a file: `--allocator ./mine.wasm`",
        searched.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(files: &[&str]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for file in files {
            std::fs::write(directory.path().join(file), b"").unwrap();
        }
        directory
    }

    #[test]
    fn components_and_earlier_directories_win() {
        let first = directory(&["bump.wasm", "notes.txt", ".wasm"]);
        let second = directory(&["bump.component.wasm", "pages.wasm", "pages.component.wasm"]);
        let directories = [
            first.path().to_owned(),
            "missing".into(),
            second.path().to_owned(),
        ];
        let found = list(&directories);
        let names: Vec<&str> = found.iter().map(|f| f.name.as_str()).collect();
        assert_eq!(names, ["bump", "pages"]);
        assert_eq!(found[0].path, first.path().join("bump.wasm"));
        assert_eq!(found[1].path, second.path().join("pages.component.wasm"));
        assert_eq!(locate("pages", &directories).unwrap(), found[1].path);
    }

    #[test]
    fn what_one_lacks_is_looked_for_in_the_others() {
        let there = directory(&["broken.wasm"]);
        let module = |name: &str, text: &str| {
            let wasm = wat::parse_str(text).unwrap();
            std::fs::write(there.path().join(format!("{name}.wasm")), &wasm).unwrap();
            Source {
                name: format!("{name}.wasm"),
                wasm,
            }
        };
        let alloc = r#"(func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) i32.const 8)"#;
        let free = r#"(func (export "sigil:allocator-ext/sized@0.1.0#free") (param i32 i32))"#;
        let arena = module("arena", &format!("(module (memory 1) {alloc})"));
        module("freeing", &format!("(module (memory 1) {alloc} {free})"));
        module("half", &format!("(module (memory 1) {free})"));
        let program = Source {
            name: "program.wasm".into(),
            wasm: wat::parse_str(
                r#"(module
                    (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
                    (import "cm32p2|sigil:allocator-ext/sized@0.1" "free" (func (param i32 i32)))
                    (memory 1))"#,
            )
            .unwrap(),
        };
        let directories = [there.path().to_owned()];
        let error = link_among(&program, &arena, &Options::default(), &directories).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot link `program.wasm`: 1 import not served by `arena.wasm`\n  \
             import `cm32p2|sigil:allocator-ext/sized@0.1` `free`: the conformer does not export the interface; \
             `freeing` and `half` have it\n\
             help: `freeing` serves all that the program imports: choose with `--allocator`"
        );
    }

    #[test]
    fn what_looks_like_a_file_is_one() {
        for value in ["./bump", "dir/bump", "bump.wasm", "bump.wat"] {
            assert_eq!(locate(value, &[]).unwrap(), Path::new(value));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_places_and_names() {
        let there = directory(&["bump.component.wasm"]);
        let error = locate("slab", &[there.path().to_owned()])
            .unwrap_err()
            .to_string();
        for part in [
            "`slab`",
            "there are `bump`",
            &there.path().display().to_string(),
            "cargo xtask build",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(
            locate("slab", &[])
                .unwrap_err()
                .to_string()
                .contains("none is there")
        );
    }
}
