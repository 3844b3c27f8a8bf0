//! Finds the test data in the package of the crate `regex`, wherever cargo has put that.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// Tests of another crate, `regex-lite`, which differs on purpose.
const OF_ANOTHER: &str = "regex-lite.toml";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Elsewhere the program is empty.
    if env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "wasm32") {
        write(&testdata());
    }
}

/// The folder `testdata` of the package.
fn testdata() -> PathBuf {
    let cargo = env::var_os("CARGO").expect("cargo runs build scripts");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked"])
        .args(["--filter-platform", TARGET])
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    // No string in JSON has a quote or a backslash but behind a backslash.
    text.split("\"manifest_path\":\"")
        .filter_map(|rest| rest.split('"').next())
        .map(|path| PathBuf::from(path.replace("\\\\", "\\")).with_file_name("testdata"))
        .find(|folder| is_of_regex(folder) && folder.is_dir())
        .unwrap_or_else(|| {
            panic!(
                "`cargo metadata` names no package `regex` with a folder `testdata`: {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
}

/// Whether a folder lies in one that is called `regex-` and a version.
fn is_of_regex(folder: &Path) -> bool {
    let package = folder.parent().and_then(Path::file_name);
    let name = package.unwrap_or_default().to_string_lossy();
    name.strip_prefix("regex-")
        .is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
}

/// Writes a table of names and texts, in the order of the names.
fn write(folder: &Path) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(folder).expect("the package's folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .filter(|path| !path.ends_with(OF_ANOTHER))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no test data in `{}`", folder.display());
    let rows: String = files
        .iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default();
            format!("({name:?}, include_str!({path:?})),\n")
        })
        .collect();
    let output = env::var_os("OUT_DIR").expect("cargo runs build scripts");
    fs::write(
        Path::new(&output).join("testdata.rs"),
        format!("&[\n{rows}]"),
    )
    .expect("the folder for output");
}
