//! Every program of `host-tests/languages`, over the allocator that its language brings, and linked with every conformer
//! that serves it: the output is the same, to the byte.
//!
//! Which conformers serve a program follows from what it imports and they export; that every language has its programs, that
//! those that free nothing run on every conformer, and all of them on one, is checked. With `LANGUAGES_TABLE` in the environment, what each costs
//! is printed besides. Needs `target/conformers` and `target/languages`; `cargo xtask test` builds them.

mod catalogue;
mod run;
mod table;

use std::{collections::BTreeMap, env, process::ExitCode, sync::Arc};

use anyhow::{Context, Result, bail, ensure};
use catalogue::{FOR_EVERY_PROGRAM, Program};
use libtest_mimic::{Arguments, Failed, Trial};
use sigil_host::{Engine, Module};
use sigil_host_tests::interfaces::{imports, lacking};

fn main() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let programs = catalogue::programs()?;
    let conformers = catalogue::conformers()?;
    let outcome = libtest_mimic::run(&arguments, trials(&programs, &conformers)?);
    if outcome.has_failed() {
        return Ok(outcome.exit_code());
    }
    if env::var_os("LANGUAGES_TABLE").is_some() {
        table::print(&programs, &conformers)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn trials(programs: &[Program], conformers: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for program in programs {
        let title = program.title();
        let program = Arc::new(program.clone());
        trials.push(trial(format!("{title}::own"), {
            let program = Arc::clone(&program);
            move || own(&program)
        }));
        for (name, conformer) in conformers {
            let (program, conformer) = (Arc::clone(&program), conformer.clone());
            let is_for_all = program.is_for_every_conformer() || name == FOR_EVERY_PROGRAM;
            let missing = lacking(&program.unlinked, &conformer)?;
            trials.push(if missing.is_empty() {
                trial(format!("{title}::{name}"), move || {
                    served(&program, &conformer)
                })
            } else if is_for_all {
                trial(format!("{title}::{name}"), move || {
                    bail!("the program imports {missing:?}, which the conformer does not export")
                })
            } else {
                trial(format!("{title}::{name}::refused"), move || {
                    refused(&program, &conformer, &missing)
                })
            });
        }
    }
    Ok(trials)
}

fn trial(name: String, check: impl FnOnce() -> Result<()> + Send + 'static) -> Trial {
    Trial::test(name, move || {
        check().map_err(|error| Failed::from(format!("{error:?}")))
    })
}

/// The peer is what it says: it has nothing of ours.
fn own(program: &Program) -> Result<()> {
    let ours = imports(&program.own)?;
    ensure!(ours.is_empty(), "it imports {ours:?}");
    run::run(program, &Module::new(&Engine::new()?, &program.own)?)?;
    Ok(())
}

fn served(program: &Program, conformer: &[u8]) -> Result<()> {
    let engine = Engine::new()?;
    ensure!(
        !imports(&program.unlinked)?.is_empty(),
        "it imports no allocator: there is nothing to link"
    );
    for optimize in [false, true] {
        let wasm = run::linked(program, conformer, optimize)?;
        let left = imports(&wasm)?;
        ensure!(left.is_empty(), "{left:?} is left");
        run::run(program, &Module::new(&engine, &wasm)?)
            .with_context(|| format!("with optimize: {optimize}"))?;
    }
    Ok(())
}

fn refused(program: &Program, conformer: &[u8], missing: &[String]) -> Result<()> {
    let Err(error) = run::linked(program, conformer, false) else {
        bail!("it links without {missing:?}");
    };
    let message = error.to_string();
    for import in missing {
        let function = import.split('#').nth(1).unwrap_or_default();
        ensure!(
            message.contains(function),
            "no `{function}` in the refusal: {message}"
        );
    }
    Ok(())
}
