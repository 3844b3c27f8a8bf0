//! AssemblyScript's runtimes, as conformers: the bench links them into its driver as it does ours.
//!
//! The compiler comes from npm, and is put under `target/setup` alone. It writes no relocatable module, so the heap's
//! address is fixed when the runtime is compiled: the end of the driver's memory.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, ensure};

use crate::{apt, process, workspace::Workspace};

const PACKAGE: &str = "assemblyscript";
const VERSION: &str = "0.28.20";

/// What the compiler calls the functions, and what the contract does.
const NAMES: &[(&str, &str)] = &[
    ("alloc", "sigil:allocator/core@0.1.0#alloc"),
    ("realloc", "sigil:allocator/core@0.1.0#realloc"),
    ("free", "sigil:allocator-ext/sized@0.1.0#free"),
];

/// A compiler that runs.
pub(crate) struct AssemblyScript {
    compiler: PathBuf,
}

impl AssemblyScript {
    /// Finds it, or gets it.
    ///
    /// Errors: npm's.
    pub(crate) fn get(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.setup().join("assemblyscript");
        let found = Self {
            compiler: folder.join("node_modules/.bin/asc"),
        };
        // Another one may be there, from before the version was raised.
        if found.version().is_ok_and(|version| version == VERSION) {
            return Ok(found);
        }
        fs::create_dir_all(&folder)?;
        let package = format!("{PACKAGE}@{VERSION}");
        eprintln!("setup: trying npm install {package}");
        let mut npm = npm()?;
        npm.args(["install", "--silent", "--no-save", "--prefix"]);
        process::capture(npm.arg(&folder).arg(&package))?;
        eprintln!(
            "setup: installed {package} under `{}` (npm)",
            workspace.relative(&folder).display()
        );
        let version = found.version()?;
        ensure!(
            version == VERSION,
            "npm installed {PACKAGE} {version}, not {VERSION}, under `{}`: remove that folder",
            workspace.relative(&folder).display()
        );
        Ok(found)
    }

    /// The version that it says it is.
    ///
    /// Errors: it does not run.
    pub(crate) fn version(&self) -> Result<String> {
        let version = process::capture(self.command().arg("--version"))?;
        Ok(version.trim_start_matches("Version ").to_owned())
    }

    /// The compiler, to be told what to do.
    pub(crate) fn command(&self) -> Command {
        Command::new(&self.compiler)
    }

    /// A runtime by its name, with its heap from `heap_base` on.
    ///
    /// Errors: the compiler's, and a runtime that is not made as expected.
    pub(crate) fn conformer(
        &self,
        workspace: &Workspace,
        runtime: &str,
        heap_base: u32,
        level: &str,
    ) -> Result<Vec<u8>> {
        let folder = workspace.guest().join("peers");
        fs::create_dir_all(&folder)?;
        let text = folder.join(format!("as-{runtime}.wat"));
        let mut compiler = self.command();
        compiler
            .arg(workspace.root().join("host-tests/benches/peers/heap.ts"))
            .args(["--runtime", runtime, "--importMemory", "--noAssert", level])
            .args(["--use", "abort=", "--memoryBase", &heap_base.to_string()])
            .arg("--textFile")
            .arg(&text);
        process::capture(&mut compiler)?;
        let mut wat = without_start(fs::read_to_string(&text)?)?;
        for (name, contract) in NAMES {
            let export = format!("(export \"{name}\" (func");
            ensure!(wat.contains(&export), "AssemblyScript exports no `{name}`");
            wat = wat.replace(&export, &format!("(export \"{contract}\" (func"));
        }
        Ok(wat::parse_str(wat)?)
    }
}

/// `npm`, which is installed where it is missing.
///
/// Errors: apt's.
pub(crate) fn npm() -> Result<Command> {
    apt::provide(Command::new("npm").arg("--version"), &["nodejs", "npm"])?;
    Ok(Command::new("npm"))
}

/// The module with what its start function does, storing a constant into a global, as the global's initial value: a
/// conformer has no start function.
fn without_start(wat: String) -> Result<String> {
    const CALL: &str = "\n (start $~start)";
    const FUNCTION: &str = "\n (func $~start\n  i32.const ";
    const STORE: &str = "\n  global.set ";
    if !wat.contains(CALL) {
        return Ok(wat);
    }
    let (before, function) = wat
        .split_once(FUNCTION)
        .context("AssemblyScript's start function does something else")?;
    let (value, rest) = function.split_once(STORE).context("it stores nothing")?;
    let (global, rest) = rest.split_once("\n )").context("it does more")?;
    let declared = format!("(global {global} (mut i32) (i32.const 0))");
    ensure!(
        before.contains(&declared),
        "AssemblyScript's start function stores into `{global}`, which is not 0 before"
    );
    let initial = format!("(global {global} (mut i32) (i32.const {value}))");
    Ok(format!("{before}{rest}")
        .replace(&declared, &initial)
        .replace(CALL, ""))
}

#[cfg(test)]
mod tests {
    use super::without_start;

    #[test]
    fn a_start_function_becomes_an_initial_value() {
        let wat = "(module\n (global $g (mut i32) (i32.const 0))\n (start $~start)\n (func $~start\n  i32.const 5\n  \
                   global.set $g\n )\n (func $f)\n)";
        let expected = "(module\n (global $g (mut i32) (i32.const 5))\n (func $f)\n)";
        assert_eq!(without_start(wat.to_owned()).unwrap(), expected);
    }

    #[test]
    fn a_start_function_that_does_more_is_refused() {
        let wat = "(module\n (start $~start)\n (func $~start\n  call $f\n )\n (func $f)\n)";
        assert!(without_start(wat.to_owned()).is_err());
    }
}
