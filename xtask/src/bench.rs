//! `bench`: every allocator, one run, one report.

use std::{fs, process::ExitCode, time::Instant};

use anyhow::{Context, Result};

use crate::{
    bench_guests, c_compiler::CCompiler, conformers, process, programs, size, toolchain::Toolchain,
    workspace::Workspace,
};

/// Measure our conformers and the allocators of others side by side, inside wasm, and write a report.
#[derive(clap::Args)]
#[command(
    after_help = "The report is target/bench/report.html; what is meant to be reached and what is missed is
printed last. A run that was interrupted goes on where it stopped, as long as the modules
are the same; a run that ended starts anew.

Examples:
  cargo xtask bench                    a few rounds of everything: minutes
  cargo xtask bench --full             more rounds, then criterion on each: up to an hour
  cargo xtask bench --full --docs      and write docs/benchmarks.md anew"
)]
pub(crate) struct Args {
    /// A few rounds of everything (the default)
    #[arg(long)]
    quick: bool,
    /// More rounds, then criterion on each contestant
    #[arg(long, conflicts_with = "quick")]
    full: bool,
    /// Write docs/benchmarks.md and its pictures, too
    #[arg(long)]
    docs: bool,
    /// Forget what an interrupted run has measured
    #[arg(long)]
    fresh: bool,
}

const QUICK_ROUNDS: &str = "5";
const FULL_ROUNDS: &str = "25";

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let start = Instant::now();
    let rust = Toolchain::get(workspace)?;
    conformers::build(workspace, &rust)?;
    programs::build(workspace, &rust, &CCompiler::get(workspace)?)?;
    bench_guests::build(workspace, &rust)?;
    size::measure(workspace)?;

    let results = workspace.bench().join("results");
    let finished = results.join("finished");
    if (args.fresh || finished.is_file()) && results.is_dir() {
        fs::remove_dir_all(&results)
            .with_context(|| format!("cannot empty `{}`", results.display()))?;
    }
    fs::create_dir_all(&results)?;
    let mut links = workspace.cargo();
    links
        .args([
            "bench",
            "--quiet",
            "--locked",
            "--package=sigil-link",
            "--bench=link_speed",
        ])
        .env("LINK_CURVE", workspace.bench().join("link.json"));
    process::plain(&mut links)?;
    // All time is spent in compiled wasm: the profile of the host's side does not matter, and this one is built.
    let mut command = workspace.cargo();
    command
        .args(["bench", "--quiet", "--workspace", "--locked"])
        .args(["--profile=dev", "--bench=heaps"])
        .env("HEAPS_RESULTS", &results);
    if args.full {
        command.env("HEAPS_ROUNDS", FULL_ROUNDS);
        command.env("HEAPS_CRITERION", "1");
    } else {
        command.env("HEAPS_ROUNDS", QUICK_ROUNDS);
    }
    if args.docs {
        command.env("HEAPS_DOCS", workspace.root().join("docs"));
    }
    process::plain(&mut command)?;
    fs::write(&finished, "")?;
    eprintln!("bench: {:.0} s", start.elapsed().as_secs_f64());
    Ok(ExitCode::SUCCESS)
}
