//! Misuse of an arena does not compile; the same file without the misuse does.
//!
//! Each file in `misuse/` begins with what the compiler has to say: an error's number, or its text where it has none. With
//! `--cfg misuse` that is its only error; without, there is none, so that no file fails for another reason.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What the compiler says of a file: its errors, one a line.
fn errors(rustc: &mut Command) -> Vec<String> {
    let output = rustc.output().expect("rustc");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors: Vec<String> = text
        .lines()
        .filter_map(|line| line.split_once(": error").map(|(_, what)| what.to_owned()))
        .collect();
    assert_eq!(
        output.status.success(),
        errors.is_empty(),
        "neither fails with an error nor succeeds:\n{text}"
    );
    errors
}

fn rustc(source: &Path, folder: &Path) -> Command {
    // Cargo tells tests nothing of the compiler that it used; without `RUSTC`, both take the one on the path.
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args([
            "--edition=2024",
            "--crate-type=rlib",
            "--error-format=short",
        ])
        .args(["--cap-lints=allow", "--out-dir"])
        .arg(folder)
        .arg(source);
    rustc
}

#[test]
fn misuse_does_not_compile() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("misuse");
    fs::create_dir_all(&folder).expect("a folder for the compiler's output");
    let mut library = rustc(&root.join("src/lib.rs"), &folder);
    let made = errors(library.args(["--crate-name=sigil_alloc"]));
    assert!(made.is_empty(), "the crate itself: {made:?}");

    let mut files: Vec<PathBuf> = fs::read_dir(root.join("tests/misuse"))
        .expect("a folder beside this file")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let mut wrong = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a source");
        let expected = text
            .strip_prefix("//! ")
            .and_then(|text| text.split(": ").next())
            .map(|first| first.trim_matches('`'))
            .expect("the first line says what the error is");
        let is_expected = |error: &String| {
            error.starts_with(&format!("[{expected}]: "))
                || error.starts_with(&format!(": {expected}"))
        };
        let with_library = |rustc: &mut Command| {
            let library = folder.join("libsigil_alloc.rlib");
            errors(
                rustc
                    .arg("--extern")
                    .arg(format!("sigil_alloc={}", library.display())),
            )
        };
        let misused = with_library(rustc(file, &folder).args(["--cfg", "misuse"]));
        let used = with_library(&mut rustc(file, &folder));
        let fails = !misused.is_empty() && misused.iter().all(is_expected);
        if !fails || !used.is_empty() {
            wrong.push(format!(
                "{}: expected {expected}\n  with the misuse: {misused:#?}\n  without: {used:#?}",
                file.file_name().unwrap_or_default().to_string_lossy()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
