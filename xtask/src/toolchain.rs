//! A Rust that compiles for `wasm32-unknown-unknown`.
//!
//! Three ways, in this order:
//! 1. `present`: the active toolchain has the target.
//! 2. `rustup`: `rustup target add`, the normal way. It fails where rustup's servers are out of reach.
//! 3. `source`: any rustc with the source of its own library beside it builds `core` itself. Where there
//!    is none, Debian's `rustc-web`, `cargo-web` and `rust-web-src` are such a set. The compiler and the
//!    source must be of one version: `core` uses intrinsics that the neighbouring version doesn't know.
//!
//! A refusal of way 2 is remembered for as long as the active compiler is the same, since each attempt
//! costs a time-out.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};

use crate::{apt, process, workspace::Workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

/// A compiler for the guests. The paths are those of the tools themselves, not of rustup's proxies.
pub(crate) struct Toolchain {
    pub(crate) cargo: PathBuf,
    pub(crate) rustc: PathBuf,
    /// `core` and `alloc` are built from source, with the compiler's unstable options.
    pub(crate) build_std: bool,
    /// The linker, where the compiler has none of its own.
    pub(crate) linker: Option<PathBuf>,
}

impl Toolchain {
    /// Finds one, or gets one.
    ///
    /// Errors: names the three ways, and why each failed.
    pub(crate) fn get(workspace: &Workspace) -> Result<Self> {
        let only = env::var("XTASK_RUST").ok();
        let wanted = |way: &str| only.as_deref().is_none_or(|only| only == way);
        let skipped = || anyhow::anyhow!("not tried: XTASK_RUST asks for another way");

        let present = if wanted("present") {
            present()
        } else {
            Err(skipped())
        };
        let present = match present {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        let rustup = if wanted("rustup") {
            rustup(workspace)
        } else {
            Err(skipped())
        };
        let rustup = match rustup {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        let source = if wanted("source") {
            source()
        } else {
            Err(skipped())
        };
        let source = match source {
            Ok(found) => return Ok(found),
            Err(error) => error,
        };
        bail!(
            "no Rust here compiles for `{TARGET}`\n\
             1. the active toolchain: {present:#}\n\
             2. `rustup target add {TARGET}`: {rustup:#}\n\
             3. building `core` from source: {source:#}\n\
             help: any one of the three is enough; then run the same command again"
        );
    }

    /// Cargo, set up so that nothing of the outer cargo reaches it.
    pub(crate) fn cargo(&self, workspace: &Workspace) -> Command {
        let mut command = Command::new(&self.cargo);
        process::scrub_toolchain(&mut command, workspace.root());
        command
            .current_dir(workspace.root())
            .env("RUSTC", &self.rustc);
        if self.build_std {
            command.env("RUSTC_BOOTSTRAP", "1");
        }
        if let Some(linker) = &self.linker {
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        command
    }

    /// The options of a cargo command that compiles for wasm32 into the workspace's guest folder.
    pub(crate) fn options(&self, workspace: &Workspace) -> Vec<String> {
        let guest = workspace.guest();
        let mut options = vec![
            "--locked".to_owned(),
            format!("--target={TARGET}"),
            format!("--target-dir={}", guest.display()),
        ];
        if self.build_std {
            options.push("-Zbuild-std=core,alloc,panic_abort".to_owned());
        }
        options
    }

    /// What the compiler calls itself.
    pub(crate) fn version(&self) -> String {
        process::capture(Command::new(&self.rustc).arg("--version"))
            .unwrap_or_else(|_| self.rustc.display().to_string())
    }

    /// One line for people: which compiler, by which way.
    pub(crate) fn describe(&self) -> String {
        let version = self.version();
        let how = if self.build_std {
            "builds `core` from source"
        } else {
            "has the target"
        };
        format!("{version}: {how} for {TARGET}")
    }
}

/// Way 1.
fn present() -> Result<Toolchain> {
    let rustc = active_rustc()?;
    has_target(&rustc)?;
    Ok(Toolchain {
        cargo: cargo_beside(&rustc),
        rustc,
        build_std: false,
        linker: None,
    })
}

/// Way 2.
fn rustup(workspace: &Workspace) -> Result<Toolchain> {
    ensure!(
        process::on_path("rustup").is_some(),
        "no `rustup` on the path"
    );
    let compiler = process::capture(Command::new("rustc").arg("-vV")).unwrap_or_default();
    let memory = workspace.setup().join("rustup-refused");
    if fs::read_to_string(&memory).is_ok_and(|refused| refused == compiler) {
        bail!(
            "it failed before (delete `{}` to try again)",
            workspace.relative(&memory).display()
        );
    }
    eprintln!("setup: trying `rustup target add {TARGET}`");
    let added = process::capture(Command::new("rustup").args(["target", "add", TARGET]));
    if let Err(error) = added {
        fs::create_dir_all(workspace.setup())?;
        fs::write(&memory, compiler)?;
        eprintln!("setup: {error:#}");
        return Err(error);
    }
    // The active rustc need not be rustup's.
    let rustc = process::capture(Command::new("rustup").args(["which", "rustc"]))?;
    let rustc = PathBuf::from(rustc);
    has_target(&rustc)?;
    eprintln!("setup: installed {TARGET} (rustup)");
    Ok(Toolchain {
        cargo: cargo_beside(&rustc),
        rustc,
        build_std: false,
        linker: None,
    })
}

/// Way 3.
fn source() -> Result<Toolchain> {
    if let Some(found) = with_source()? {
        return Ok(found);
    }
    eprintln!("setup: trying apt-get install {}", DEBIAN.join(" "));
    apt::install(DEBIAN).context(
        "no rustc with its library's source beside it (`rustup component add rust-src`, or a \
         distribution's package)",
    )?;
    with_source()?
        .with_context(|| format!("{} are installed, but hold no source", DEBIAN.join(", ")))
}

/// A compiler with the source of its library beside it: the active one, the system's, any of rustup's.
fn with_source() -> Result<Option<Toolchain>> {
    let mut candidates: Vec<PathBuf> = active_rustc().into_iter().collect();
    candidates.push("/usr/bin/rustc".into());
    candidates.extend(rustup_toolchains());
    let found = candidates.into_iter().find(|rustc| {
        sysroot(rustc).is_ok_and(|root| {
            root.join("lib/rustlib/src/rust/library/Cargo.lock")
                .is_file()
        }) && is_new_enough(rustc)
    });
    let Some(rustc) = found else { return Ok(None) };
    let linker = linker(&rustc).context(
        "no linker for wasm: neither a toolchain's `rust-lld` nor `wasm-ld` (install `lld`)",
    )?;
    Ok(Some(Toolchain {
        cargo: cargo_beside(&rustc),
        rustc,
        build_std: true,
        linker: Some(linker),
    }))
}

/// The compiler itself that `rustc` stands for here, behind rustup's proxy.
fn active_rustc() -> Result<PathBuf> {
    let name = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let root = sysroot(Path::new(&name))?;
    let rustc = root.join("bin/rustc");
    ensure!(rustc.is_file(), "no `{}`", rustc.display());
    Ok(rustc)
}

fn rustup_toolchains() -> Vec<PathBuf> {
    let home = env::var_os("RUSTUP_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".rustup")));
    let entries = home.and_then(|home| fs::read_dir(home.join("toolchains")).ok());
    let mut found: Vec<PathBuf> = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin/rustc"))
        .filter(|rustc| rustc.is_file())
        .collect();
    found.sort();
    found
}

fn sysroot(rustc: &Path) -> Result<PathBuf> {
    process::capture(Command::new(rustc).args(["--print", "sysroot"])).map(PathBuf::from)
}

fn has_target(rustc: &Path) -> Result<()> {
    let folder = process::capture(Command::new(rustc).args([
        "--print",
        "target-libdir",
        "--target",
        TARGET,
    ]))?;
    let is_core = |name: &str| name.starts_with("libcore-") && name.ends_with(".rlib");
    let core = fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| is_core(&entry.file_name().to_string_lossy()));
    ensure!(core, "`{}` lacks it", rustc.display());
    Ok(())
}

/// The workspace's `rust-version`, which cargo has put into our own environment.
fn is_new_enough(rustc: &Path) -> bool {
    let version = process::capture(Command::new(rustc).arg("--version")).unwrap_or_default();
    let found = version.split(' ').nth(1).unwrap_or_default();
    numbers(found) >= numbers(env!("CARGO_PKG_RUST_VERSION"))
}

fn numbers(version: &str) -> (u32, u32) {
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn cargo_beside(rustc: &Path) -> PathBuf {
    let beside = rustc.with_file_name("cargo");
    if beside.is_file() {
        beside
    } else {
        Workspace::cargo_program().into()
    }
}

/// A linker for wasm: that of a Rust toolchain first, which matches the compiler best.
fn linker(rustc: &Path) -> Option<PathBuf> {
    let active = env::var_os("RUSTC").map_or_else(|| "rustc".into(), PathBuf::from);
    let bundled = [rustc.to_path_buf(), active].into_iter().find_map(|rustc| {
        let libdir =
            process::capture(Command::new(&rustc).args(["--print", "target-libdir"])).ok()?;
        let lld = Path::new(&libdir).parent()?.join("bin/rust-lld");
        lld.is_file().then_some(lld)
    });
    let versioned = (16..=30).rev().map(|version| format!("wasm-ld-{version}"));
    let names = ["rust-lld".to_owned(), "wasm-ld".to_owned()]
        .into_iter()
        .chain(versioned);
    bundled.or_else(|| names.into_iter().find_map(|name| process::on_path(&name)))
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(numbers("1.100.0-nightly") > numbers("1.95"));
        assert!(numbers("1.96.0") > numbers("1.95"));
        assert!(numbers("1.9.0") < numbers("1.95"));
        assert!(numbers("garbage") < numbers("1.95"));
    }
}
