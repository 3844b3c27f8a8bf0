//! The command line as a whole; each verb's own arguments are with the verb.

use crate::verbs;
use clap::{Parser, Subcommand};

const AFTER_HELP: &str = "\
Examples:
  sigil link app.wasm -o app.linked.wasm     put the bump allocator into a compiled program
  sigil run --max-heap=1MiB app.wasm         link in memory and run, with at most 16 pages
  sigil inspect app.linked.wasm              what was linked into it, and where
  sigil conform mine.wasm                    prove that an allocator keeps the contract
  sigil list                                 the allocators that can be named

Exit status: the program's own; 1 error; 2 wrong command line; 12 heap exhausted; 134 trap.";

/// Links, runs and checks programs that use sigil:allocator.
#[derive(Parser)]
#[command(name = "sigil", version, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Report on stderr in lines of JSON, for tools
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Link(verbs::link::Link),
    Run(verbs::run::Run),
    Inspect(verbs::inspect::Inspect),
    Conform(verbs::conform::Conform),
    List(verbs::list::List),
    Completions(verbs::completions::Completions),
}

impl Command {
    /// Runs the verb and returns the exit status.
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        match self {
            Command::Link(verb) => verb.run(json),
            Command::Run(verb) => verb.run(json),
            Command::Inspect(verb) => verb.run(json),
            Command::Conform(verb) => verb.run(json),
            Command::List(verb) => verb.run(json),
            Command::Completions(verb) => verb.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
