//! `size`: bytes of code that an allocator costs, against the committed table.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use sigil_abi::{BULK, CORE, Interface, SCOPE, SIZED, STATS};
use sigil_link::{Input, Options, link};

use crate::{
    artefact::{self, Size},
    bench_guests, conformers,
    toolchain::Toolchain,
    workspace::Workspace,
};

/// Measure what each allocator adds to a module, as a user ships it: ours and those of others.
#[derive(clap::Args)]
#[command(
    after_help = "Bytes of the code section, and of the module without custom sections, of a module
that has nothing but the allocator and exports the functions that are named. The table goes to
target/bench/sizes.txt.

Examples:
  cargo xtask size
  cargo xtask size --check     hold it against host-tests/benches/sizes.txt, within 3%
  cargo xtask size --bless     write that table anew"
)]
pub(crate) struct Args {
    /// Fail where a line differs by more than 3% from the committed table's
    #[arg(long)]
    check: bool,
    /// Write the committed table anew
    #[arg(long, conflicts_with = "check")]
    bless: bool,
}

/// By how many percent a line may differ: as much as another compiler makes of the same source.
const SLACK_PERCENT: usize = 3;

/// What is linked of ours: conformer, what to call it, interfaces.
const OURS: &[(&str, &str, &[&Interface])] = &[
    ("bump", "core+scope", &[&CORE, &SCOPE]),
    ("freelist", "core+scope", &[&CORE, &SCOPE]),
    ("freelist", "core+scope+sized", &[&CORE, &SCOPE, &SIZED]),
    (
        "freelist",
        "everything",
        &[&CORE, &SCOPE, &BULK, &SIZED, &STATS],
    ),
];

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let table = build_and_measure(workspace)?;
    print!("{table}");
    if args.bless {
        artefact::replace(&committed(workspace), table.as_bytes())?;
    }
    if args.check {
        compare(workspace, &table)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What CI runs.
///
/// Errors: each line that differs too much from the committed table's.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    compare(workspace, &build_and_measure(workspace)?)
}

fn build_and_measure(workspace: &Workspace) -> Result<String> {
    let rust = Toolchain::get(workspace)?;
    conformers::build(workspace, &rust)?;
    bench_guests::alone(workspace, &rust)?;
    measure(workspace)
}

/// Measures what is built, and leaves the table in `target/bench/sizes.txt`.
pub(crate) fn measure(workspace: &Workspace) -> Result<String> {
    let mut table = "allocator                    code  module\n".to_owned();
    for (conformer, what, interfaces) in OURS {
        let functions = interfaces.iter().flat_map(|interface| interface.functions);
        let functions: Vec<_> = functions.map(|function| function.name).collect();
        let size = Size::of(&alone(workspace, conformer, &functions)?)?;
        table += &line(&format!("{conformer}:{what}"), &size);
    }
    let peers = bench_guests::PEERS.iter().map(ToString::to_string);
    let runtimes = bench_guests::RUNTIMES
        .iter()
        .map(|name| format!("as-{name}"));
    for name in peers.chain(runtimes) {
        let path = bench_guests::path(workspace, &format!("{name}.alone"));
        let wasm = fs::read(&path).with_context(|| format!("no `{}`", path.display()))?;
        table += &line(&name, &Size::of(&wasm)?);
    }
    artefact::replace(&workspace.bench().join("sizes.txt"), table.as_bytes())?;
    Ok(table)
}

fn line(name: &str, size: &Size) -> String {
    format!("{name:<26} {:>6}  {:>6}\n", size.code, size.stripped)
}

fn committed(workspace: &Workspace) -> PathBuf {
    workspace.root().join("host-tests/benches/sizes.txt")
}

/// The conformer in a module of its own, which exports `functions`.
fn alone(workspace: &Workspace, conformer: &str, functions: &[&str]) -> Result<Vec<u8>> {
    let path = workspace.conformers().join(format!("{conformer}.wasm"));
    let bytes = fs::read(&path).with_context(|| format!("no `{}`", path.display()))?;
    let shell = wat::parse_str("(module (memory 1))")?;
    let mut options = Options::default();
    options.heap_base = Some(1024);
    options.strip = true;
    options.exports = functions.iter().map(ToString::to_string).collect();
    let program = Input {
        name: "shell",
        bytes: &shell,
    };
    let conformer = Input {
        name: conformer,
        bytes: &bytes,
    };
    Ok(link(program, conformer, &options)?.wasm)
}

/// Errors: each line that differs too much, or is in one table alone.
fn compare(workspace: &Workspace, found: &str) -> Result<()> {
    let path = committed(workspace);
    let expected = fs::read_to_string(&path)
        .with_context(|| format!("no `{}`", workspace.relative(&path).display()))?;
    let wrong = differences(&expected, found);
    if !wrong.is_empty() {
        bail!(
            "sizes differ from `{}`:\n  {}\nhelp: where that is meant, `cargo xtask size --bless`",
            workspace.relative(&path).display(),
            wrong.join("\n  ")
        );
    }
    Ok(())
}

fn differences(expected: &str, found: &str) -> Vec<String> {
    let (expected, found) = (lines(expected), lines(found));
    let mut wrong = Vec::new();
    for (name, old) in &expected {
        match found.iter().find(|(other, _)| other == name) {
            None => wrong.push(format!("`{name}` is no longer measured")),
            Some((_, new)) if old.abs_diff(*new) * 100 > old * SLACK_PERCENT => {
                wrong.push(format!("`{name}`: {old} bytes of code, now {new}"));
            }
            Some(_) => {}
        }
    }
    for (name, _) in &found {
        if !expected.iter().any(|(other, _)| other == name) {
            wrong.push(format!("`{name}` is new"));
        }
    }
    wrong
}

/// Names and bytes of code, without the heading.
fn lines(table: &str) -> Vec<(&str, usize)> {
    let line = |line: &'_ str| -> Option<(usize, usize)> {
        let name = line.split_whitespace().next()?.len();
        let code = line.split_whitespace().nth(1)?.parse().ok()?;
        Some((name, code))
    };
    table
        .lines()
        .filter_map(|text| line(text).map(|(name, code)| (&text[..name], code)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::differences;

    #[test]
    fn three_percent_are_within_the_slack_both_ways() {
        let old = "allocator code module\na 1000 1100\nb 1000 1100\n";
        assert!(differences(old, "a 1030 0\nb 970 0\n").is_empty());
        assert_eq!(differences(old, "a 1031 0\nb 969 0\n").len(), 2);
    }

    #[test]
    fn a_line_in_one_table_alone_is_a_difference() {
        assert_eq!(differences("a 1 1\n", "b 1 1\n").len(), 2);
    }
}
