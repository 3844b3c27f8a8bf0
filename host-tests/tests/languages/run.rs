//! One program, once.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use sigil_host::{Instance, Limits, Module, Wasi};
use sigil_host_tests::linking;

use crate::catalogue::Program;

/// How long `_start` took, and how many pages memory had at the end; it never shrinks, so that is the peak.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    pub(crate) time: Duration,
    pub(crate) pages: u64,
}

/// The program linked with the conformer.
pub(crate) fn linked(program: &Program, conformer: &[u8], optimize: bool) -> Result<Vec<u8>> {
    linking::linked(
        (&program.name, &program.unlinked),
        ("conformer", conformer),
        optimize,
    )
}

/// Runs `wasm`, one form of the program, in a fresh instance.
///
/// Errors: it traps, exits with anything but 0, or does not print what the program must.
pub(crate) fn run(program: &Program, module: &Module) -> Result<Run> {
    let wasi = Wasi::new().args(["program"]).stdin(program.input.clone());
    let mut instance = Instance::new(module, &Limits::default(), Some(wasi))?;
    let start = Instant::now();
    let status = instance.run_command()?;
    let time = start.elapsed();
    let found = instance.take_stdout();
    ensure!(
        status == 0,
        "expected exit status 0, found {status}; it printed\n{}{}",
        String::from_utf8_lossy(&found),
        String::from_utf8_lossy(&instance.take_stderr()),
    );
    same(&found, &program.output)?;
    Ok(Run {
        time,
        pages: instance.memory_pages(),
    })
}

/// Errors: names the first line that differs.
fn same(found: &[u8], expected: &[u8]) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        text.split('\n').map(str::to_owned).collect()
    };
    let (found, expected) = (lines(found), lines(expected));
    let at = found
        .iter()
        .zip(&expected)
        .position(|(a, b)| a != b)
        .unwrap_or(found.len().min(expected.len()));
    let line = |lines: &[String]| lines.get(at).cloned().unwrap_or_default();
    anyhow::bail!(
        "line {} of the output\nexpected: {:?}\n   found: {:?}",
        at + 1,
        line(&expected),
        line(&found)
    )
}
