//! `sigil link`: put a conformer into a program.

use crate::max_heap::MaxHeap;
use crate::report::Usage;
use crate::{conformers, input, output, profiles, report};
use clap::Args;
use serde_json::json;
use sigil_link::{Force, Replace};
use std::path::{Path, PathBuf};

const AFTER_HELP: &str = "\
Examples:
  sigil link app.wasm -o app.linked.wasm
  sigil link app.wat --allocator ./mine.component.wasm -o app.linked.wasm
  sigil link app.wasm --export alloc,realloc -o lib.wasm     for a host that passes data in
  sigil link app.wasm --emit component -o app.component.wasm a component, WASI preview 1 adapted
  sigil link app.component.wasm -o linked.component.wasm     into the core module of a component
  sigil link app.wasm -O --strip --max-heap=16MiB -o app.linked.wasm
  sigil link old.wasm --replace silicon -o new.wasm          in the place of its own allocator
  sigil link c.wasm --replace malloc --allocator freelist -o new.wasm
  sigil link old.wasm --replace ./mylang.toml -o new.wasm    by a profile of yours
  sigil link app.wasm --print-map -o app.linked.wasm         what lies where
  compiler app.src | sigil link - -o - | wasmtime -          as a filter";

/// Put an allocator into a program
///
/// The allocator is merged into the program, over the program's own memory; what the program does not use of it stays out. The
/// output is written whole or not at all.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Link {
    /// The program that imports `sigil:allocator/*`, or with --replace has an allocator of its own: a module or component, binary
    /// or WAT text, `-` for standard input
    program: PathBuf,
    /// The allocator: a name that `sigil list` knows, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "bump")]
    allocator: String,
    /// The first byte of the heap [default: the program's `__heap_base`, else the end of its initial memory]
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    heap_base: Option<u32>,
    /// The most that memory may ever grow to, written into the module: pages of 64 KiB (`16`), or bytes with a unit (`1MiB`)
    #[arg(long, value_name = "SIZE")]
    max_heap: Option<MaxHeap>,
    /// Allocator functions to export from the output as well
    #[arg(long, value_name = "FUNCTION", value_delimiter = ',')]
    export: Vec<String>,
    /// Inline the allocator's fast paths
    #[arg(short = 'O', long)]
    optimize: bool,
    /// Say on stderr what -O did: which calls were inlined where, and what it cost
    #[arg(long, requires = "optimize")]
    report: bool,
    /// What to write [default: what the program is]; a component has the program's world, without the allocator
    #[arg(long, value_name = "KIND", value_enum)]
    emit: Option<Emit>,
    /// Leave names, debug information and the list of producers out
    #[arg(long)]
    strip: bool,
    /// Name functions also where the program names none: by imports, exports and the contract
    #[arg(long, conflicts_with = "strip")]
    names: bool,
    /// Print what lies where: memory by address, functions with their sizes, globals (on stderr with `-o -`)
    #[arg(long)]
    print_map: bool,
    /// Take the program's own allocator out first, as this profile describes it: `silicon`, `malloc`, or a TOML file
    #[arg(long, value_name = "PROFILE|FILE")]
    replace: Option<String>,
    /// Take every read of the old bump pointer for the opening of a scope, and every write for the end of one, even where that
    /// does not fit. Risk: a scope's handle is used as an address; closing what is not open traps or frees blocks in use
    #[arg(long, requires = "replace")]
    force_save_restore: bool,
    /// Let functions that return the old bump pointer return 0, and those that set it do nothing, whoever calls them. Risk: the
    /// 0 is used as an address
    #[arg(long, requires = "replace")]
    force_heap_access: bool,
    /// Where the linked module goes, `-` for standard output
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
}

/// What `--emit` takes.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Emit {
    /// A core module
    Module,
    /// A component
    Component,
}

impl Link {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let program = input::read(&self.program)?;
        let conformer = conformers::read(&self.allocator)?;
        let mut options = sigil_link::Options::default();
        options.heap_base = self.heap_base;
        options.exports.clone_from(&self.export);
        options.optimize = self.optimize;
        options.max_pages = self.max_heap.map(|max| max.pages);
        options.emit = self.kind(&program)?;
        options.strip = self.strip;
        options.names = self.names;
        options.map = self.print_map;
        options.replace = self.replace()?;
        let linked = conformers::link(&program, &conformer, &options)?;
        for warning in &linked.warnings {
            report::warning(warning, json);
        }
        output::write(&self.output, &linked.wasm)?;
        if let (false, Some(map)) = (json, &linked.map) {
            if self.output == Path::new("-") {
                eprintln!("{map}");
            } else {
                output::print(format!("{map}\n").as_bytes())?;
            }
        }
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
                "map": linked.map,
                "replacement": linked.replacement,
            });
            eprintln!("{line}");
        }
        Ok(0)
    }

    /// What to take out of the program first.
    fn replace(&self) -> anyhow::Result<Option<Replace>> {
        let Some(value) = &self.replace else {
            return Ok(None);
        };
        let mut force = Force::default();
        force.save_restore = self.force_save_restore;
        force.heap_access = self.force_heap_access;
        let profile = profiles::read(value)?;
        Ok(Some(Replace { profile, force }))
    }

    /// What to make of the program.
    fn kind(&self, program: &input::Source) -> anyhow::Result<sigil_link::Emit> {
        match (self.emit, sigil_link::is_component(program.input())) {
            (Some(Emit::Module), true) => Err(anyhow::Error::new(Usage(format!(
                "`{}` is a component, and links to a component: leave `--emit module` away",
                program.name
            )))),
            (Some(Emit::Component), _) | (None, true) => Ok(sigil_link::Emit::Component),
            (Some(Emit::Module) | None, false) => Ok(sigil_link::Emit::Module),
        }
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
