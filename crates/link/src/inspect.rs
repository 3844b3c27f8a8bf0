//! What a file says about allocators, whichever side of a link it is on.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;
use sigil_abi::{FunctionName, InterfaceName, LINK_SECTION};
use wasmparser::{BinaryReaderError, Encoding, Parser, Payload};

use crate::{
    Found, Input, Record,
    error::{malformed, not_wasm},
    retrofit,
};

/// What [`inspect`] finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// What the file is.
    pub kind: Kind,
    /// Whether it is a component; what is said of its core modules is said of it.
    pub is_component: bool,
    /// The functions of the allocator's interfaces that it imports: `sigil:allocator/core@0.1.0#alloc`. Sorted.
    pub imports: Vec<String>,
    /// Those that it exports. Sorted.
    pub exports: Vec<String>,
    /// What was linked into it, where.
    pub record: Option<Record>,
    /// The allocators that it was compiled with, where none was linked into it.
    pub found: Vec<Found>,
}

/// What a file is to this linker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Kind {
    /// A program that an allocator was linked into.
    Linked,
    /// A program that needs one.
    Program,
    /// An allocator.
    Conformer,
    /// Neither.
    Other,
}

/// Why a file cannot be inspected.
#[derive(Debug)]
#[non_exhaustive]
pub enum InspectError {
    /// It does not begin as wasm does.
    NotWasm {
        /// Which file.
        input: String,
        /// Its length.
        bytes: usize,
    },
    /// It ends or goes wrong in the middle.
    Malformed {
        /// Which file.
        input: String,
        /// What was found, and where.
        source: BinaryReaderError,
    },
    /// Its section `sigil:link` is no record.
    Record {
        /// Which file.
        input: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm { input, bytes } => {
                write!(f, "cannot inspect `{input}`: ")?;
                not_wasm(f, *bytes)
            }
            Self::Malformed { input, source } => {
                write!(f, "cannot inspect `{input}`: ")?;
                malformed(f, source)
            }
            Self::Record { input, source } => write!(
                f,
                "cannot inspect `{input}`: its section `{LINK_SECTION}` is no record: {source}\n\
                 help: link the program again; a newer `sigil` may have written it"
            ),
        }
    }
}

impl std::error::Error for InspectError {}

/// Says what `input`, a module or a component, has to do with allocators. Nothing is validated.
///
/// # Errors
///
/// Where it is no wasm, is damaged, or has a record that cannot be read.
pub fn inspect(input: Input<'_>) -> Result<Inspection, InspectError> {
    let damaged = |source| InspectError::Malformed {
        input: input.name.into(),
        source,
    };
    if !input.bytes.starts_with(b"\0asm") {
        return Err(InspectError::NotWasm {
            input: input.name.into(),
            bytes: input.bytes.len(),
        });
    }
    let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let (mut record, mut is_component) = (None, false);
    for payload in Parser::new(0).parse_all(input.bytes) {
        match payload.map_err(damaged)? {
            Payload::Version { encoding, .. } => is_component |= encoding == Encoding::Component,
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import.map_err(damaged)?;
                    if InterfaceName::from_import(import.module).is_some() {
                        imports.insert(format!("{}#{}", import.module, import.name));
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export.map_err(damaged)?;
                    if FunctionName::from_export(export.name).is_some() {
                        exports.insert(export.name.to_string());
                    }
                }
            }
            Payload::CustomSection(section) if section.name() == LINK_SECTION => {
                let read = serde_json::from_slice(section.data());
                record = Some(read.map_err(|source| InspectError::Record {
                    input: input.name.into(),
                    source,
                })?);
            }
            _ => {}
        }
    }
    let is_allocator = !exports.is_empty();
    let found = if record.is_some() || is_allocator {
        Vec::new()
    } else {
        found(input, is_component)
    };
    let kind = match (&record, imports.is_empty(), exports.is_empty()) {
        (Some(_), ..) => Kind::Linked,
        (None, false, _) => Kind::Program,
        (None, true, false) => Kind::Conformer,
        (None, true, true) => Kind::Other,
    };
    Ok(Inspection {
        kind,
        is_component,
        imports: imports.into_iter().collect(),
        exports: exports.into_iter().collect(),
        record,
        found,
    })
}

/// The allocators that the program was compiled with. What is damaged or not valid was not compiled with anything
/// that could be told.
fn found(input: Input<'_>, is_component: bool) -> Vec<Found> {
    if !is_component {
        return retrofit::recognise(input).unwrap_or_default();
    }
    let mut all = Vec::new();
    for payload in Parser::new(0).parse_all(input.bytes).map_while(Result::ok) {
        if let Payload::ModuleSection {
            unchecked_range, ..
        } = payload
        {
            let bytes = input.bytes.get(unchecked_range).unwrap_or_default();
            all.extend(retrofit::recognise(Input { bytes, ..input }).unwrap_or_default());
        }
    }
    // What grows memory is an adapter more often than an allocator.
    all.retain(|found| found.is_known);
    for found in &mut all {
        if found.profile.take().is_some() {
            found.needs.clear();
            found.hindrances = vec![
                "it is in a component; replace it in the core module that the component is made of"
                    .into(),
            ];
        }
    }
    all
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = if self.is_component {
            "component"
        } else {
            "core module"
        };
        match (self.kind, &self.record) {
            (Kind::Linked, Some(record)) => {
                write!(
                    f,
                    "{form}, linked with the allocator `{}`",
                    record.conformer
                )?;
                if let Some(version) = &record.conformer_version {
                    write!(f, " {version}")?;
                }
                write_record(f, record)?;
            }
            (Kind::Program, _) => write!(f, "{form}, a program that needs an allocator")?,
            (Kind::Conformer, _) => write!(f, "{form}, an allocator")?,
            _ => write!(
                f,
                "{form}, with no import, export or record of `sigil:allocator`"
            )?,
        }
        for (what, names) in [("imports", &self.imports), ("exports", &self.exports)] {
            for (i, name) in names.iter().enumerate() {
                let what = if i == 0 { what } else { "" };
                write!(f, "\n  {what:<10} {name}")?;
            }
        }
        for found in &self.found {
            write_found(f, found)?;
        }
        Ok(())
    }
}

fn write_found(f: &mut fmt::Formatter<'_>, found: &Found) -> fmt::Result {
    write!(f, "\n  {:<10} {}", "allocator", found.name)?;
    write!(f, "\n  {:<10} known by {}", "", found.by)?;
    if let Some(profile) = &found.profile {
        write!(
            f,
            "\n  {:<10} can be replaced: `sigil link --replace {profile}`, by an allocator that has",
            ""
        )?;
        for needed in &found.needs {
            write!(f, "\n  {:<10}   {needed}", "")?;
        }
    }
    if found.profile.is_none() && found.hindrances.is_empty() {
        write!(f, "\n  {:<10} no built-in profile replaces it", "")?;
    }
    for (i, hindrance) in found.hindrances.iter().enumerate() {
        let what = if i == 0 { "cannot be replaced: " } else { "  " };
        write!(f, "\n  {:<10} {what}{hindrance}", "")?;
    }
    Ok(())
}

fn write_record(f: &mut fmt::Formatter<'_>, record: &Record) -> fmt::Result {
    write!(f, "\n  {:<10} {}", "contract", record.contract)?;
    if let Some(linker) = &record.linker {
        write!(f, "\n  {:<10} sigil {linker}", "linker")?;
    }
    if let Some(replaced) = &record.replaced {
        write!(f, "\n  {:<10} {replaced}", "replaced")?;
    }
    let functions = &record.functions;
    let n = functions.len();
    write!(f, "\n  {:<10} {n}: ", "functions")?;
    match functions.clone().last() {
        Some(last) => write!(f, "{} to {last}", functions.start)?,
        None => f.write_str("none")?,
    }
    for entry in &record.entries {
        write!(f, "\n  {:<10} {:>5} {}", "", entry.function, entry.name)?;
    }
    let statics = &record.statics;
    write!(
        f,
        "\n  {:<10} {:#x} to {:#x}, {} bytes",
        "statics",
        statics.start,
        statics.end,
        statics.end.saturating_sub(statics.start)
    )?;
    if let Some(request) = record.request_address {
        write!(
            f,
            "\n  {:<10} {request:#x}: the size of the last request off the fast path",
            "request"
        )?;
    }
    write!(
        f,
        "\n  {:<10} from {:#x}, to {:#x} before memory grows",
        "heap", record.heap_base, record.heap_end
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, link};

    const PROGRAM: &str = r#"(module
        (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
        (memory 1))"#;
    const CONFORMER: &str = r#"(module
        (import "env" "memory" (memory 1))
        (import "env" "__heap_base" (global i32))
        (@custom "version" "1.2.3")
        (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) global.get 0))"#;

    fn of(bytes: &[u8]) -> Result<Inspection, InspectError> {
        inspect(Input {
            name: "it.wasm",
            bytes,
        })
    }

    #[test]
    fn each_side_of_a_link_is_told() {
        let (program, conformer) = (
            wat::parse_str(PROGRAM).unwrap(),
            wat::parse_str(CONFORMER).unwrap(),
        );
        let alloc = "sigil:allocator/core@0.1.0#alloc".to_string();
        let found = of(&program).unwrap();
        assert_eq!(
            (found.kind, &found.imports),
            (Kind::Program, &vec![alloc.clone()])
        );
        let found = of(&conformer).unwrap();
        assert_eq!(
            (found.kind, &found.exports),
            (Kind::Conformer, &vec![alloc])
        );

        let input = |name, bytes| Input { name, bytes };
        let linked = link(
            input("app.wasm", &program),
            input("mine.wasm", &conformer),
            &Options::default(),
        )
        .unwrap();
        let found = of(&linked.wasm).unwrap();
        assert_eq!((found.kind, &found.imports), (Kind::Linked, &vec![]));
        assert_eq!(found.record.as_ref(), Some(&linked.record));
        let shown = found.to_string();
        for part in [
            "core module, linked with the allocator `mine` 1.2.3",
            "sigil:allocator/core@0.1.0#alloc",
            "contract   0.1.0",
            concat!("linker     sigil ", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
        assert_eq!(of(b"\0asm\x01\0\0\0").unwrap().kind, Kind::Other);
    }

    #[test]
    fn what_is_no_wasm_is_refused_with_what_it_is() {
        for (bytes, expected) in [
            (&b"not wasm"[..], "it is no WebAssembly"),
            (b"\0asm\x01\0\0\0\x01\x09", "offset 0x"),
        ] {
            let error = of(bytes).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let record = wat::parse_str(r#"(module (@custom "sigil:link" "{}"))"#).unwrap();
        let error = of(&record).unwrap_err().to_string();
        assert!(error.contains("`sigil:link` is no record"), "{error}");
    }
}
