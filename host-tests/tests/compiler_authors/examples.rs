//! The toy compiler's examples print what they should: as they are, and with scopes wherever scopes can be.

use std::fs;

use anyhow::{Context, Result, bail, ensure};
use sigil_host::Failure;
use sigil_toy::compile;

use crate::{Conformer, conformers, files, handwritten, root, start};

/// An example, and what it must print.
pub(crate) struct Example {
    pub(crate) name: String,
    pub(crate) source: String,
    pub(crate) output: String,
}

pub(crate) fn examples() -> Result<Vec<Example>> {
    let folder = root().join("host-tests/programs/toy/examples");
    let mut found = Vec::new();
    for path in files(&folder, "toy")? {
        let output = path.with_extension("out");
        found.push(Example {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            source: fs::read_to_string(&path)?,
            output: fs::read_to_string(&output).with_context(|| output.display().to_string())?,
        });
    }
    ensure!(found.len() >= 5, "only {} examples", found.len());
    Ok(found)
}

/// What a compiled program prints; an error where it traps.
pub(crate) fn output(wasm: &[u8], conformer: &Conformer, optimize: bool) -> Result<String> {
    // More than any example needs, so that one that never ends does end.
    let mut instance = start(wasm, conformer, optimize, Some(256))?;
    let outcome = instance.run_command();
    let text = String::from_utf8(instance.take_stdout())?;
    ensure!(outcome? == 0, "the exit status is not 0");
    Ok(text)
}

#[test]
fn every_example_prints_the_same_with_every_conformer() -> Result<()> {
    for Example {
        name,
        source,
        output: expected,
    } in examples()?
    {
        let wasm = compile(&source).with_context(|| name.clone())?;
        ensure!(
            wasm == compile(&source)?,
            "{name}: other bytes the second time"
        );
        for conformer in conformers()? {
            for optimize in [false, true] {
                let about = || format!("{name} with {}, -O {optimize}", conformer.name);
                let found = output(&wasm, &conformer, optimize).with_context(about)?;
                ensure!(found == expected, "{}: found\n{found}", about());
            }
        }
    }
    Ok(())
}

/// Scopes are about memory, and change nothing else: the same programs with each function's body in a scope.
#[test]
fn scopes_change_no_output() -> Result<()> {
    for Example {
        name,
        source,
        output: expected,
    } in examples()?
    {
        // Its 100,000 turns would be as many scopes in one another, and as many calls.
        if name == "loop" {
            continue;
        }
        let scoped = with_scopes(&source);
        ensure!(
            scoped.matches("= scope {").count() >= source.matches("\nfn ").count(),
            "{name}: too few scopes in\n{scoped}"
        );
        let wasm = compile(&scoped).with_context(|| format!("{name}:\n{scoped}"))?;
        for conformer in conformers()? {
            let about = || format!("{name} with {}", conformer.name);
            let found = output(&wasm, &conformer, false).with_context(about)?;
            ensure!(found == expected, "{}: found\n{found}", about());
        }
    }
    Ok(())
}

/// A function begins where a line begins with `fn`, and ends where the next one begins with anything but a space
/// or `}`.
fn with_scopes(source: &str) -> String {
    let mut text = String::new();
    let mut is_open = false;
    for line in source.lines() {
        let goes_on = line.starts_with([' ', '}']);
        if is_open && !goes_on {
            text += "}\n";
            is_open = false;
        }
        match line.split_once(" =") {
            Some((head, body)) if line.starts_with("fn ") => {
                text += &format!("{head} = scope {{{body}\n");
                is_open = true;
            }
            _ => text += &format!("{line}\n"),
        }
    }
    if is_open {
        text += "}\n";
    }
    text
}

/// In a function of the runtime, what is done otherwise, and the example that shows it.
pub(crate) const FAULTS: &[(&str, &str, &str, &str)] = &[
    // An old thunk keeps pointing to the value that an inner scope took with it.
    ("store", "call $remember", "drop", "lazy"),
    // So does an old reference.
    ("store", "call $remember", "drop", "mutation"),
    // A scope's value is not copied out of it.
    ("dies", "i32.eq", "drop drop i32.const 0", "closures"),
    ("dies", "i32.eq", "drop drop i32.const 0", "evaluator"),
    // What was copied is copied again: a ring has no end.
    (
        "move",
        "i32.const 7\n    i32.eq",
        "i32.const 6\n    i32.eq",
        "mutation",
    ),
    // The copies refer to the pack where it was, and not where it went.
    ("settle", "local.get 1", "global.get 2", "mutation"),
    // A thunk that was computed forgets it.
    (
        "force",
        "i32.const 13",
        "local.get 0 i32.load i32.const 1 i32.sub",
        "lazy",
    ),
];

/// A thunk that needs its own value says so, instead of going round for ever.
#[test]
fn a_thunk_that_needs_itself_is_named() -> Result<()> {
    let source = "let cell = ref(0)\nlet own = lazy (force (force cell) + 1)\n\
        print let _ = set(cell, own) in show(force own)\n";
    for conformer in conformers()? {
        let mut instance = start(&compile(source)?, &conformer, false, Some(16))?;
        let Err(Failure::Trap { backtrace, .. }) = instance.run_command() else {
            bail!("{}: no trap", conformer.name);
        };
        let names = backtrace.iter().map(|frame| frame.name.as_deref());
        let innermost = names.take(2).collect::<Vec<_>>();
        ensure!(
            innermost == [Some("forced_by_itself"), Some("force")],
            "{}: {innermost:?}",
            conformer.name
        );
    }
    Ok(())
}

/// The examples would not do if they ran as well on a runtime that is wrong.
#[test]
fn the_examples_notice_a_runtime_that_is_wrong() -> Result<()> {
    let (examples, conformer) = (examples()?, handwritten()?);
    for (function, from, to, name) in FAULTS {
        let example = examples.iter().find(|example| example.name == *name);
        let example = example.with_context(|| format!("no example `{name}`"))?;
        let text = wasmprinter::print_bytes(compile(&example.source)?)?;
        let faulty = wat::parse_str(with_fault(&text, function, from, to)?)
            .with_context(|| format!("{function}: {to}"))?;
        if let Ok(found) = output(&faulty, &conformer, false) {
            ensure!(
                found != example.output,
                "`{name}` prints the same where ${function} has `{to}` for `{from}`"
            );
        }
    }
    Ok(())
}

/// The module with one place changed, in the function called `$function`.
pub(crate) fn with_fault(text: &str, function: &str, from: &str, to: &str) -> Result<String> {
    let head = format!("(func ${function} (");
    let Some((before, rest)) = text.split_once(&head) else {
        bail!("there is no ${function}");
    };
    let (body, after) = rest.split_once("\n  )").context("a function ends")?;
    ensure!(body.contains(from), "${function} has no `{from}`:{body}");
    let body = body.replacen(from, to, 1);
    Ok(format!("{before}{head}{body}\n  ){after}"))
}
