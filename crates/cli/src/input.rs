//! Where modules come from: a file or standard input, binary or text.

use anyhow::Context;
use std::io::Read;
use std::path::Path;

/// A module as binary, and what to call it in messages.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) wasm: Vec<u8>,
}

/// Reads a module; `-` is standard input. Text (WAT) is assembled, whatever the file is called.
pub(crate) fn read(path: &Path) -> anyhow::Result<Source> {
    let (name, bytes) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .context("cannot read standard input")?;
        ("<stdin>".to_owned(), bytes)
    } else {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read `{name}`"))?;
        (name, bytes)
    };
    let wasm = match wat::parse_bytes(&bytes) {
        Ok(wasm) => wasm.into_owned(),
        Err(mut error) => {
            error.set_path(path);
            return Err(anyhow::Error::new(error).context(format!(
                "`{name}` is neither a wasm binary nor valid WAT text"
            )));
        }
    };
    Ok(Source { name, wasm })
}

impl Source {
    /// As the linker takes it.
    pub(crate) fn input(&self) -> sigil_link::Input<'_> {
        sigil_link::Input {
            name: &self.name,
            bytes: &self.wasm,
        }
    }
}
