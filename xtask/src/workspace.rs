//! Where things are.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process;

/// The workspace's folder, and the folders that the verbs write.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace that this very program was built in.
    pub(crate) fn locate() -> Self {
        // Cargo says at run time where the package is now; the value from compile time is for a binary
        // started by hand.
        let package = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = package.parent().unwrap_or(&package).to_path_buf();
        Self { root }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `target/conformers`: `<name>.wasm` and `<name>.component.wasm`.
    pub(crate) fn conformers(&self) -> PathBuf {
        self.root.join("target/conformers")
    }

    /// `target/programs`: `<name>.wasm`.
    pub(crate) fn programs(&self) -> PathBuf {
        self.root.join("target/programs")
    }

    /// `target/languages`: `<language>/<program>.wasm`, and `<language>/<program>.own.wasm`.
    pub(crate) fn languages(&self) -> PathBuf {
        self.root.join("target/languages")
    }

    /// `target/libraries`: `<name>.wasm`.
    pub(crate) fn libraries(&self) -> PathBuf {
        self.root.join("target/libraries")
    }

    /// `target/bench`: what benches run, and what they report.
    pub(crate) fn bench(&self) -> PathBuf {
        self.root.join("target/bench")
    }

    /// `target/guest`: cargo's folder for wasm32, apart from the host's, so that neither waits for the
    /// other's lock and `cargo test` never rebuilds for a changed flag.
    pub(crate) fn guest(&self) -> PathBuf {
        self.root.join("target/guest")
    }

    /// `target/setup`: what set-up downloads for this project alone, and what it remembers.
    pub(crate) fn setup(&self) -> PathBuf {
        self.root.join("target/setup")
    }

    /// `path` as a user in the workspace's folder would write it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }

    /// The cargo that runs us, for work on the host's side, in the workspace's folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(Self::cargo_program());
        process::scrub_package(&mut command);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs us, or the one on the path.
    pub(crate) fn cargo_program() -> OsString {
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
    }
}
