//! A C compiler that links WASI programs.
//!
//! Two ways, in this order:
//! 1. `clang` with the wasm target, `wasm-ld`, compiler-rt and wasi-libc: a wasi-sdk named by
//!    `WASI_SDK_PATH`, or whatever is installed; where nothing is, Debian's packages.
//! 2. `zig cc`, which brings all of that: see [`Zig`].
//!
//! Whether a compiler serves is found out by linking a program with it: the parts come in so many
//! packages that no list of files would tell.

use std::{env, fs, path::PathBuf, process::Command};

use anyhow::{Context, Result, bail};

use crate::{
    apt, process,
    workspace::Workspace,
    zig::{self, Zig},
};

const DEBIAN: &[&str] = &[
    "clang-19",
    "lld-19",
    "libclang-rt-19-dev-wasm32",
    "wasi-libc",
];
const WASI: &str = "--target=wasm32-wasi";
const PROBE: &str = "#include <stdio.h>\nint main(void) { return puts(\"probe\") < 0; }\n";

/// A compiler that has linked a program for its target.
pub(crate) struct CCompiler {
    words: Vec<String>,
    /// What makes programs for WASI of them; nothing for this machine.
    target: Vec<String>,
    /// Where `python3 -m ziglang` finds itself.
    python_path: Option<PathBuf>,
}

impl CCompiler {
    /// Finds one, or gets one.
    ///
    /// Errors: names the two ways, and why each failed.
    pub(crate) fn get(workspace: &Workspace) -> Result<Self> {
        let only = env::var("XTASK_CC").ok();
        let wanted = |way: &str| only.as_deref().is_none_or(|only| only == way);
        let skipped = || anyhow::anyhow!("not tried: XTASK_CC asks for another way");

        let clang = if wanted("clang") {
            clang(workspace)
        } else {
            Err(skipped())
        };
        let clang = match clang {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        let zig = if wanted("zig") {
            zig(workspace)
        } else {
            Err(skipped())
        };
        let zig = match zig {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        bail!(
            "no C compiler here links WASI programs\n\
             1. clang and wasi-libc: {clang:#}\n\
             2. `zig cc`: {zig:#}\n\
             help: either is enough; then run the same command again"
        );
    }

    /// The compiler, its target and its sysroot; sources and options are the caller's.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).args(&self.target);
        if let Some(path) = &self.python_path {
            command.env("PYTHONPATH", path);
        }
        command
    }

    /// One line for people.
    pub(crate) fn describe(&self) -> String {
        let words = [&self.words[..], &self.target].concat();
        format!("{}: links WASI programs", words.join(" "))
    }

    /// The same compiler for this machine, or zig's.
    ///
    /// Errors: why neither links a program.
    pub(crate) fn native(&self, workspace: &Workspace) -> Result<Self> {
        let native = |words: &[String], python_path| Self {
            words: words.to_vec(),
            target: Vec::new(),
            python_path,
        };
        let own = native(&self.words, self.python_path.clone()).probe(workspace);
        own.or_else(|error| {
            let zig = zig(workspace).with_context(|| format!("{error:#}"))?;
            native(&zig.words, zig.python_path).probe(workspace)
        })
    }

    /// Errors: why it cannot link a program.
    fn probe(self, workspace: &Workspace) -> Result<Self> {
        let folder = workspace.setup();
        fs::create_dir_all(&folder)?;
        let source = folder.join("probe.c");
        fs::write(&source, PROBE)?;
        let output = folder.join("probe.wasm");
        process::capture(self.command().arg(&source).arg("-o").arg(&output))?;
        Ok(self)
    }
}

fn clang(workspace: &Workspace) -> Result<CCompiler> {
    let installed = installed_clang(workspace);
    let reason = match installed {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    eprintln!("setup: trying apt-get install {}", DEBIAN.join(" "));
    apt::install(DEBIAN).with_context(|| format!("{reason:#}"))?;
    installed_clang(workspace)
}

fn installed_clang(workspace: &Workspace) -> Result<CCompiler> {
    let mut reasons = Vec::new();
    let mut candidates = Vec::new();
    if let Some(sdk) = env::var_os("WASI_SDK_PATH").map(PathBuf::from) {
        candidates.push((
            sdk.join("bin/clang").display().to_string(),
            vec![format!(
                "--sysroot={}",
                sdk.join("share/wasi-sysroot").display()
            )],
        ));
    }
    let versioned = (15..=30).rev().map(|version| format!("clang-{version}"));
    for name in ["clang-19".to_owned(), "clang".to_owned()]
        .into_iter()
        .chain(versioned)
    {
        if process::on_path(&name).is_some() {
            // Clang looks in `/usr/lib/wasm32-wasi` by itself, but not beside it for the headers.
            let headers = ["-isystem", "/usr/include/wasm32-wasi"].map(String::from);
            candidates.push((name, headers.to_vec()));
        }
    }
    for (name, mut target) in candidates {
        target.insert(0, WASI.into());
        let compiler = CCompiler {
            words: vec![name],
            target,
            python_path: None,
        };
        match compiler.probe(workspace) {
            Ok(compiler) => return Ok(compiler),
            Err(error) => reasons.push(format!("{error:#}")),
        }
    }
    if reasons.is_empty() {
        bail!("no `clang` on the path");
    }
    bail!("{}", reasons.swap_remove(0));
}

fn zig(workspace: &Workspace) -> Result<CCompiler> {
    let zig = Zig::get(workspace, &zig::FOR_C)?;
    let compiler = CCompiler {
        words: ["python3", "-m", "ziglang", "cc"]
            .map(String::from)
            .to_vec(),
        target: vec![WASI.into()],
        python_path: Some(zig.python_path()),
    };
    compiler.probe(workspace)
}
