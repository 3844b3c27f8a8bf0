//! C's programs: over `sdk/c`, and over wasi-libc's malloc.
//!
//! `lines` takes scopes from `sigil.h`; the others are plain C, for which `sigil_malloc.c` is in the place of the C library's
//! malloc. Beside `<program>.c` there is [`lua`], which nobody here wrote.

mod lua;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use super::Program;
use crate::{
    c_compiler::CCompiler,
    programs::{compile_c, files, has_malloc, refuse_libc_malloc},
    workspace::Workspace,
};

/// Programs that are recursive, with inputs of their own choice.
const OPTIONS: &[&str] = &["-O2", "-Wl,-z,stack-size=1048576"];
const OWN: &str = "-DOWN";

/// Errors: the compiler's; that a program has both mallocs, or none that is its own.
pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let c = CCompiler::get(workspace)?;
    let folder = workspace.root().join("host-tests/languages/c");
    let mut programs = Vec::new();
    for (name, source) in files(&folder, "c")? {
        programs.push(program(workspace, &c, name, &[source], &[])?);
    }
    programs.push(lua::build(workspace, &c, &folder.join("lua"))?);
    Ok(programs)
}

/// A program of `sources`, the first of which is its own.
fn program(
    workspace: &Workspace,
    c: &CCompiler,
    name: String,
    sources: &[PathBuf],
    options: &[&str],
) -> Result<Program> {
    let malloc = workspace.root().join("sdk/c/sigil_malloc.c");
    let compile = |own: bool| {
        let mut inputs: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
        let mut options = [OPTIONS, options].concat();
        let mut output = format!("languages/{name}");
        if own {
            options.push(OWN);
            output += ".own";
        } else {
            inputs.push(&malloc);
        }
        compile_c(workspace, c, &inputs, &output, &options)
    };
    let (unlinked, own) = (compile(false)?, compile(true)?);
    refuse_libc_malloc(workspace, &sources[0], &unlinked)?;
    ensure!(
        has_malloc(&own),
        "`{}` has no malloc of the C library's to compare with",
        workspace.relative(&sources[0]).display()
    );
    Ok(Program {
        name,
        unlinked,
        own,
    })
}
