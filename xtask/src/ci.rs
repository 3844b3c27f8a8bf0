//! `ci`: exactly what CI runs, timed by section.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use crate::{
    bench_guests, conformers, languages, process, size, test, tidy, toolchain::Toolchain,
    workspace::Workspace,
};

/// Run all that CI runs: tidy, format, clippy (host and guests), docs, sizes, tests.
///
/// Goes on after a failure, so that one run shows all of them. Ends with a table.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask ci
  cargo xtask ci --only format --only clippy")]
pub(crate) struct Args {
    /// Run this section alone (repeatable): tidy, format, clippy, guests, docs, sizes, test
    #[arg(long, value_name = "SECTION")]
    only: Vec<String>,
}

type Check = fn(&Workspace) -> Result<()>;

const SECTIONS: &[(&str, Check)] = &[
    ("tidy", tidy::check),
    ("format", format),
    ("clippy", clippy),
    ("guests", clippy_guests),
    ("docs", docs),
    ("sizes", size::check),
    ("test", |workspace| test::all(workspace, &[])),
];

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
    if let Some(name) = args
        .only
        .iter()
        .find(|only| !names.contains(&only.as_str()))
    {
        bail!("no section `{name}`: there are {}", names.join(", "));
    }
    let mut table: Vec<(&str, Duration, Result<()>)> = Vec::new();
    for (name, check) in SECTIONS {
        if !args.only.is_empty() && !args.only.iter().any(|only| only == name) {
            continue;
        }
        eprintln!("ci: {name}");
        let start = Instant::now();
        let outcome = check(workspace);
        if let Err(error) = &outcome {
            eprintln!("error: {name}: {error:#}");
        }
        table.push((name, start.elapsed(), outcome));
    }
    let mut failed = false;
    eprintln!();
    for (name, time, outcome) in table {
        failed |= outcome.is_err();
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        eprintln!("ci: {name:<8} {:>7.1} s  {verdict}", time.as_secs_f64());
    }
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn format(workspace: &Workspace) -> Result<()> {
    component(workspace, "fmt", "rustfmt")?;
    process::plain(workspace.cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(workspace: &Workspace) -> Result<()> {
    component(workspace, "clippy", "clippy")?;
    let mut command = workspace.cargo();
    command.args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-Dwarnings",
    ]);
    process::chatty(&mut command)
}

/// On wasm32 the guests have other code than on the host. Clippy must be of the guests' compiler.
fn clippy_guests(workspace: &Workspace) -> Result<()> {
    let rust = Toolchain::get(workspace)?;
    if !rust.rustc.with_file_name("cargo-clippy").is_file() {
        eprintln!(
            "ci: guests are NOT linted: {} has no clippy of its own beside it",
            rust.describe()
        );
        return Ok(());
    }
    let mut command = rust.cargo(workspace);
    command
        .args(["clippy", "--profile=conformer"])
        .args(rust.options(workspace));
    for package in guests(workspace)? {
        command.args(["--package", &package]);
    }
    process::chatty(command.args(["--", "-Dwarnings"]))?;
    // The languages' programs are others with the allocator that Rust brings.
    let mut command = rust.cargo(workspace);
    command
        .args(["clippy", "--quiet", "--profile=conformer"])
        .args(rust.options(workspace))
        .args(languages::rust::OWN);
    for name in languages::rust::names(workspace)? {
        command.args(["--package", &languages::rust::package(&name)]);
    }
    process::chatty(command.args(["--", "-Dwarnings"]))?;
    // The driver of the benches is another program with each allocator.
    for features in bench_guests::feature_sets() {
        let mut command = rust.cargo(workspace);
        command
            .args(["clippy", "--quiet", "--profile=conformer"])
            .args(rust.options(workspace))
            .args(["--package", bench_guests::PACKAGE, "--features", &features])
            .args(["--", "-Dwarnings"]);
        process::chatty(&mut command)?;
    }
    Ok(())
}

/// The packages that run as wasm.
fn guests(workspace: &Workspace) -> Result<Vec<String>> {
    let programs = conformers::packages(&workspace.root().join("host-tests/programs/rust"))?;
    let programs = programs
        .into_iter()
        .map(|name| format!("sigil-program-{name}"));
    let libraries = conformers::packages(&workspace.root().join("host-tests/libraries"))?;
    let libraries = libraries
        .into_iter()
        .map(|name| format!("sigil-library-{name}"));
    let languages = languages::rust::names(workspace)?;
    let languages = languages.iter().map(|name| languages::rust::package(name));
    let conformers = conformers::names(workspace)?;
    Ok(conformers
        .into_iter()
        .map(|name| format!("sigil-{name}"))
        .chain(programs)
        .chain(libraries)
        .chain(languages)
        .chain(["sigil-alloc", "sigil-test-wasi"].map(str::to_owned))
        .collect())
}

fn docs(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command
        .args(["doc", "--workspace", "--no-deps", "--locked"])
        .env("RUSTDOCFLAGS", "-Dwarnings");
    process::chatty(&mut command)
}

/// Sees to it that `cargo <verb>` exists: rustup's minimal profile leaves it out.
fn component(workspace: &Workspace, verb: &str, component: &str) -> Result<()> {
    if process::capture(workspace.cargo().args([verb, "--version"])).is_ok() {
        return Ok(());
    }
    eprintln!("setup: trying `rustup component add {component}`");
    process::chatty(Command::new("rustup").args(["component", "add", component]))
}
