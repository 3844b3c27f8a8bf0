//! Zig, from PyPI's `ziglang`: a C compiler where there is none, and the compiler of Zig's own allocators.
//!
//! It is put under `target/setup` alone.

use std::{path::PathBuf, process::Command};

use anyhow::{Result, ensure};

use crate::{apt, process, workspace::Workspace};

/// As PyPI calls it.
const PACKAGE: &str = "ziglang";

/// Of the versions of Zig, one that something here needs.
pub(crate) struct Release {
    version: &'static str,
    folder: &'static str,
}

/// The C compiler, with a wasi-libc that has emmalloc in it.
pub(crate) const FOR_C: Release = Release {
    version: "0.15.2",
    folder: "zig",
};

/// The newest, with the allocators that Zig's users have.
pub(crate) const NEWEST: Release = Release {
    version: "0.17.1",
    folder: "zig-newest",
};

/// A Zig that runs.
pub(crate) struct Zig {
    /// Where `python3 -m ziglang` finds itself.
    folder: PathBuf,
    /// Where it keeps what it compiled, of its own library too.
    cache: PathBuf,
}

impl Zig {
    /// Finds it, or gets it.
    ///
    /// Errors: pip's.
    pub(crate) fn get(workspace: &Workspace, release: &Release) -> Result<Self> {
        let Release { version, folder } = release;
        let folder = workspace.setup().join(folder);
        let cache = workspace.guest().join("zig-cache");
        let zig = Self { folder, cache };
        // Another one may be there, from before the version was raised.
        if zig.version().is_ok_and(|found| found == *version) {
            return Ok(zig);
        }
        apt::provide(
            Command::new("python3").args(["-m", "pip", "--version"]),
            &["python3-pip"],
        )?;
        let package = format!("{PACKAGE}=={version}");
        eprintln!("setup: trying pip install {package}");
        // With `--target` pip also works where the system's Python is managed by the distribution.
        process::step("setup: downloading zig", || {
            process::capture(
                Command::new("python3")
                    .args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
                    .arg(&zig.folder)
                    .arg(&package),
            )
        })?;
        eprintln!(
            "setup: installed {package} under `{}` (pip)",
            workspace.relative(&zig.folder).display()
        );
        let found = zig.version()?;
        ensure!(
            found == *version,
            "pip installed {PACKAGE} {found}, not {version}, under `{}`: remove that folder",
            workspace.relative(&zig.folder).display()
        );
        Ok(zig)
    }

    /// `zig`, as a command that lacks its verb.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("python3");
        command.args(["-m", "ziglang"]);
        command.env("PYTHONPATH", &self.folder);
        command.env("ZIG_GLOBAL_CACHE_DIR", &self.cache);
        command.env("ZIG_LOCAL_CACHE_DIR", &self.cache);
        command
    }

    /// Where `python3 -m ziglang` finds itself, by `PYTHONPATH`.
    pub(crate) fn python_path(&self) -> PathBuf {
        self.folder.clone()
    }

    /// Its library, with the sources of the libcs that it brings.
    pub(crate) fn library(&self) -> PathBuf {
        self.folder.join("ziglang/lib")
    }

    /// The version that it says it is.
    ///
    /// Errors: it does not run.
    pub(crate) fn version(&self) -> Result<String> {
        process::capture(self.command().arg("version"))
    }
}
