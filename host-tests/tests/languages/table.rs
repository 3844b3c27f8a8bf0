//! The table of `cargo xtask test --languages`: what each conformer costs a program, beside the allocator that its
//! language brings.

use std::{collections::BTreeMap, io::IsTerminal};

use anyhow::Result;
use sigil_host::{Engine, Module};
use sigil_host_tests::interfaces::lacking;

use crate::{
    catalogue::Program,
    run::{Run, linked, run},
};

/// How often each form of a program runs, in turns.
const ROUNDS: usize = 5;

/// A form of a program: over the language's allocator, or linked.
struct Form {
    name: String,
    module: Module,
    runs: Vec<Run>,
}

impl Form {
    fn new(engine: &Engine, name: &str, wasm: &[u8]) -> Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            module: Module::new(engine, wasm)?,
            runs: Vec::new(),
        })
    }

    /// In milliseconds; by rounds.
    fn times(&self) -> impl Iterator<Item = f64> + '_ {
        self.runs.iter().map(|run| run.time.as_secs_f64() * 1e3)
    }
}

/// Runs everything, and prints the table as it grows.
///
/// Errors: as [`run`]'s; the tests have run all of it before.
pub(crate) fn print(programs: &[Program], conformers: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let engine = Engine::new()?;
    println!(
        "\nEach program linked with -O, beside the same source over the allocator that its language brings (`own`).\n\
         Medians of {ROUNDS} runs in turns; pages of 64 KiB, all of memory at the end.\n"
    );
    println!(
        "{:<16} {:<16} {:<12} {:<16} {:>6} {:>9} {:>8}",
        "language", "program", "allocator", "output", "pages", "ms", "of own"
    );
    for program in programs {
        if std::io::stderr().is_terminal() {
            eprint!("{}\r", program.title());
        }
        let mut forms = vec![Form::new(&engine, "own", &program.own)?];
        let mut refused = Vec::new();
        for (name, conformer) in conformers {
            match lacking(&program.unlinked, conformer)?.first() {
                None => forms.push(Form::new(
                    &engine,
                    name,
                    &linked(program, conformer, true)?,
                )?),
                Some(function) => refused.push((name, function.clone())),
            }
        }
        for _ in 0..ROUNDS {
            for form in &mut forms {
                form.runs.push(run(program, &form.module)?);
            }
        }
        let line = |allocator: &str, rest: &str| {
            let Program { language, name, .. } = program;
            println!("{language:<16} {name:<16} {allocator:<12} {rest}");
        };
        for form in &forms {
            let ratios = form.times().zip(forms[0].times()).map(|(a, b)| a / b);
            line(
                &form.name,
                &format!(
                    "{:<16} {:>6} {:>9.2} {:>8.2}",
                    "equal",
                    form.runs[0].pages,
                    median(form.times()),
                    median(ratios)
                ),
            );
        }
        for (name, function) in refused {
            let function = function.split('#').nth(1).unwrap_or(&function);
            line(name, &format!("no `{function}`"));
        }
    }
    Ok(())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
