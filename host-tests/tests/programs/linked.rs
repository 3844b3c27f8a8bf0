//! A program linked with a conformer, and run.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use sigil_host::{Engine, Instance, Limits, Module, Wasi};
use sigil_host_tests::{linking::linked, wasm_files::file_name};

use crate::serving::{FREE, REUSING, imports, name_of};

/// The most pages that a program takes which frees what it no longer needs, on a conformer that hands it out
/// again.
const BOUNDED_PAGES: u64 = 24;

/// The program linked with the conformer, instantiated.
pub(crate) fn start(
    program: &Path,
    conformer: &Path,
    max_heap_pages: Option<u32>,
) -> Result<Instance> {
    let program_bytes = fs::read(program).with_context(|| program.display().to_string())?;
    let conformer_bytes = fs::read(conformer).with_context(|| conformer.display().to_string())?;
    let wasm = linked(
        (&file_name(program), &program_bytes),
        (&file_name(conformer), &conformer_bytes),
        false,
    )?;
    let module = Module::new(&Engine::new()?, &wasm)?;
    let limits = Limits {
        max_heap_pages,
        ..Limits::default()
    };
    Ok(Instance::new(&module, &limits, Some(Wasi::default()))?)
}

pub(crate) fn prints(program: &Path, conformer: &Path, expected: &[u8]) -> Result<()> {
    let mut instance = start(program, conformer, None)?;
    let status = instance.run_command()?;
    same_output(&mut instance, expected)?;
    ensure!(status == 0, "expected exit status 0, found {status}");
    let name = file_name(conformer);
    let is_reusing = REUSING.contains(&name_of(name.trim_end_matches(".wasm")));
    if is_reusing && imports(program)?.iter().any(|import| import == FREE) {
        let pages = instance.memory_pages();
        ensure!(
            pages <= BOUNDED_PAGES,
            "{pages} pages, where {BOUNDED_PAGES} are enough"
        );
    }
    Ok(())
}

pub(crate) fn same_output(instance: &mut Instance, expected: &[u8]) -> Result<()> {
    let found = instance.take_stdout();
    ensure!(
        found == expected,
        "expected output:\n{}\nfound:\n{}",
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(&found),
    );
    Ok(())
}
