//! What linking makes of a handful of programs, to the letter: `goldens/<case>/program.wat` with `goldens/conformer.wat`
//! gives `linked.wat`, with `-O` `optimized.wat`, and `record.json`; or, where the case is called `error-…`, `error.txt`.
//!
//! `BLESS=1 cargo test --workspace --test goldens` writes what is found; look at the difference before you commit it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Arguments, Trial};
use sigil_link::{Input, Linked, Options, Record, link};

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("goldens");
    let conformer = wat::parse_file(folder.join("conformer.wat"))?;
    let mut trials = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let conformer = conformer.clone();
            trials.push(Trial::test(name.into_owned(), move || {
                case(&path, &conformer).map_err(|error| format!("{error:?}").into())
            }));
        }
    }
    ensure!(trials.len() >= 6, "only {} cases", trials.len());
    libtest_mimic::run(&arguments, trials).exit()
}

fn case(folder: &Path, conformer: &[u8]) -> Result<()> {
    let program = wat::parse_file(folder.join("program.wat"))?;
    let try_link = |optimize| {
        let mut options = Options::default();
        options.optimize = optimize;
        let input = |name, bytes| Input { name, bytes };
        link(
            input("program.wasm", &program),
            input("conformer.wasm", conformer),
            &options,
        )
    };
    let is_error = folder
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with("error-"));
    match (try_link(false), try_link(true)) {
        (Ok(plain), Ok(optimized)) if !is_error => {
            same(folder.join("linked.wat"), &text(&plain)?)?;
            same(folder.join("optimized.wat"), &text(&optimized)?)?;
            ensure!(
                plain.record == optimized.record,
                "-O changes the record: {:?}",
                optimized.record
            );
            same(folder.join("record.json"), &record(&plain.record)?)
        }
        (Err(plain), Err(optimized)) if is_error => {
            ensure!(
                plain.to_string() == optimized.to_string(),
                "-O has another message: {optimized}"
            );
            same(folder.join("error.txt"), &format!("{plain}\n"))
        }
        (Ok(_), Ok(_)) => bail!("it links, and should not"),
        (Err(error), _) | (_, Err(error)) => Err(error).context("it does not link"),
    }
}

/// The linked module as text, without the record, which is a file of its own. Versions are masked.
fn text(linked: &Linked) -> Result<String> {
    let version = format!(r#""sigil" "{}""#, env!("CARGO_PKG_VERSION"));
    let printed = wasmprinter::print_bytes(&linked.wasm)?;
    ensure!(printed.contains(&version), "no producers: {printed}");
    let printed = printed.replace(&version, r#""sigil" "VERSION""#);
    let lines = printed
        .lines()
        .filter(|line| !line.contains(r#"@custom "sigil:link""#));
    let mut text: String = lines.map(|line| format!("{line}\n")).collect();
    for warning in &linked.warnings {
        text.push_str(&format!(";; warning: {warning}\n"));
    }
    Ok(text)
}

fn record(record: &Record) -> Result<String> {
    let mut record = record.clone();
    let version = record.linker.replace("VERSION".into());
    ensure!(
        version.as_deref() == Some(env!("CARGO_PKG_VERSION")),
        "the record's linker is {version:?}"
    );
    Ok(format!("{}\n", serde_json::to_string_pretty(&record)?))
}

/// `found` is what `path` holds; or is from now on, where that is asked for.
fn same(path: PathBuf, found: &str) -> Result<()> {
    if env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        return fs::write(&path, found).with_context(|| path.display().to_string());
    }
    let expected = fs::read_to_string(&path)
        .with_context(|| format!("no `{}`: run it with `BLESS=1`", path.display()))?;
    let (mut left, mut right) = (expected.lines(), found.lines());
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => break,
            (left, right) if left == right => {}
            (left, right) => bail!(
                "{}:{number}\n  expected {}\n  found    {}\n\
                 help: if that is right, `BLESS=1 cargo test --workspace --test goldens`",
                path.display(),
                left.unwrap_or("the end"),
                right.unwrap_or("the end")
            ),
        }
    }
    Ok(())
}
