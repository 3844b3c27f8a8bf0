//! `sdk/c/sigil_malloc.c` under the test-suite beside it: natively, over a heap that looks at every argument and with traps
//! at undefined behaviour; and as wasm with every conformer that serves it.
//!
//! What the suite demands is in `sdk/c/tests/malloc_suite.c`. Needs `target/conformers` and `target/programs/malloc-suite`;
//! `cargo xtask build` makes both.

use std::{fs, process::Command};

use anyhow::{Context, Result, ensure};
use sigil_host::{Engine, Instance, Limits, Module, Wasi};
use sigil_host_tests::{
    interfaces::lacking,
    linking,
    wasm_files::{target, wasm_files},
};

/// What each part prints.
const OUTPUT: &str = "\
sizes and alignment
calloc: zero, and no overflow
realloc: growing, shrinking, and what cannot be
aligned_alloc and posix_memalign
random calls
exhaustion
all as it should be
";
/// The end of memory, which the suite has to reach: for `pages`, which takes few small blocks back, it cannot be less.
const MAX_HEAP_PAGES: u32 = 24 * 16;

/// Errors: it ends otherwise than by exit status 0, or prints something else.
fn native(name: &str) -> Result<()> {
    let file = target("programs/malloc-suite").join(format!("{name}.native"));
    let output = Command::new(&file)
        .output()
        .with_context(|| format!("no `{}`: run `cargo xtask build`", file.display()))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success() && stdout == OUTPUT,
        "{} (a signal is undefined behaviour: look with a debugger), after\n{stdout}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
    Ok(())
}

/// Runs it with each conformer that serves it, which must be those of `served_by`; as it is and optimized.
fn linked(name: &str, served_by: &[&str]) -> Result<()> {
    let program = fs::read(target("programs/malloc-suite").join(format!("{name}.wasm")))
        .context("run `cargo xtask build`")?;
    let mut served = Vec::new();
    for (conformer, path) in wasm_files(&target("conformers"))? {
        let bytes = fs::read(path)?;
        if !lacking(&program, &bytes)?.is_empty() {
            continue;
        }
        for optimize in [false, true] {
            run(&program, &conformer, &bytes, optimize)
                .with_context(|| format!("with `{conformer}`, optimize: {optimize}"))?;
        }
        served.push(conformer);
    }
    ensure!(
        served == served_by,
        "{served:?} serve it, and the test says {served_by:?}: bring it up to date"
    );
    Ok(())
}

fn run(program: &[u8], conformer: &str, bytes: &[u8], optimize: bool) -> Result<()> {
    let wasm = linking::linked(("suite", program), (conformer, bytes), optimize)?;
    let limits = Limits {
        max_heap_pages: Some(MAX_HEAP_PAGES),
        ..Limits::default()
    };
    let module = Module::new(&Engine::new()?, &wasm)?;
    let mut instance = Instance::new(&module, &limits, Some(Wasi::default()))?;
    let status = instance.run_command()?;
    let found = instance.take_stdout();
    ensure!(
        status == 0 && found == OUTPUT.as_bytes(),
        "exit status {status}, after\n{}",
        String::from_utf8_lossy(&found)
    );
    Ok(())
}

#[test]
fn native_freeing() -> Result<()> {
    native("freeing")
}

#[test]
fn native_never_freeing() -> Result<()> {
    native("never_freeing")
}

#[test]
fn linked_freeing() -> Result<()> {
    linked(
        "freeing",
        &["freelist", "freelist.component", "pages", "pages.component"],
    )
}

#[test]
fn linked_never_freeing() -> Result<()> {
    linked(
        "never_freeing",
        &[
            "bump.component",
            "freelist",
            "freelist.component",
            "pages",
            "pages.component",
        ],
    )
}
