//! What a binary says about itself that the engine does not pass on: which export is memory 0, and where the allocator is.
//!
//! Three kinds of binary can run out of memory, told apart here once:
//!
//! ```text
//! linked program      has the linker's record: the conformer is a range of function indices
//! lone conformer      exports the allocator's interfaces: all of it is the conformer
//! anything else       no record (linked by other means): the conformer is what the name section calls `sigil:allocator…`
//! ```

use anyhow::{Context, bail};
use sigil_link::Record;
use wasmparser::{Encoding, ExternalKind, Parser, Payload, TypeRef};

/// How exported or named functions of a conformer start, in the two manglings.
const ALLOCATOR_PREFIXES: [&str; 4] = [
    "sigil:allocator/",
    "sigil:allocator-ext/",
    "cm32p2|sigil:allocator/",
    "cm32p2|sigil:allocator-ext/",
];

/// Where the conformer's functions are.
#[derive(Debug, Clone)]
pub(crate) enum Conformer {
    /// In the record's range of function indices.
    Linked(Record),
    /// Everywhere.
    WholeModule,
    /// Wherever the name says so.
    ByName,
}

/// What the bytes of one module or component say.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) conformer: Conformer,
    /// The name given by the embedder, see `with_allocator_name`.
    pub(crate) given_name: Option<String>,
    /// The module's own name in its name section.
    module_name: Option<String>,
    /// The name that memory 0 is exported under; `memory` is preferred where it has several.
    pub(crate) memory_export: Option<String>,
    /// Whether memory 0 is imported, and from where.
    pub(crate) memory_import: Option<(String, String)>,
}

/// Returns whether `name` is a function or an interface of the allocator's packages, in either mangling.
pub(crate) fn names_allocator(name: &str) -> bool {
    ALLOCATOR_PREFIXES
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

/// Returns the function's own name: `alloc` of `sigil:allocator/core@0.1.0#alloc` and of `cm32p2|sigil:allocator/core@0.1|alloc`.
pub(crate) fn function_tail(name: &str) -> &str {
    if !names_allocator(name) {
        return name;
    }
    name.rsplit(['#', '|']).next().unwrap_or(name)
}

impl Facts {
    /// Reads a core module.
    pub(crate) fn read(wasm: &[u8]) -> anyhow::Result<Facts> {
        Facts::scan(wasm, Encoding::Module)
    }

    /// Reads a component: only its record, its exports, and its name matter, its memories are its own.
    pub(crate) fn read_component(wasm: &[u8]) -> anyhow::Result<Facts> {
        Facts::scan(wasm, Encoding::Component)
    }

    fn scan(wasm: &[u8], expected: Encoding) -> anyhow::Result<Facts> {
        let mut facts = Facts {
            conformer: Conformer::ByName,
            given_name: None,
            module_name: None,
            memory_export: None,
            memory_import: None,
        };
        let mut exports_allocator = false;
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.context("not a valid wasm binary")? {
                Payload::Version { encoding, .. } if depth == 0 => {
                    depth = 1;
                    match (expected, encoding) {
                        (Encoding::Module, Encoding::Component) => bail!(
                            "this is a component, not a core module\n\
                             help: link it into a core module first, or run it as a component"
                        ),
                        (Encoding::Component, Encoding::Module) => {
                            bail!(
                                "this is a core module, not a component\nhelp: `wasm-tools component new` makes one"
                            )
                        }
                        _ => {}
                    }
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                _ if depth != 1 => {}
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if matches!(import.ty, TypeRef::Memory(_)) && facts.memory_import.is_none()
                        {
                            facts.memory_import =
                                Some((import.module.to_owned(), import.name.to_owned()));
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        exports_allocator |=
                            export.kind == ExternalKind::Func && names_allocator(export.name);
                        let is_memory_zero =
                            export.kind == ExternalKind::Memory && export.index == 0;
                        if is_memory_zero
                            && (facts.memory_export.is_none() || export.name == "memory")
                        {
                            facts.memory_export = Some(export.name.to_owned());
                        }
                    }
                }
                Payload::ComponentExportSection(section) => {
                    for export in section {
                        exports_allocator |= names_allocator(export?.name.name);
                    }
                }
                Payload::CustomSection(section) if section.name() == "name" => {
                    let reader =
                        wasmparser::BinaryReader::new(section.data(), section.data_offset());
                    for name in wasmparser::NameSectionReader::new(reader).flatten() {
                        if let wasmparser::Name::Module { name, .. } = name {
                            facts.module_name = Some(name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        facts.conformer = match Record::read(wasm) {
            Some(record) => Conformer::Linked(record),
            None if exports_allocator => Conformer::WholeModule,
            None => Conformer::ByName,
        };
        Ok(facts)
    }

    /// Returns the allocator's name for reports.
    pub(crate) fn allocator_name(&self) -> String {
        if let Conformer::Linked(record) = &self.conformer {
            return record.conformer.clone();
        }
        self.given_name
            .clone()
            .or_else(|| self.module_name.clone())
            .unwrap_or_else(|| "unknown".to_owned())
    }

    /// Returns the address where the conformer leaves the size of the request that it gives up on.
    pub(crate) fn request_address(&self) -> Option<u32> {
        match &self.conformer {
            Conformer::Linked(record) => record.request_address,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_both_manglings() {
        assert_eq!(function_tail("sigil:allocator/core@0.1.0#alloc"), "alloc");
        assert_eq!(
            function_tail("cm32p2|sigil:allocator/scope@0.1|promote"),
            "promote"
        );
        assert_eq!(
            function_tail("sigil:allocator-ext/sized@0.1.0#alloc-zeroed"),
            "alloc-zeroed"
        );
        assert_eq!(function_tail("my#func"), "my#func");
    }

    #[test]
    fn memory_zero_is_found_by_index_not_by_name() {
        let wat = r#"(module (memory $a 1) (memory $b 1) (export "memory" (memory $b)) (export "heap" (memory $a)))"#;
        let facts = Facts::read(&wat::parse_str(wat).unwrap()).unwrap();
        assert_eq!(facts.memory_export.as_deref(), Some("heap"));
    }

    #[test]
    fn exporting_the_interface_makes_a_lone_conformer() {
        let wat = r#"(module $m (func (export "sigil:allocator/bulk@0.1.0#free-all")))"#;
        let facts = Facts::read(&wat::parse_str(wat).unwrap()).unwrap();
        assert!(matches!(facts.conformer, Conformer::WholeModule));
        assert_eq!(facts.allocator_name(), "m");
    }

    #[test]
    fn a_component_is_not_taken_for_a_module() {
        let error = Facts::read(&wat::parse_str("(component)").unwrap()).unwrap_err();
        assert!(error.to_string().contains("this is a component"), "{error}");
    }
}
