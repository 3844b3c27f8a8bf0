//! Where a module goes: a file, replaced in one step, or standard output.
//!
//! The bytes go to a temporary file beside the target, which is then renamed over it: a reader, a build script that is
//! interrupted, a full disk see the old file or the new one, never a part. What is no regular file (a pipe, a device) is
//! written to, since renaming would replace the device by a file.

use anyhow::{Context, bail};
use std::fs::{self, Permissions};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Writes a module; `-` is standard output, unless that is a terminal.
pub(crate) fn write(path: &Path, wasm: &[u8]) -> anyhow::Result<()> {
    if path == Path::new("-") {
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            bail!(
                "standard output is a terminal, and a module is binary\nhelp: redirect it, or name a file with `-o`"
            );
        }
        stdout
            .write_all(wasm)
            .and_then(|()| stdout.flush())
            .context("cannot write standard output")?;
        return Ok(());
    }
    let shown = path.display();
    // Through a symbolic link: what it points at is replaced, not the link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    match fs::metadata(&target) {
        Ok(meta) if meta.is_file() => replace(&target, wasm, Some(meta.permissions())),
        Ok(meta) if meta.is_dir() => {
            bail!("cannot write `{shown}`: it is a directory\nhelp: name a file with `-o`")
        }
        Ok(_) => fs::write(&target, wasm),
        Err(_) => replace(&target, wasm, None),
    }
    .with_context(|| format!("cannot write `{shown}`"))
}

/// Prints to standard output and returns the exit status of a verb that did its work; a reader that has left is none of our
/// concern.
pub(crate) fn print(text: &[u8]) -> anyhow::Result<i32> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write standard output")
        }
        _ => Ok(0),
    }
}

/// Keeps the permissions of a file that is replaced; a new one gets those of any newly created file.
fn replace(target: &Path, wasm: &[u8], permissions: Option<Permissions>) -> std::io::Result<()> {
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sigil-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.tempfile_in(directory)?;
    temporary.write_all(wasm)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(target).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_created_and_replaced_with_nothing_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("out.wasm");
        write(&target, b"one").unwrap();
        write(&target, b"two").unwrap();
        assert_eq!(
            (fs::read(&target).unwrap(), names(directory.path())),
            (b"two".to_vec(), vec!["out.wasm".to_owned()])
        );
    }

    #[test]
    fn a_missing_directory_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let error = format!(
            "{:#}",
            write(&directory.path().join("no/out.wasm"), b"one").unwrap_err()
        );
        assert!(error.contains("no/out.wasm"), "{error}");
        assert!(
            write(directory.path(), b"one")
                .unwrap_err()
                .to_string()
                .contains("is a directory")
        );
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let (target, link) = (
            directory.path().join("out.wasm"),
            directory.path().join("link.wasm"),
        );
        write(&target, b"one").unwrap();
        assert_ne!(
            fs::metadata(&target).unwrap().permissions().mode() & 0o400,
            0
        );
        fs::set_permissions(&target, Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        write(&link, b"two").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(
            fs::metadata(&target).unwrap().permissions().mode() & 0o777,
            0o640
        );
    }
}
