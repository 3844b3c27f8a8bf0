//! What there is to run: programs by language, and conformers.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use sigil_host_tests::wasm_files::{file_name, target, wasm_files};

/// Who makes all of it.
const HINT: &str = "run `cargo xtask build --languages`";
/// Who has to be there, each with all of [`PROGRAMS`] and one program more that nobody here wrote.
pub(crate) const LANGUAGES: &[&str] = &["assembly_script", "c", "rust", "zig"];
/// What `host-tests/languages/README.md` specifies.
pub(crate) const PROGRAMS: &[&str] = &["interpreter", "json", "lines", "lru", "trees"];
/// The program that frees nothing by itself, so that there is no conformer that does not serve it.
const FOR_EVERY_CONFORMER: &str = "lines";
/// What the name of a program ends in whose runtime frees nothing: the same holds for it.
const FREES_NOTHING: &str = ".stub";
/// The conformer that has what every SDK uses, so that there is no program that it does not serve.
pub(crate) const FOR_EVERY_PROGRAM: &str = "freelist";

/// A program as its language's compiler left it, twice.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) language: String,
    pub(crate) name: String,
    /// With imports of `sigil:allocator`.
    pub(crate) unlinked: Vec<u8>,
    /// Over the allocator that the language brings.
    pub(crate) own: Vec<u8>,
    /// What it reads.
    pub(crate) input: Vec<u8>,
    /// What it must print.
    pub(crate) output: Vec<u8>,
}

impl Program {
    /// `language::name`.
    pub(crate) fn title(&self) -> String {
        format!("{}::{}", self.language, self.name)
    }

    /// Whether every conformer has to serve it.
    pub(crate) fn is_for_every_conformer(&self) -> bool {
        self.name == FOR_EVERY_CONFORMER || self.name.ends_with(FREES_NOTHING)
    }
}

/// All programs, by language and name.
///
/// Errors: a program without its other half, or without expected output; expected output, or a language, without one of the
/// programs.
pub(crate) fn programs() -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    for language in LANGUAGES {
        let files = wasm_files(&target("languages").join(language)).context(HINT)?;
        for (name, path) in &files {
            if name.ends_with(".own") {
                continue;
            }
            let own = files
                .get(&format!("{name}.own"))
                .with_context(|| format!("no `{language}/{name}.own.wasm`: {HINT}"))?;
            let text = |extension: &str| text(language, name, extension);
            programs.push(Program {
                language: (*language).to_owned(),
                name: name.clone(),
                unlinked: fs::read(path)?,
                own: fs::read(own)?,
                input: text("in").map_or_else(|| Ok(Vec::new()), fs::read)?,
                output: fs::read(text("out").with_context(|| {
                    format!("no `{name}.out` in host-tests/languages/{language} or in programs")
                })?)?,
            });
        }
        let has = |name: &str| files.contains_key(name);
        for name in PROGRAMS {
            ensure!(has(name), "no `{name}` in {language}");
        }
        for name in outputs(language)? {
            ensure!(
                has(&name),
                "host-tests/languages/{language} has `{name}.out`, and target/languages/{language} no `{name}.wasm`: {HINT}"
            );
        }
        ensure!(
            files.len() > 2 * PROGRAMS.len(),
            "{language} has no program that nobody here wrote"
        );
    }
    Ok(programs)
}

/// The programs of a language alone, by the outputs beside their sources.
fn outputs(language: &str) -> Result<Vec<String>> {
    let folder = folder().join(language);
    let entries = fs::read_dir(&folder).with_context(|| format!("no `{}`", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let name = file_name(&entry?.path());
        names.extend(name.strip_suffix(".out").map(str::to_owned));
    }
    Ok(names)
}

/// A program's input or output: its language's own, or the one for all. `json.stub` is a form of `json`.
fn text(language: &str, name: &str, extension: &str) -> Option<PathBuf> {
    let folder = folder();
    let name = name.split('.').next().unwrap_or(name);
    [language, "programs"]
        .map(|of| folder.join(of).join(format!("{name}.{extension}")))
        .into_iter()
        .find(|path| path.is_file())
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("languages")
}

/// The conformers by name: ours as `--allocator` takes them, and the one written by hand.
pub(crate) fn conformers() -> Result<BTreeMap<String, Vec<u8>>> {
    let mut conformers = BTreeMap::new();
    for (name, path) in wasm_files(&target("conformers"))? {
        if let Some(name) = name.strip_suffix(".component") {
            conformers.insert(name.to_owned(), fs::read(path)?);
        }
    }
    let by_hand = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformers/handwritten.wat");
    conformers.insert("handwritten".to_owned(), wat::parse_file(by_hand)?);
    ensure!(
        conformers.contains_key(FOR_EVERY_PROGRAM),
        "no `{FOR_EVERY_PROGRAM}` in target/conformers: {HINT}"
    );
    Ok(conformers)
}
