//! `sigil`: links, runs and lists, for people and for build scripts.
//!
//! Each verb is a file of [`verbs`], made of its arguments and a `run`. What they share is one file an idea: where bytes come from
//! ([`input`]) and go ([`output`]), how a conformer is found ([`conformers`]), how a cap is written ([`max_heap`]).
//!
//! Exit status:
//!
//! ```text
//! the program's own   `sigil run` of a program that came to its end
//! 1                   something could not be done, and stderr says what and why
//! 2                   the command line is wrong
//! 12                  the heap is exhausted: a line of JSON, then lines for people, on stderr
//! 134                 any other trap
//! ```
//!
//! Errors go to stderr and start with `error:`; with `--json`, each is one line of JSON with an `event`.

mod args;
mod conformers;
mod input;
mod max_heap;
mod output;
mod profiles;
mod report;
mod verbs;

use clap::Parser;

fn main() {
    let status = match args::Cli::try_parse() {
        Ok(cli) => cli
            .command
            .run(cli.json)
            .unwrap_or_else(|error| report::error(&error, cli.json)),
        // Options that were not understood cannot say whether `--json` is among them.
        Err(error) => report::command_line(&error, std::env::args_os().any(|arg| arg == "--json")),
    };
    std::process::exit(status);
}
