//! `sigil inspect`: what a file has to do with allocators.

use crate::input;
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  sigil inspect app.linked.wasm          the allocator in it: name, version, functions, addresses
  sigil inspect app.wasm                 what it needs of an allocator
  sigil inspect old.wasm                 which allocator it was compiled with, and whether it can be replaced
  sigil inspect mine.component.wasm      what it offers
  sigil inspect app.linked.wasm --json   one object on stdout, for tools";

/// Say what was linked or compiled into a program, or what a program or an allocator needs and offers
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Inspect {
    /// A module or a component: a binary or WAT text, `-` for standard input
    file: PathBuf,
}

impl Inspect {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let source = input::read(&self.file)?;
        let found = sigil_link::inspect(source.input())?;
        let text = if json {
            let mut object = serde_json::to_value(&found)?;
            object["file"] = json!(source.name);
            format!("{object}\n")
        } else {
            format!("{}: {found}\n", source.name)
        };
        crate::output::print(text.as_bytes())
    }
}
