//! Every chore of the project as one verb: `cargo xtask VERB`.
//!
//! A verb that needs a tool gets it by itself (see [`setup`]), so that no verb has another one to run
//! first. Results go to stdout, everything said on the way to stderr; a step that takes longer than two
//! seconds names itself ([`process::step`]).
//!
//! | module | idea |
//! |---|---|
//! | [`setup`], [`build`], [`run`], [`mod@test`], [`smith`], [`mod@bench`], [`size`], [`ci`], [`tidy`] | the verbs |
//! | [`toolchain`] | a Rust that compiles for wasm32: three ways to it |
//! | [`c_compiler`] | a C compiler that links WASI programs: two ways to it |
//! | [`zig`], [`assembly_script`] | Zig from PyPI, AssemblyScript from npm |
//! | [`apt`] | packages of Debian and its relatives |
//! | [`conformers`], [`programs`], [`sdk_c`], [`bench_guests`], [`bench_objects`] | what `build` makes |
//! | [`languages`] | the same programs by the compiler of each language |
//! | [`artefact`] | output files: replaced in one step, measured |
//! | [`process`] | child processes, their environment and their progress |

mod apt;
mod artefact;
mod assembly_script;
mod bench;
mod bench_guests;
mod bench_objects;
mod build;
mod c_compiler;
mod ci;
mod conformers;
mod languages;
mod mutants;
mod process;
mod programs;
mod run;
mod sdk_c;
mod setup;
mod size;
mod smith;
mod test;
mod tidy;
mod toolchain;
mod workspace;
mod zig;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use workspace::Workspace;

/// Set-up, build, test: every chore of the project as one verb.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
#[command(after_help = "Examples:
  cargo xtask run expressions         build what it needs, link, run
  cargo xtask test                    build everything, run every test
  cargo xtask test -- --test programs run one test binary
  cargo xtask ci                      exactly what CI runs")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Setup(setup::Args),
    Bench(bench::Args),
    Build(build::Args),
    Run(run::Args),
    Test(test::Args),
    Ci(ci::Args),
    Mutants(mutants::Args),
    Size(size::Args),
    Smith(smith::Args),
    Tidy(tidy::Args),
}

fn main() -> ExitCode {
    let workspace = Workspace::locate();
    let outcome = match Cli::parse().verb {
        Verb::Setup(args) => setup::verb(&workspace, &args),
        Verb::Bench(args) => bench::verb(&workspace, &args),
        Verb::Build(args) => build::verb(&workspace, &args),
        Verb::Run(args) => run::verb(&workspace, &args),
        Verb::Test(args) => test::verb(&workspace, &args),
        Verb::Ci(args) => ci::verb(&workspace, &args),
        Verb::Mutants(args) => mutants::verb(&workspace, &args),
        Verb::Size(args) => size::verb(&workspace, &args),
        Verb::Smith(args) => smith::verb(&workspace, &args),
        Verb::Tidy(args) => tidy::verb(&workspace, &args),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
