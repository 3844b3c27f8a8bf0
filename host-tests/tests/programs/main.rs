//! Every program of `programs/`, linked with every conformer of `target/conformers`, and run.
//!
//! A trial is a program (or a case about one) with a conformer, in both of the forms that `cargo xtask build` makes:
//! core module and component. Programs must print what the `.out` file beside their source says; the cases
//! on exhaustion (H5, H6) and on addresses above 2^31 (H4) call the programs' exports.
//!
//! A program that imports more of `sigil:allocator-ext` than a conformer exports must be refused with it, and the
//! message must name those that serve it. Which of the conformers can free single blocks is written down in
//! [`serving::FREEING`]; programs that use an extension also run on the handwritten conformer with all of them.

mod cases;
mod exhaustion;
mod high;
mod linked;
mod serving;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use sigil_conformance::mutants;
use sigil_host_tests::wasm_files::{target, wasm_files};

use crate::{
    cases::CASES,
    linked::{prints, start},
    serving::{freeing, imports, lacking, refused},
};

const HINT: &str = "run `cargo xtask build`";
fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let conformers = wasm_files(&target("conformers"))?;
    let outputs = expected(&Path::new(env!("CARGO_MANIFEST_DIR")).join("programs"))?;
    let programs = wasm_files(&target("programs"))?;
    for name in outputs.keys() {
        ensure!(
            programs.contains_key(name),
            "no `{name}.wasm` in target/programs: {HINT}"
        );
    }
    for name in programs.keys() {
        ensure!(
            outputs.contains_key(name),
            "no `{name}.out` beside the source of `{name}`"
        );
    }

    let mut trials = vec![Trial::test("freeing", {
        let conformers = conformers.clone();
        move || freeing(&conformers).map_err(failed)
    })];
    let extended = extended()?;
    for (conformer, conformer_path) in &conformers {
        for (name, path) in &programs {
            // Its output ends in exhaustion: a case of its own.
            if name == "exhaust" {
                continue;
            }
            let (path, conformer_path) = (path.clone(), conformer_path.clone());
            if !lacking(&path, &conformer_path)?.is_empty() {
                let conformers = conformers.clone();
                trials.push(Trial::test(
                    format!("{conformer}::{name}::refused"),
                    move || refused(&path, &conformer_path, &conformers).map_err(failed),
                ));
                continue;
            }
            let output = outputs[name].clone();
            trials.push(Trial::test(format!("{conformer}::{name}"), move || {
                prints(&path, &conformer_path, &output).map_err(failed)
            }));
        }
        for (name, case_name, cap_pages, case) in CASES {
            let path = programs
                .get(*name)
                .with_context(|| format!("no `{name}.wasm`: {HINT}"))?;
            let (path, conformer_path) = (path.clone(), conformer_path.clone());
            if !lacking(&path, &conformer_path)?.is_empty() {
                continue;
            }
            let conformer = conformer.clone();
            trials.push(Trial::test(
                format!("{conformer}::{name}::{case_name}"),
                move || {
                    start(&path, &conformer_path, *cap_pages)
                        .and_then(|mut instance| case(&mut instance, &conformer))
                        .map_err(failed)
                },
            ));
        }
    }
    for (name, path) in programs {
        if !imports(&path)?.is_empty() {
            let (output, extended) = (outputs[&name].clone(), extended.clone());
            trials.push(Trial::test(format!("extended::{name}"), move || {
                prints(&path, &extended, &output).map_err(failed)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit()
}

/// The handwritten conformer with all extensions, as a file.
fn extended() -> Result<PathBuf> {
    let text = mutants::extended().map_err(anyhow::Error::msg)?;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extended.wasm");
    fs::write(&path, wat::parse_str(text)?)?;
    Ok(path)
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:?}").into()
}

/// What the toy compiler's examples print is the business of `compiler_authors`.
const TOY: &str = "toy";

/// Each program's output: the `.out` files under `folder`, by stem.
fn expected(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut outputs = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))? {
        let path = entry?.path();
        if path.ends_with(TOY) {
            continue;
        }
        if path.is_dir() {
            outputs.extend(expected(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "out") {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            outputs.insert(name, fs::read(&path)?);
        }
    }
    Ok(outputs)
}
