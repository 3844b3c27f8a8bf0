//! Child processes: run, captured, named when they are slow, and free of the outer cargo's environment.

use std::{
    env, io,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// How long a step may take before it says what it is.
const PATIENCE: Duration = Duration::from_secs(2);

/// What `work` yields. Where it takes longer than two seconds, `what` is said on stderr once.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> T) -> T {
    thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        scope.spawn(move || {
            if let Err(RecvTimeoutError::Timeout) = wait.recv_timeout(PATIENCE) {
                eprintln!("{what} ...");
            }
        });
        let outcome = work();
        drop(done);
        outcome
    })
}

/// What `command` printed on stdout, without surrounding space.
///
/// Errors: it cannot start, or fails; then with the first lines of its stderr.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", name(command)))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let reason: Vec<&str> = stderr
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        bail!("`{}` failed: {}", name(command), first_lines(&reason, 6));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs `command`; whatever it prints goes to our stderr, so that stdout stays the verb's own.
///
/// Errors: it cannot start, or fails.
pub(crate) fn chatty(command: &mut Command) -> Result<()> {
    command.stdout(Stdio::from(io::stderr()));
    let status = status(command)?;
    success(command, status)
}

/// Runs `command` with our own stdin, stdout and stderr.
///
/// Errors: it cannot start, or fails.
pub(crate) fn plain(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    success(command, status)
}

/// How `command` ended.
///
/// Errors: it cannot start.
pub(crate) fn status(command: &mut Command) -> Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("cannot start `{}`", name(command)))
}

fn success(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", name(command));
    }
    Ok(())
}

/// The command as a user would type it: program and arguments.
fn name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let program = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let args = command.get_args().map(|arg| arg.to_string_lossy());
    std::iter::once(program)
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}

fn first_lines(lines: &[&str], most: usize) -> String {
    lines[..lines.len().min(most)].join("\n  ")
}

/// Takes away what the outer cargo set for *our* package; the rest of cargo's settings stay.
pub(crate) fn scrub_package(command: &mut Command) {
    for (key, _) in env::vars_os() {
        let key = key.to_string_lossy();
        if [
            "CARGO_PKG_",
            "CARGO_MANIFEST_",
            "CARGO_CRATE_",
            "CARGO_BIN_",
        ]
        .iter()
        .any(|prefix| key.starts_with(prefix))
        {
            command.env_remove(&*key);
        }
    }
}

/// Takes away all that would lead another toolchain's cargo back to the outer one, or change the guests'
/// flags. Where cargo is configured by the user (home, network, registries, jobs) it stays so.
pub(crate) fn scrub_toolchain(command: &mut Command, root: &Path) {
    scrub_package(command);
    for (key, _) in env::vars_os() {
        let key = key.to_string_lossy();
        let toolchain = matches!(
            &*key,
            "CARGO"
                | "CARGO_BUILD_RUSTC"
                | "CARGO_BUILD_RUSTFLAGS"
                | "CARGO_BUILD_TARGET"
                | "CARGO_ENCODED_RUSTFLAGS"
                | "CARGO_TARGET_DIR"
                | "CLIPPY_ARGS"
                | "RUSTC"
                | "RUSTC_WORKSPACE_WRAPPER"
                | "RUSTDOC"
                | "RUSTFLAGS"
                | "RUSTUP_TOOLCHAIN"
                | "RUST_RECURSION_COUNT"
        );
        if toolchain || key.starts_with("CARGO_TARGET_WASM32_") {
            command.env_remove(&*key);
        }
    }
    // Cargo puts its own folders in front of the user's: the outer compiler's libraries are not for
    // another compiler.
    if let Some(paths) = env::var_os("LD_LIBRARY_PATH") {
        let kept = env::split_paths(&paths).filter(|path| {
            !path.starts_with(root) && !path.components().any(|part| part.as_os_str() == "rustlib")
        });
        // A toolchain's `lib` folder holds a `rustlib`.
        let kept = kept.filter(|path| !path.join("rustlib").is_dir());
        if let Ok(joined) = env::join_paths(kept) {
            command.env("LD_LIBRARY_PATH", joined);
        }
    }
}

/// The file that `program` would run as, where there is one on the path.
pub(crate) fn on_path(program: &str) -> Option<std::path::PathBuf> {
    let paths = env::var_os("PATH")?;
    env::split_paths(&paths)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
