//! Packages of Debian and its relatives.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Installs those of `packages` that are missing, and says so.
///
/// Errors: no `apt-get` here, no right to use it (the message is the command to run), or it failed.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let missing: Vec<&str> = packages
        .iter()
        .copied()
        .filter(|name| !is_installed(name))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if process::on_path("apt-get").is_none() {
        bail!("no `apt-get` on this machine");
    }
    let list = missing.join(" ");
    let Some(root) = as_root() else {
        bail!(
            "apt-get needs root; run `sudo apt-get update && sudo apt-get install -y \
             --no-install-recommends {list}`"
        );
    };
    // An old package list names files that the mirror has dropped. One broken source among many must not
    // stop us: what counts is whether the install works.
    let update = || process::capture(apt(&root).args(["-qq", "update"]));
    if let Err(error) = process::step("setup: reading apt's package lists", update) {
        eprintln!("setup: {error:#}; going on with the package lists at hand");
    }
    process::step("setup: installing", || {
        process::capture(
            apt(&root)
                .args(["-qq", "install", "-y", "--no-install-recommends"])
                .args(&missing),
        )
    })?;
    eprintln!("setup: installed {list} (apt)");
    Ok(())
}

/// Sees to it that `probe` runs: where it does not, `packages` are installed.
///
/// Errors: as [`install`]'s, and where it does not run with them either.
pub(crate) fn provide(probe: &mut Command, packages: &[&str]) -> Result<()> {
    if process::capture(probe).is_ok() {
        return Ok(());
    }
    let program = probe.get_program().to_string_lossy().into_owned();
    eprintln!(
        "setup: no `{program}` that serves; trying apt-get install {}",
        packages.join(" ")
    );
    install(packages).with_context(|| {
        format!(
            "`{program}` is missing\nhelp: it comes with {}",
            packages.join(" and ")
        )
    })?;
    process::capture(probe).map(drop)
}

/// Is the package there, unpacked and configured?
pub(crate) fn is_installed(package: &str) -> bool {
    let query = process::capture(Command::new("dpkg-query").args(["-W", "-f=${Status}", package]));
    matches!(query.as_deref(), Ok("install ok installed"))
}

/// What to put in front of `apt-get`: nothing for root, `sudo -n` where it asks for no password.
fn as_root() -> Option<Vec<&'static str>> {
    if process::capture(Command::new("id").arg("-u")).is_ok_and(|id| id == "0") {
        return Some(Vec::new());
    }
    process::capture(Command::new("sudo").args(["-n", "true"])).ok()?;
    Some(vec!["sudo", "-n"])
}

fn apt(root: &[&str]) -> Command {
    let mut words =
        root.iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
    let mut command = Command::new(words.next().unwrap_or("env"));
    command.args(words);
    command
}
