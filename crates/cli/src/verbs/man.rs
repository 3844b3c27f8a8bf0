//! `sigil man`: the manual, a page for the whole and one for each verb.

use crate::args::Cli;
use crate::report::Usage;
use clap::{Args, CommandFactory};

const AFTER_HELP: &str = "\
Examples:
  sigil man | man -l -                                       read it
  sigil man > /usr/local/share/man/man1/sigil.1              install it
  sigil man link > /usr/local/share/man/man1/sigil-link.1    the page of a verb";

/// Print the manual in man's format
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Man {
    /// The page of this verb, instead of that of the whole
    verb: Option<String>,
}

impl Man {
    pub(crate) fn run(&self) -> anyhow::Result<i32> {
        let mut cli = Cli::command().disable_help_subcommand(true);
        // Names the verbs' pages: `sigil-link`.
        cli.build();
        let command = match &self.verb {
            None => cli,
            Some(verb) => {
                let names: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
                let names = names.join("`, `");
                cli.find_subcommand(verb)
                    .ok_or_else(|| Usage(format!("no verb `{verb}`; there are `{names}`")))?
                    .clone()
            }
        };
        // Into a buffer first: a pager that is closed early is no error.
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        crate::output::print(&page)
    }
}
