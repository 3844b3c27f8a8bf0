//! Zig's programs, `host-tests/languages/zig`; and the tests of its SDK.
//!
//! A program is `<name>.zig` or `<name>/<name>.zig`. It imports `heap`, which is one of two files in `support`, and
//! `stdio`; what it embeds is handed to it by name.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::Program;
use crate::{
    artefact, process,
    workspace::Workspace,
    zig::{self, Zig},
};

/// Zig's own stack of 16 MiB would hide what the heap takes; the interpreter needs more than 256 KiB. `__heap_base` is
/// how `sigil link` learns where stack and data end.
const OPTIONS: &[&str] = &[
    "build-exe",
    "-target",
    "wasm32-wasi",
    "-OReleaseFast",
    "-fstrip",
    "--stack",
    "524288",
    "--export=__heap_base",
];
/// What `format` embeds, by the name that it has there: files of Zig's standard library.
const FORMATTED: &[(&str, &str)] = &[
    ("array_list", "array_list.zig"),
    ("hash_map", "hash_map.zig"),
    ("Writer", "Io/Writer.zig"),
    ("Parse", "zig/Parse.zig"),
    ("Ast", "zig/Ast.zig"),
    ("Threaded", "Io/Threaded.zig"),
];

/// Builds them all, in the order of their names.
///
/// Errors: the compiler's, or pip's.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let zig = Zig::get(workspace, &zig::NEWEST)?;
    // Zig itself remembers nothing of a `build-exe`.
    let mut sources = zig.version()?.into_bytes();
    read_all(&folder(workspace), &mut sources)?;
    read_all(&workspace.root().join("sdk/zig/src"), &mut sources)?;
    programs(&folder(workspace))?
        .into_iter()
        .map(|(name, program)| {
            let compile = |heap| compile(workspace, &zig, (&name, &program), heap, &sources);
            Ok(Program {
                unlinked: compile(Heap::Sigil)?,
                own: compile(Heap::Own)?,
                name,
            })
        })
        .collect()
}

/// Runs the tests of `sdk/zig`, on this machine, with safety checks and without; and the example in its README. Sources
/// have to be formatted.
///
/// Errors: a test that fails, with what it printed on stderr; the files that are not formatted.
pub(crate) fn test_sdk(workspace: &Workspace) -> Result<()> {
    let zig = Zig::get(workspace, &zig::NEWEST)?;
    let mut format = zig.command();
    format.args(["fmt", "--check"]).arg(folder(workspace));
    process::chatty(format.arg(workspace.root().join("sdk/zig")))
        .context("the files that are named are not formatted: run `zig fmt` on them")?;
    for mode in ["Debug", "ReleaseFast"] {
        let what = format!("test: `sdk/zig`, {mode}");
        process::step(&what, || {
            let mut command = zig.command();
            command.arg("test").arg(format!("-O{mode}"));
            process::chatty(command.arg(sdk(workspace)))
        })
        .context(what)?;
    }
    readme(workspace, &zig).context("the example in `sdk/zig/README.md`")
}

/// Runs the first piece of Zig in the SDK's README, over the model that the tests run over.
fn readme(workspace: &Workspace, zig: &Zig) -> Result<()> {
    let text = fs::read_to_string(workspace.root().join("sdk/zig/README.md"))?;
    let example = text
        .split("```zig\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .context("it has none")?;
    let source = outputs(workspace)?.join("readme.zig");
    fs::write(&source, example)?;
    let mut command = zig.command();
    command.args(["run", "--dep", "sigil"]);
    command.arg(format!("-Mroot={}", source.display()));
    command.arg(format!("-Msigil={}", sdk(workspace).display()));
    process::capture(&mut command).map(drop)
}

/// What a program allocates from.
#[derive(Clone, Copy)]
enum Heap {
    Sigil,
    Own,
}

/// A source file of a compilation, by the name that others import it by.
struct Module {
    name: &'static str,
    path: PathBuf,
    imports: Vec<&'static str>,
}

/// `sources` is what else the output depends on.
fn compile(
    workspace: &Workspace,
    zig: &Zig,
    (name, program): (&str, &Path),
    heap: Heap,
    sources: &[u8],
) -> Result<Vec<u8>> {
    let output = match heap {
        Heap::Sigil => format!("{name}.wasm"),
        Heap::Own => format!("{name}.own.wasm"),
    };
    let what = format!(
        "build: compiling `{}` as `{output}`",
        workspace.relative(program).display()
    );
    let output = outputs(workspace)?.join(output);
    let mut command = zig.command();
    command.args(OPTIONS);
    let embedded = if name == "format" { FORMATTED } else { &[] };
    for module in modules(workspace, zig, program, heap, embedded) {
        for import in module.imports {
            command.args(["--dep", import]);
        }
        command.arg(format!("-M{}={}", module.name, module.path.display()));
    }
    command.arg(format!("-femit-bin={}", output.display()));
    let mut inputs = format!("{command:?}").into_bytes();
    inputs.extend(sources);
    artefact::made(&output, &inputs, || {
        process::step(&what, || process::chatty(&mut command)).context(what.clone())
    })
}

/// The program first, as zig wants it.
fn modules(
    workspace: &Workspace,
    zig: &Zig,
    program: &Path,
    heap: Heap,
    embedded: &'static [(&str, &str)],
) -> Vec<Module> {
    let support = folder(workspace).join("support");
    let (heap, imports): (_, &[_]) = match heap {
        Heap::Sigil => ("over_sigil.zig", &["sigil"]),
        Heap::Own => ("over_own.zig", &[]),
    };
    let module = |name, path, imports: &[_]| Module {
        name,
        path,
        imports: imports.to_vec(),
    };
    let mut modules = vec![
        module("root", program.to_owned(), &["heap", "stdio"]),
        module("heap", support.join(heap), imports),
        module("stdio", support.join("stdio.zig"), &[]),
    ];
    for name in imports {
        modules.push(module(name, sdk(workspace), &[]));
    }
    for (name, path) in embedded {
        modules[0].imports.push(name);
        modules.push(module(name, zig.library().join("std").join(path), &[]));
    }
    modules
}

/// The programs' files, by name.
fn programs(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let source = if path.is_dir() {
            path.join(format!("{name}.zig"))
        } else {
            path.clone()
        };
        if source.is_file() && source.extension().is_some_and(|found| found == "zig") {
            found.insert(name.into_owned(), source);
        }
    }
    Ok(found)
}

/// Appends the names and contents of the files in a folder, and in those inside it.
fn read_all(folder: &Path, into: &mut Vec<u8>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            read_all(&path, into)?;
        } else {
            into.extend(format!("\n{}\n", path.display()).bytes());
            into.extend(fs::read(&path)?);
        }
    }
    Ok(())
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root().join("host-tests/languages/zig")
}

/// Where the compiler writes.
fn outputs(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.guest().join("zig");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn sdk(workspace: &Workspace) -> PathBuf {
    workspace.root().join("sdk/zig/src/sigil.zig")
}
