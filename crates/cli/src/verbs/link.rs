//! `sigil link`: put a conformer into a program.

use crate::{conformers, input, output, report};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Examples:
  sigil link app.wasm -o app.linked.wasm
  sigil link app.wat --allocator ./mine.component.wasm -o app.linked.wasm
  sigil link app.wasm --export alloc,realloc -o lib.wasm     for a host that passes data in
  compiler app.src | sigil link - -o - | wasmtime -          as a filter";

/// Put an allocator into a program
///
/// The allocator is merged into the program, over the program's own memory; what the program does not use of it stays out. The
/// output is written whole or not at all.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Link {
    /// The program that imports `sigil:allocator/*`: a binary or WAT text, `-` for standard input
    program: PathBuf,
    /// The allocator: a name that `sigil list` knows, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "bump")]
    allocator: String,
    /// The first byte of the heap [default: the program's `__heap_base`, else the end of its initial memory]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    heap_base: Option<u32>,
    /// Allocator functions to export from the output as well
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',')]
    export: Vec<String>,
    /// Inline the allocator's fast paths, and keep its state in globals
    #[arg(short = 'O', long)]
    optimize: bool,
    /// Say on stderr what -O did: which calls were inlined where, and what it cost
    #[arg(long, requires = "optimize")]
    report: bool,
    /// Where the linked module goes, `-` for standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

impl Link {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let program = input::read(&self.program)?;
        let conformer = conformers::read(&self.allocator)?;
        let mut options = sigil_link::Options::default();
        options.heap_base = self.heap_base;
        options.exports.clone_from(&self.export);
        options.optimize = self.optimize;
        let linked = conformers::link(&program, &conformer, &options)?;
        for warning in &linked.warnings {
            report::warning(warning, json);
        }
        output::write(&self.output, &linked.wasm)?;
        if let (true, false, Some(done)) = (self.report, json, &linked.report) {
            eprintln!("{done}");
        }
        if json {
            let record = &linked.record;
            let line = json!({
                "event": "linked",
                "output": self.output,
                "bytes": linked.wasm.len(),
                "allocator": record.conformer,
                "heap_base": record.heap_base,
                "heap_end": record.heap_end,
                "report": linked.report.as_ref().filter(|_| self.report),
            });
            eprintln!("{line}");
        }
        Ok(0)
    }
}

/// An address: decimal, or hexadecimal after `0x`.
fn address(text: &str) -> Result<u32, String> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| "expected an address below 2^32, such as `4096` or `0x1000`".to_owned())
}
