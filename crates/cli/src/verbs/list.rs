//! `sigil list`: the conformers that `--allocator` takes by name.

use crate::conformers;
use clap::Args;
use serde_json::json;

const AFTER_HELP: &str = "\
Examples:
  sigil list
  sigil list --json
  SIGIL_CONFORMERS=./mine sigil list";

/// List the allocators that can be named, and where they are
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let directories = conformers::directories();
        let found = conformers::list(&directories);
        if json {
            let line = json!({ "conformers": found, "searched": directories });
            return crate::output::print(format!("{line}\n").as_bytes());
        }
        if found.is_empty() {
            eprintln!("no allocator is there, searched:");
            for directory in &directories {
                eprintln!("  {}", directory.display());
            }
            eprintln!(
                "help: build them with `cargo xtask build`, or name a directory in `SIGIL_CONFORMERS`"
            );
            return Ok(0);
        }
        let width = found.iter().map(|f| f.name.len()).max().unwrap_or(0);
        let lines: String = found
            .iter()
            .map(|f| format!("{:width$}  {}\n", f.name, f.path.display()))
            .collect();
        crate::output::print(lines.as_bytes())
    }
}
