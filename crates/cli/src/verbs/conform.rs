//! `sigil conform`: holds a conformer to the contract.
//!
//! The report goes to stdout, in the format that is asked for; the exit status is 0 only where every case that applies held.

use crate::conformers;
use anyhow::Context;
use clap::Args;
use sigil_conformance::{
    Conformer, Features, cases,
    report::Format,
    suite::{self, Options},
};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

const AFTER_HELP: &str = "\
Examples:
  sigil conform mine.wasm
  sigil conform bump --filter scope/               only cases of the scope interface
  sigil conform mine.wat --filter H3               only cases that prove clause H3
  sigil conform mine.wasm --filter model/random --seed 12345
  sigil conform mine.wasm --format junit > report.xml
  sigil conform --list

Exit status: 0 all cases that apply passed; 1 it is not a conformer, or could not be read.";

/// Test whether an allocator is a conformer
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Conform {
    /// A core module or a component, as wasm or as text; or the name of an allocator from `sigil list`
    #[arg(required_unless_present = "list")]
    conformer: Option<String>,
    /// How to report: human, tap, json or junit
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Run only cases whose id contains this, or that prove the clause of this number
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// List the cases, and run none
    #[arg(long)]
    list: bool,
    /// Where random programs begin; a report prints the seed of one that failed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Hold it to these features too, with commas between, as if the file declared them
    #[arg(long, value_name = "NAMES", default_value = "", value_parser = Features::parse)]
    features: Features,
}

impl Conform {
    pub(crate) fn run(&self, json: bool) -> anyhow::Result<i32> {
        let filter = self.filter.clone();
        let options = Options {
            filter,
            seed: self.seed,
            ..Options::default()
        };
        let (false, Some(value)) = (self.list, &self.conformer) else {
            return list(&options);
        };
        let path = conformers::locate(value, &conformers::directories())?;
        let name = path.display().to_string();
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{name}`"))?;
        let report = match Conformer::read(&name, &bytes) {
            Ok(conformer) => {
                let conformer = conformer.declaring(&self.features);
                let progress = Progress::new();
                suite::run(&conformer, &options, |outcome| {
                    progress.show(outcome.case.id);
                })
            }
            Err(why) => suite::rejected(&name, why),
        };
        let format = self
            .format
            .unwrap_or(if json { Format::Json } else { Format::Human });
        crate::output::print(format.render(&report).as_bytes())?;
        Ok(i32::from(!report.passed()))
    }
}

/// Prints the cases that the filter lets pass.
fn list(options: &Options) -> anyhow::Result<i32> {
    let mut text = String::new();
    for case in cases::all().filter(|case| options.selects(case)) {
        let clauses: Vec<_> = case.clauses.iter().map(|clause| clause.number()).collect();
        let features = case.features.iter().map(|feature| feature.name());
        let needs: Vec<_> = features.chain(case.functions.iter().copied()).collect();
        let needs = match needs[..] {
            [] => String::new(),
            _ => format!(" [{}]", needs.join(",")),
        };
        let (id, clauses, about) = (case.id, clauses.join(","), case.about);
        writeln!(text, "{id:<36} {clauses:<24} {about}{needs}")?;
    }
    crate::output::print(text.as_bytes())
}

/// The case that has just been run, on one line of a terminal that is written over.
struct Progress {
    shown: bool,
}

impl Progress {
    fn new() -> Progress {
        Progress {
            shown: std::io::stderr().is_terminal(),
        }
    }

    fn show(&self, id: &str) {
        if self.shown {
            // Whether a person can see how far it has come is no reason to fail.
            let _ = write!(std::io::stderr(), "\r\x1b[2K{id}");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.show("");
    }
}
