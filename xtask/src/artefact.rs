//! Output files: replaced in one step and only where they changed, and measured.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasmparser::{Parser, Payload};

/// A file that a build wrote, or found up to date.
pub(crate) struct Artefact {
    path: PathBuf,
    size: Size,
}

impl Artefact {
    /// Puts `wasm` at `path`. A reader sees the old file or the new one, never a part; an unchanged file
    /// keeps its time, so that nothing downstream is made again.
    ///
    /// Errors: the file system's, and bytes that are no wasm.
    pub(crate) fn write(path: PathBuf, wasm: &[u8]) -> Result<Self> {
        let size = Size::of(wasm).with_context(|| format!("in `{}`", path.display()))?;
        if !fs::read(&path).is_ok_and(|old| old == wasm) {
            replace(&path, wasm).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        Ok(Self { path, size })
    }

    /// The line that a build prints for it.
    pub(crate) fn line(&self, root: &Path) -> String {
        let path = self.path.strip_prefix(root).unwrap_or(&self.path);
        format!("{:<44} {}", path.display(), self.size)
    }
}

/// What is in `output` once `make` has written it from `inputs`: everything that it depends on, as bytes. Where it was last made
/// from the same, it is not made again; `<output>.inputs` beside it remembers.
///
/// Errors: `make`'s, and no file at `output` afterwards.
pub(crate) fn made(
    output: &Path,
    inputs: &[u8],
    make: impl FnOnce() -> Result<()>,
) -> Result<Vec<u8>> {
    let mut memory = output.as_os_str().to_owned();
    memory.push(".inputs");
    let memory = PathBuf::from(memory);
    if fs::read(&memory).is_ok_and(|last| last == inputs)
        && let Ok(bytes) = fs::read(output)
    {
        return Ok(bytes);
    }
    fs::create_dir_all(output.parent().context("no folder")?)?;
    // A compiler that is interrupted may leave half a file.
    if memory.exists() {
        fs::remove_file(&memory)?;
    }
    make()?;
    let bytes = fs::read(output).with_context(|| format!("no `{}` was made", output.display()))?;
    fs::write(&memory, inputs)?;
    Ok(bytes)
}

/// Puts `bytes` at `path` in one step, and makes its folder.
///
/// Errors: the file system's.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("no folder")?;
    fs::create_dir_all(folder)?;
    let name = path.file_name().context("no name")?.to_string_lossy();
    let next = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&next, bytes)?;
    fs::rename(&next, path)?;
    Ok(())
}

/// Bytes: of the file, of the file without custom sections (names, relocations), of the code section.
pub(crate) struct Size {
    file: usize,
    pub(crate) stripped: usize,
    pub(crate) code: usize,
}

impl Size {
    /// Of a core module, or of the core module in a component: only the file's own size is then new.
    ///
    /// Errors: bytes that are no wasm.
    pub(crate) fn of(wasm: &[u8]) -> Result<Self> {
        let mut size = Self {
            file: wasm.len(),
            stripped: wasm.len(),
            code: 0,
        };
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) if depth > 0 => depth -= 1,
                Payload::CustomSection(section) => {
                    size.stripped -= framed(section.range().len());
                }
                Payload::CodeSectionStart { range, .. } => size.code += range.len(),
                _ => {}
            }
        }
        Ok(size)
    }
}

/// A section's contents with its id and its length in LEB128.
fn framed(contents: usize) -> usize {
    let bits = usize::BITS - (contents | 1).leading_zeros();
    1 + bits.div_ceil(7) as usize + contents
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            stripped,
            code,
        } = self;
        write!(
            f,
            "{file:>7} bytes, {stripped:>6} without custom sections, code {code:>6}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn custom_sections_do_not_count() {
        let bare = wat::parse_str("(module (func nop))").unwrap();
        let named = wat::parse_str("(module (func $a_name nop) (@custom \"x\" \"yz\"))").unwrap();
        let (bare, named) = (Size::of(&bare).unwrap(), Size::of(&named).unwrap());
        assert_eq!(named.stripped, bare.file);
        assert_eq!(named.code, bare.code);
        assert!(named.file > bare.file);
    }
}
