//! `build`: conformers, test programs and test libraries.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    artefact::Artefact, bench_guests, c_compiler::CCompiler, conformers, languages, programs,
    sdk_c, toolchain::Toolchain, workspace::Workspace,
};

/// Build the conformers (target/conformers), the test programs (target/programs) and libraries (target/libraries).
#[derive(clap::Args)]
#[command(
    after_help = "Prints one line per file: its size, its size without custom sections (names,
relocations), and its code section's. Files that did not change are left alone.

Examples:
  cargo xtask build
  cargo xtask build --conformers     no C compiler needed
  cargo xtask build --languages      each language's programs (target/languages), by its own compiler
  cargo xtask build --bench-guests   what `cargo bench --bench heaps` compares with (target/bench/guests)"
)]
pub(crate) struct Args {
    /// Build the conformers only
    #[arg(long)]
    conformers: bool,
    /// Build the conformers, and the programs of each language
    #[arg(long, conflicts_with = "conformers")]
    languages: bool,
    /// Build the conformers, and the workloads of the benches over each allocator
    #[arg(long, conflicts_with_all = ["conformers", "languages"])]
    bench_guests: bool,
}

pub(crate) fn verb(workspace: &Workspace, args: &Args) -> Result<ExitCode> {
    let artefacts = if args.conformers {
        conformers::build(workspace, &Toolchain::get(workspace)?)?
    } else if args.languages {
        languages(workspace)?
    } else if args.bench_guests {
        let rust = Toolchain::get(workspace)?;
        let mut artefacts = conformers::build(workspace, &rust)?;
        artefacts.extend(bench_guests::build(workspace, &rust)?);
        artefacts
    } else {
        all(workspace)?
    };
    for artefact in artefacts {
        println!("{}", artefact.line(workspace.root()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Conformers, and the programs of each language.
pub(crate) fn languages(workspace: &Workspace) -> Result<Vec<Artefact>> {
    let mut artefacts = conformers::build(workspace, &Toolchain::get(workspace)?)?;
    artefacts.extend(languages::build(workspace)?);
    Ok(artefacts)
}

/// Conformers, programs, libraries and what counts instructions, with the tools for them.
pub(crate) fn all(workspace: &Workspace) -> Result<Vec<Artefact>> {
    let rust = Toolchain::get(workspace)?;
    let c = CCompiler::get(workspace)?;
    let mut artefacts = conformers::build(workspace, &rust)?;
    artefacts.extend(programs::build(workspace, &rust, &c)?);
    artefacts.extend(sdk_c::build(workspace, &c)?);
    artefacts.extend(programs::libraries(workspace, &rust)?);
    artefacts.extend(bench_guests::counted(workspace, &rust)?);
    Ok(artefacts)
}
