//! `tidy`: what no compiler checks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};
use wit_parser::Resolve;

use crate::{process, workspace::Workspace};

/// A file longer than this holds more than one idea.
const MOST_LINES: usize = 500;

/// Check what no compiler does: wit/ against crates/abi, the changelog, file lengths, paths of one machine.
#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask tidy")]
pub(crate) struct Args {}

pub(crate) fn verb(workspace: &Workspace, _: &Args) -> Result<ExitCode> {
    check(workspace)?;
    Ok(ExitCode::SUCCESS)
}

/// Errors: all that is untidy, one line each.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let root = workspace.root();
    let files = tracked(root)?;
    let mut untidy = wit_against_abi(root)?;
    untidy.extend(changelog(root));
    untidy.extend(long_files(root, &files));
    untidy.extend(machine_paths(root, &files));
    if !untidy.is_empty() {
        bail!("{} untidy:\n  {}", untidy.len(), untidy.join("\n  "));
    }
    Ok(())
}

/// Files under version control, relative to the root.
fn tracked(root: &Path) -> Result<Vec<PathBuf>> {
    let list = process::capture(Command::new("git").arg("-C").arg(root).args(["ls-files"]))?;
    Ok(list
        .lines()
        .map(PathBuf::from)
        .filter(|path| root.join(path).is_file())
        .collect())
}

/// Each package of wit/ parses, and crates/abi has each of its interfaces and functions by name.
fn wit_against_abi(root: &Path) -> Result<Vec<String>> {
    let mut tables = String::new();
    for file in sources(&root.join("crates/abi/src"))? {
        tables += &fs::read_to_string(file)?;
    }
    let mut resolve = Resolve::default();
    for folder in ["wit", "wit/ext"].map(|folder| root.join(folder)) {
        if folder.is_dir() {
            resolve
                .push_dir(&folder)
                .with_context(|| format!("in `{}`", folder.display()))?;
        }
    }
    let mut untidy = Vec::new();
    for (_, interface) in resolve
        .interfaces
        .iter()
        .filter(|(_, found)| !found.functions.is_empty())
    {
        let name = interface.name.as_deref().unwrap_or("(inline)");
        for item in std::iter::once(name).chain(interface.functions.keys().map(String::as_str)) {
            if !tables.contains(&format!("\"{item}\"")) {
                untidy.push(format!(
                    "crates/abi: no \"{item}\", which wit/ has in `{name}`"
                ));
            }
        }
    }
    for (_, package) in resolve.packages.iter() {
        let version = package
            .name
            .version
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        if !tables.contains(&version) {
            untidy.push(format!(
                "crates/abi: no version {version}, which wit/ gives `{}`",
                package.name
            ));
        }
    }
    Ok(untidy)
}

/// The Rust files right in `folder`.
fn sources(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))?;
    let files = entries.flatten().map(|entry| entry.path());
    Ok(files
        .filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .collect())
}

fn changelog(root: &Path) -> Option<String> {
    let version = env!("CARGO_PKG_VERSION");
    match fs::read_to_string(root.join("CHANGELOG.md")) {
        Ok(text) if text.contains(version) => None,
        Ok(_) => Some(format!(
            "CHANGELOG.md: no {version}, the workspace's version"
        )),
        Err(error) => Some(format!("CHANGELOG.md: {error}")),
    }
}

fn long_files(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let code = files.iter().filter(|path| {
        path.starts_with("crates") && path.extension().is_some_and(|kind| kind == "rs")
    });
    code.filter_map(|path| {
        let lines = fs::read_to_string(root.join(path)).ok()?.lines().count();
        (lines > MOST_LINES)
            .then(|| format!("{}: {lines} lines, more than {MOST_LINES}", path.display()))
    })
    .collect()
}

/// Folders of somebody's machine. Split, or this file would be the first to be found.
const MACHINE: &[&str] = &[
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
];

fn machine_paths(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut found = Vec::new();
    for path in files {
        // Not text: nothing that a person wrote.
        let Ok(text) = fs::read_to_string(root.join(path)) else {
            continue;
        };
        for (index, line) in text.lines().enumerate() {
            if MACHINE.iter().any(|folder| starts_a_path(line, folder)) {
                found.push(format!(
                    "{}:{}: a path of one machine",
                    path.display(),
                    index + 1
                ));
            }
        }
    }
    found
}

/// Does `folder` stand in `line` as the beginning of a path, not as its middle?
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before.is_alphanumeric() || "._-/}$".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::{MACHINE, starts_a_path};

    #[test]
    fn a_path_of_a_machine_is_seen_and_a_relative_one_is_not() {
        let folder = MACHINE[0];
        assert!(starts_a_path(&format!("see {folder}x"), folder));
        assert!(starts_a_path(&format!("\"{folder}x"), folder));
        assert!(!starts_a_path(&format!("tests{folder}x"), folder));
    }
}
