//! A folder for each test, and the built `sigil` run in it.
#![allow(dead_code, reason = "each test file uses what it needs of this")]

use std::{
    fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder with files, and one called `conformers` in it, which is where `sigil` looks for those.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let sandbox = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::write(sandbox.path(name), text).unwrap();
        }
        fs::create_dir(sandbox.path("conformers")).unwrap();
        sandbox
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sigil"));
        command
            .args(args)
            .current_dir(self.0.path())
            .env("SIGIL_CONFORMERS", self.path("conformers"));
        command
    }

    pub(crate) fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// The same with `input` on standard input.
    pub(crate) fn output_reading(&self, args: &[&str], input: &str) -> Output {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        drop(stdin);
        child.wait_with_output().unwrap()
    }
}
