//! Stand-in until the real linker lands: the same signatures, a `Record` that is read for real, a `link` that refuses.
#![allow(missing_docs, clippy::missing_errors_doc)]
use std::ops::Range;

pub struct Input<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    pub heap_base: Option<u32>,
    pub exports: Vec<String>,
}

#[derive(Debug)]
pub struct Linked {
    pub wasm: Vec<u8>,
    pub warnings: Vec<String>,
    pub record: Record,
}

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    pub conformer: String,
    pub contract: String,
    pub functions: Range<u32>,
    pub heap_base: u32,
    pub heap_end: u32,
    pub statics: Range<u32>,
    pub request_address: Option<u32>,
}

impl Record {
    pub fn read(wasm: &[u8]) -> Option<Record> {
        for payload in wasmparser::Parser::new(0).parse_all(wasm) {
            if let wasmparser::Payload::CustomSection(section) = payload.ok()?
                && section.name() == "sigil:link"
            {
                return serde_json::from_slice(section.data()).ok();
            }
        }
        None
    }
}

#[derive(Debug)]
pub struct Error(String);
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for Error {}

pub fn link(program: Input<'_>, _conformer: Input<'_>, _options: &Options) -> Result<Linked, Error> {
    Err(Error(format!("cannot link `{}`: this is a stand-in", program.name)))
}

pub fn imports_allocator(program: Input<'_>) -> Result<bool, Error> {
    for payload in wasmparser::Parser::new(0).parse_all(program.bytes) {
        let payload = payload.map_err(|e| Error(format!("cannot link `{}`: {e}", program.name)))?;
        if let wasmparser::Payload::ImportSection(section) = payload {
            for import in section.into_imports() {
                let import = import.map_err(|e| Error(e.to_string()))?;
                if import.module.contains("sigil:allocator") {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}
