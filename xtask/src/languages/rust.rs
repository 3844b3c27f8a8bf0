//! Rust's programs: the packages `sigil-language-<program>` in `host-tests/languages/rust/`.
//!
//! Compiled for speed, as they are timed. The allocator that Rust brings is the crate `dlmalloc`, which its standard library has on wasm: the feature `own`.

use anyhow::Result;

use super::Program;
use crate::{bench_guests::PROFILE, conformers, toolchain::Toolchain, workspace::Workspace};

/// Recursion in data takes stack.
const LINK: &[&str] = &["-Clink-arg=-zstack-size=131072"];

/// The options of cargo for the other allocator.
pub(crate) const OWN: &[&str] = &["--no-default-features", "--features=own"];

pub(crate) fn build(workspace: &Workspace) -> Result<Vec<Program>> {
    let rust = Toolchain::get(workspace)?;
    let program = |name: String| {
        let package = package(&name);
        let compile =
            |features| conformers::compile(workspace, &rust, PROFILE, &package, features, LINK);
        Ok(Program {
            unlinked: compile(&[])?,
            own: compile(OWN)?,
            name,
        })
    };
    names(workspace)?.into_iter().map(program).collect()
}

/// The programs' names.
pub(crate) fn names(workspace: &Workspace) -> Result<Vec<String>> {
    conformers::packages(&workspace.root().join("host-tests/languages/rust"))
}

/// The package of a program.
pub(crate) fn package(name: &str) -> String {
    format!("sigil-language-{name}")
}
