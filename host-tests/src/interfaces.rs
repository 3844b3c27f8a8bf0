//! What a program needs, and what a conformer has.

use anyhow::Result;
use wasmparser::{Parser, Payload};

/// Returns the functions of `sigil:allocator` and its extensions that a program imports, as conformers export them:
/// `sigil:allocator/core@0.1.0#alloc`.
///
/// # Errors
///
/// Where the bytes are no module.
pub fn imports(program: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(program) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                if import.module.starts_with("sigil:") {
                    found.push(format!("{}#{}", import.module, import.name));
                }
            }
        }
    }
    Ok(found)
}

/// Returns what a conformer exports: its core module's exports, and where it is a component that one's too.
///
/// # Errors
///
/// Where the bytes are no wasm.
pub fn exports(conformer: &[u8]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(conformer) {
        if let Payload::ExportSection(section) = payload? {
            for export in section {
                found.push(export?.name.to_owned());
            }
        }
    }
    Ok(found)
}

/// Returns what of the program's imports the conformer does not export.
///
/// # Errors
///
/// Where the bytes are no wasm.
pub fn lacking(program: &[u8], conformer: &[u8]) -> Result<Vec<String>> {
    let exports = exports(conformer)?;
    let mut imports = imports(program)?;
    imports.retain(|import| !exports.contains(import));
    Ok(imports)
}
