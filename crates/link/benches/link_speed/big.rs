//! A program of any size: the code of a real one, over and over.

use wasm_encoder::{
    CodeSection, ExportKind, ExportSection, FunctionSection, ImportSection, Module, NameMap,
    NameSection,
    reencode::{Error, Reencode, utils},
};
use wasmparser::{
    CodeSectionReader, CustomSectionReader, ExportSectionReader, ExternalKind,
    FunctionSectionReader, KnownCustom, Name, Parser, Payload, TypeRef,
};

/// `program` with its functions repeated until the code has `least_bytes`. Each copy calls functions of its
/// own; types, tables, globals and data are there once.
pub(crate) fn repeated(program: &[u8], least_bytes: usize) -> Vec<u8> {
    let mut copies = Copies {
        n_imported: 0,
        n_defined: 0,
        n_copies: 0,
        copy: 0,
    };
    for payload in Parser::new(0).parse_all(program) {
        match payload.expect("a valid program") {
            Payload::ImportSection(imports) => {
                let imports = imports.into_imports().map(|import| import.expect("valid"));
                let functions = imports.filter(|import| matches!(import.ty, TypeRef::Func(_)));
                copies.n_imported = functions.count() as u32;
            }
            Payload::CodeSectionStart { count, range, .. } => {
                copies.n_defined = count;
                copies.n_copies = least_bytes.div_ceil(range.len()) as u32;
            }
            _ => {}
        }
    }
    let mut module = Module::new();
    copies
        .parse_core_module(&mut module, Parser::new(0), program)
        .expect("a valid program");
    module.finish()
}

/// Repeats functions; `copy` says which copy is being written.
struct Copies {
    n_imported: u32,
    n_defined: u32,
    n_copies: u32,
    copy: u32,
}

impl Reencode for Copies {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let is_imported = function < self.n_imported;
        let shift = if is_imported {
            0
        } else {
            self.copy * self.n_defined
        };
        Ok(function + shift)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        for _ in 0..self.n_copies {
            utils::parse_function_section(self, functions, section.clone())?;
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        for copy in 0..self.n_copies {
            self.copy = copy;
            utils::parse_code_section(self, code, section.clone())?;
        }
        self.copy = 0;
        Ok(())
    }

    // Every copy can be reached, or `wasm-merge` would leave it out.
    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section.clone())?;
        for export in section {
            let export = export?;
            if export.kind == ExternalKind::Func {
                for copy in 1..self.n_copies {
                    let name = format!("{}#{copy}", export.name);
                    let index = export.index + copy * self.n_defined;
                    exports.export(&name, ExportKind::Func, index);
                }
            }
        }
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        let KnownCustom::Name(subsections) = section.as_known() else {
            return Ok(());
        };
        let mut functions = NameMap::new();
        for subsection in subsections {
            let Name::Function(names) = subsection? else {
                continue;
            };
            let names = names.into_iter().collect::<Result<Vec<_>, _>>()?;
            for copy in 0..self.n_copies {
                for name in &names {
                    let is_imported = name.index < self.n_imported;
                    if !is_imported {
                        let index = name.index + copy * self.n_defined;
                        functions.append(index, &format!("{}#{copy}", name.name));
                    } else if copy == 0 {
                        functions.append(name.index, name.name);
                    }
                }
            }
        }
        let mut names = NameSection::new();
        names.functions(&functions);
        module.section(&names);
        Ok(())
    }
}

/// `program` with its imports of the allocator as `wasm-merge` matches them: from a module `conformer`, by
/// the names that the conformer exports.
pub(crate) fn for_wasm_merge(program: &[u8]) -> Vec<u8> {
    struct Renamed;

    impl Reencode for Renamed {
        type Error = std::convert::Infallible;

        fn parse_import(
            &mut self,
            imports: &mut ImportSection,
            import: wasmparser::Import<'_>,
        ) -> Result<(), Error> {
            let ty = self.entity_type(import.ty)?;
            if import.module.starts_with("sigil:") {
                let name = format!("{}#{}", import.module, import.name);
                imports.import("conformer", &name, ty);
            } else {
                imports.import(import.module, import.name, ty);
            }
            Ok(())
        }
    }

    let mut module = Module::new();
    Renamed
        .parse_core_module(&mut module, Parser::new(0), program)
        .expect("a valid program");
    module.finish()
}
