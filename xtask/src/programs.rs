//! The test programs: `host-tests/programs/<language>`, each compiled by its own compiler.
//!
//! | source | compiler |
//! |---|---|
//! | `c/<name>.c` | clang, or zig's; headers are in `sdk/c/` too |
//! | `rust/<name>/` | cargo, package `sigil-program-<name>`; WASI is in `host-tests/wasi` |
//! | `wat/<name>.wat` | the `wat` crate |
//! | `bench/cycles.c` | the first one, twice: see [`BENCH_C`] |
//! | `debug/traps.c`, `debug/traps/` | the first two, with debug information: see [`DEBUG_C`] |
//! | `malloc/<name>.c` | as `c`, but with the C library's malloc, and debug information |
//!
//! And the test libraries, `host-tests/libraries/<name>/`: modules without a `_start`, Rust packages
//! `sigil-library-<name>`, each with the world that it is a component of in a section.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload};

use crate::{
    artefact::Artefact, c_compiler::CCompiler, conformers, conformers::PROFILE, process,
    toolchain::Toolchain, workspace::Workspace,
};

/// `__heap_base` is how `sigil link` learns where the program's data ends. The small stack is plenty, and
/// leaves the heap in the first page.
const C: &[&str] = &[
    "-std=c11",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wl,--export=__heap_base",
    "-Wl,-z,stack-size=16384",
];
const RUST: &[&str] = &["-Clink-arg=-zstack-size=16384"];

/// The forms of debug information that compilers write; each is a file in `target/programs/debug`.
const DEBUG_C: &[(&str, &[&str])] = &[
    ("c-O0", &["-O0", "-gdwarf-4"]),
    ("c-O2", &["-O2", "-gdwarf-4"]),
    ("c-O2-dwarf5", &["-O2", "-gdwarf-5"]),
];
/// What benches run, in `target/programs/bench`: name, source, options. `libc` keeps its own malloc, as the peer.
const BENCH_C: &[(&str, &str, &[&str])] = &[
    (
        "cycles-libc",
        "cycles",
        &["-O2", "-mexec-model=reactor", "-DLIBC"],
    ),
    ("cycles-pages", "cycles", &["-O2", "-mexec-model=reactor"]),
];
const DEBUG_RUST: &[&str] = &[
    "-Clink-arg=-zstack-size=16384",
    "-Cdebuginfo=2",
    "-Cstrip=none",
];

/// Builds them all, in the order of their names.
///
/// Errors: a compiler's, and two programs of one name.
pub(crate) fn build(
    workspace: &Workspace,
    rust: &Toolchain,
    c: &CCompiler,
) -> Result<Vec<Artefact>> {
    let sources = workspace.root().join("host-tests/programs");
    let mut programs = BTreeMap::new();
    let mut add = |name: String, wasm: Vec<u8>| {
        ensure!(
            !programs.contains_key(&name),
            "two programs are called `{name}`"
        );
        programs.insert(name, wasm);
        Ok(())
    };
    for (name, source) in files(&sources.join("c"), "c")? {
        let wasm = compile_c(workspace, c, &[&source], &name, &["-O2"])?;
        refuse_libc_malloc(workspace, &source, &wasm)?;
        add(name, wasm)?;
    }
    for name in conformers::packages(&sources.join("rust"))? {
        let package = format!("sigil-program-{name}");
        add(
            name,
            conformers::compile(workspace, rust, PROFILE, &package, &[], RUST)?,
        )?;
    }
    for (name, source) in files(&sources.join("wat"), "wat")? {
        add(name, wat::parse_file(&source)?)?;
    }
    for (name, source) in files(&sources.join("malloc"), "c")? {
        let name = format!("malloc/{name}");
        let wasm = compile_c(workspace, c, &[&source], &name, &["-O2", "-gdwarf-4"])?;
        ensure!(
            has_malloc(&wasm),
            "`{}` has no malloc of the C library's: there is nothing to replace",
            workspace.relative(&source).display(),
        );
        add(name, wasm)?;
    }
    let source = sources.join("debug/traps.c");
    for (name, options) in DEBUG_C {
        let wasm = compile_c(workspace, c, &[&source], name, options)?;
        add(format!("debug/{name}"), wasm)?;
    }
    for (name, source, options) in BENCH_C {
        let source = sources.join("bench").join(format!("{source}.c"));
        let wasm = compile_c(workspace, c, &[&source], name, options)?;
        add(format!("bench/{name}"), wasm)?;
    }
    let wasm = conformers::compile(
        workspace,
        rust,
        PROFILE,
        "sigil-debug-traps",
        &[],
        DEBUG_RUST,
    )?;
    add("debug/rust".to_owned(), wasm)?;
    programs
        .into_iter()
        .map(|(name, wasm)| {
            Artefact::write(workspace.programs().join(format!("{name}.wasm")), &wasm)
        })
        .collect()
}

/// Builds the libraries, in the order of their names.
pub(crate) fn libraries(workspace: &Workspace, rust: &Toolchain) -> Result<Vec<Artefact>> {
    let sources = workspace.root().join("host-tests/libraries");
    conformers::packages(&sources)?
        .into_iter()
        .map(|name| {
            let package = format!("sigil-library-{name}");
            let wasm = conformers::compile(workspace, rust, PROFILE, &package, &[], RUST)?;
            Artefact::write(workspace.libraries().join(format!("{name}.wasm")), &wasm)
        })
        .collect()
}

/// The files of one kind, by name.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == extension) {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            found.insert(name, path);
        }
    }
    Ok(found)
}

/// What the C compiler makes of `sources`, the first of which gives the step its name, and of [`C`] and `options`, where
/// these have the last word. Headers of `sdk/c` are found.
///
/// Errors: the compiler's.
pub(crate) fn compile_c(
    workspace: &Workspace,
    c: &CCompiler,
    sources: &[&Path],
    name: &str,
    options: &[&str],
) -> Result<Vec<u8>> {
    let output = workspace.guest().join("c").join(format!("{name}.wasm"));
    fs::create_dir_all(output.parent().unwrap_or(&output))?;
    let what = format!(
        "build: compiling `{}`",
        workspace.relative(sources[0]).display()
    );
    process::step(&what, || {
        let mut command = c.command();
        command
            .args(C)
            .arg("-I")
            .arg(workspace.root().join("sdk/c"))
            .args(options)
            .args(sources);
        process::chatty(command.arg("-o").arg(&output))
    })?;
    fs::read(&output).with_context(|| format!("the C compiler wrote no `{}`", output.display()))
}

/// Errors: the program has the C library's malloc in it.
pub(crate) fn refuse_libc_malloc(workspace: &Workspace, source: &Path, wasm: &[u8]) -> Result<()> {
    // wasi-libc's malloc takes all from `__heap_base` on, as the allocator does: both cannot.
    ensure!(
        !has_malloc(wasm),
        "`{}` links wasi-libc's malloc\nhelp: find the libc function that needs it in a link map \
         (`-Wl,-Map`), and do without",
        workspace.relative(source).display(),
    );
    Ok(())
}

/// Whether the C library's malloc is in a program, by the names of its functions. (Debug information may name what is not.)
pub(crate) fn has_malloc(wasm: &[u8]) -> bool {
    let sections = Parser::new(0).parse_all(wasm).flatten();
    let names = sections.filter_map(|section| match section {
        Payload::CustomSection(custom) => match custom.as_known() {
            KnownCustom::Name(names) => Some(names),
            _ => None,
        },
        _ => None,
    });
    let mut functions = names
        .flatten()
        .flatten()
        .filter_map(|subsection| match subsection {
            Name::Function(functions) => Some(functions),
            _ => None,
        });
    functions.any(|functions| {
        functions.into_iter().flatten().any(|function| {
            function.name.contains("dlmalloc") || function.name.contains("emmalloc")
        })
    })
}
