//! The modules of `sdk/wat`: each checks itself, and each notices when its lowering is wrong.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{conformers, files, handwritten, root, start};

/// File, what is in it, and what stands there instead: a check fails, or a trap says so.
const FAULTS: &[(&str, &str, &str)] = &[
    // Never left: 100,000 texts stay.
    ("scope", "(call $exit_scope (local.get $scope)))\n", ")\n"),
    // Left, and the dead block returned.
    (
        "promote",
        "(call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))\n",
        "(call $exit_scope (local.get $scope)) (local.get $text))\n",
    ),
    // Left by both.
    (
        "promote",
        "    (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))\n",
        "    (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text)))\n    (call $exit_scope (local.get $scope)))\n",
    ),
    // The length alone.
    (
        "promote",
        "(call $size (local.get $text))))\n",
        "(i32.const 4)))\n",
    ),
    // A return that ends the inner scope only, by promotion and by exit.
    (
        "early_return",
        "(call $promote (local.get $outer)",
        "(call $promote (local.get $inner)",
    ),
    (
        "early_return",
        "(call $exit_scope (local.get $outer))",
        "(call $exit_scope (local.get $inner))",
    ),
    // From the inside out, where one call was enough: the inner one is closed already.
    (
        "early_return",
        "(call $exit_scope (local.get $outer))",
        "(call $exit_scope (local.get $outer)) (call $exit_scope (local.get $inner))",
    ),
    // What is kept is not promoted.
    (
        "loop",
        "(call $promote (local.get $scope) (local.get $text) (call $size (local.get $text)))))\n",
        "(local.get $text))\n          (call $exit_scope (local.get $scope)))\n",
    ),
    // Turns that keep nothing leave their scope open.
    (
        "loop",
        "        (else\n          (call $exit_scope (local.get $scope))))",
        "        (else))",
    ),
    // No scope on the way back.
    (
        "recursion",
        "(call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))\n",
        "(local.get $text))\n",
    ),
    // Promotes the first cell and nothing of what it points to.
    (
        "list",
        "(local.set $moved (call $promote (local.get $scope) (local.get $pack) (local.get $size)))\n    (call $settle (local.get $moved) (i32.sub (local.get $moved) (local.get $pack)))",
        "(local.set $moved (call $promote (local.get $scope) (local.get $list) (i32.const 8)))",
    ),
    // Packs, and does not settle.
    (
        "list",
        "    (call $settle (local.get $moved) (i32.sub (local.get $moved) (local.get $pack)))\n",
        "",
    ),
    // A cell made before the scope ended is the scope's.
    (
        "list",
        "        (local.set $text\n          (call $promote (local.get $scope) (local.get $text) (call $size (local.get $text))))\n",
        "        (call $exit_scope (local.get $scope))\n",
    ),
];

/// The files that are no list of imports, with their texts.
fn lowerings() -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for path in files(&root().join("sdk/wat"), "wat")? {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name != "imports" {
            found.push((name, fs::read_to_string(&path)?));
        }
    }
    Ok(found)
}

#[test]
fn every_lowering_holds_with_every_conformer() -> Result<()> {
    let lowerings = lowerings()?;
    ensure!(lowerings.len() >= 6, "only {} lowerings", lowerings.len());
    for (name, text) in lowerings {
        let wasm = wat::parse_str(&text)?;
        for conformer in conformers()? {
            for optimize in [false, true] {
                let seen = start(&wasm, &conformer, optimize, None)
                    .and_then(|mut instance| Ok(instance.call_i32("run", &[])?));
                let seen = seen.with_context(|| format!("{name} with {}", conformer.name))?;
                ensure!(
                    seen == Some(0),
                    "{name} with {}, -O {optimize}: check {seen:?} failed",
                    conformer.name
                );
            }
        }
    }
    Ok(())
}

/// Otherwise the checks would prove nothing.
#[test]
fn every_lowering_notices_its_faults() -> Result<()> {
    let conformer = handwritten()?;
    let mut without: Vec<String> = Vec::new();
    for (name, text) in lowerings()? {
        let faults: Vec<_> = FAULTS.iter().filter(|(file, ..)| *file == name).collect();
        for (_, from, to) in &faults {
            ensure!(text.contains(from), "{name} has no `{from}` any more");
            let faulty = wat::parse_str(text.replacen(from, to, 1))
                .with_context(|| format!("{name}: {to}"))?;
            let seen = start(&faulty, &conformer, false, None)?.call_i32("run", &[]);
            ensure!(
                !matches!(seen, Ok(Some(0))),
                "{name} does not notice `{to}`"
            );
        }
        if faults.is_empty() {
            without.push(name);
        }
    }
    ensure!(without.is_empty(), "no fault is known for {without:?}");
    Ok(())
}
