//! What is checked of `sdk/c`: its headers, and `sigil_malloc.c` under a test-suite, in `target/programs/malloc-suite`.
//!
//! | file | is |
//! |---|---|
//! | `freeing.wasm`, `never_freeing.wasm` | the suite and the malloc, the second with `SIGIL_MALLOC_NO_FREE` |
//! | `freeing.native`, `never_freeing.native` | the same over `tests/native_heap.c`, which looks at every argument |
//!
//! The second two end by a trap at the first undefined behaviour: that needs no run-time library, which compilers are often
//! installed without. A compiler that has one tells more: leave out `-fsanitize-trap`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, ensure};

use crate::{
    artefact::Artefact, c_compiler::CCompiler, process, programs::compile_c, workspace::Workspace,
};

const FORMS: &[(&str, &[&str])] = &[
    ("freeing", &["-O1"]),
    ("never_freeing", &["-O1", "-DSIGIL_MALLOC_NO_FREE"]),
];
const SOURCES: [&str; 2] = ["sdk/c/tests/malloc_suite.c", "sdk/c/sigil_malloc.c"];
const NATIVE: &[&str] = &[
    "-DNATIVE",
    "-std=c11",
    "-g",
    "-fsanitize=undefined",
    "-fsanitize-trap=undefined",
    "-include",
    "sdk/c/tests/native_names.h",
    "sdk/c/tests/native_heap.c",
];
/// Whoever includes a header has warnings of his own choice.
const WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Werror"];
const HEADERS: &str = "sdk/c/tests/headers.c";
/// The languages that the headers are in, each in its oldest form that serves.
const LANGUAGES: &[&[&str]] = &[&["-xc", "-std=c99"], &["-xc++", "-std=c++11"]];

/// Checks the headers and builds the suite: both forms, each as wasm and for this machine.
///
/// Errors: the compiler's; that there is none for this machine; and that it compiled what it must not.
pub(crate) fn build(workspace: &Workspace, c: &CCompiler) -> Result<Vec<Artefact>> {
    headers(workspace, c)?;
    let folder = workspace.programs().join("malloc-suite");
    fs::create_dir_all(&folder)?;
    let native = c.native(workspace)?;
    let sources = SOURCES.map(|source| workspace.root().join(source));
    let sources = sources.each_ref().map(PathBuf::as_path);
    let mut artefacts = Vec::new();
    for (name, form) in FORMS {
        let file = |extension| folder.join(format!("{name}.{extension}"));
        let wasm = compile_c(workspace, c, &sources, &format!("malloc-{name}"), form)?;
        artefacts.push(Artefact::write(file("wasm"), &wasm)?);
        let mut command = in_root(native.command(), workspace);
        command.args(WARNINGS).args(NATIVE).args(*form);
        compile_native(command, &file("native"))?;
    }
    Ok(artefacts)
}

/// A run of the old file, if there is one, goes on: the new one comes in its place.
fn compile_native(mut command: Command, output: &Path) -> Result<()> {
    let draft = output.with_extension("draft");
    process::step("build: compiling malloc's test-suite natively", || {
        process::chatty(command.args(SOURCES).arg("-o").arg(&draft))
    })?;
    Ok(fs::rename(draft, output)?)
}

/// The headers compile without a warning; a type that blocks are not aligned for does not.
fn headers(workspace: &Workspace, c: &CCompiler) -> Result<()> {
    let object = workspace.guest().join("c/headers.o");
    fs::create_dir_all(object.parent().unwrap_or(&object))?;
    for language in LANGUAGES {
        let command = |more: &[&str]| {
            let mut command = in_root(c.command(), workspace);
            command.args(["-c", "-o"]).arg(&object);
            command.args(WARNINGS).args(*language);
            command.args(more).arg(HEADERS);
            command
        };
        process::chatty(&mut command(&[]))?;
        let refused = process::capture(&mut command(&["-DOVER_ALIGNED"]));
        ensure!(
            refused.is_err_and(|error| format!("{error:#}").contains("SIGIL_NEW")),
            "`{HEADERS}` compiles with `-DOVER_ALIGNED`, as {}: `SIGIL_NEW` takes a type that needs more than 8",
            language.join(" ")
        );
    }
    Ok(())
}

fn in_root(mut command: Command, workspace: &Workspace) -> Command {
    command.current_dir(workspace.root()).args(["-I", "sdk/c"]);
    command
}
