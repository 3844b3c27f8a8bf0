//! `sigil completions`: a script that teaches a shell the command line.

use crate::args::Cli;
use clap::{Args, CommandFactory};
use clap_complete::Shell;

const AFTER_HELP: &str = "\
Examples:
  sigil completions bash > ~/.local/share/bash-completion/completions/sigil
  sigil completions zsh > \"${fpath[1]}/_sigil\"
  sigil completions fish > ~/.config/fish/completions/sigil.fish";

/// Print completions for a shell
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> anyhow::Result<i32> {
        // Into a buffer first: the generator panics where it cannot write, and a closed pipe is no reason to.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "sigil", &mut script);
        crate::output::print(&script)
    }
}
