//! Two modules to one, section by section: the program's, then what is kept of the conformer.

use std::collections::BTreeMap;

use sigil_abi::{CONTRACT, HEAP_BASE, HEAP_END, LINK_SECTION};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataCountSection, DataSection, ElementSection,
    ExportKind, ExportSection, FunctionSection, GlobalSection, ImportSection, MemorySection,
    Module, StartSection, TableSection, TagSection, TypeSection,
    reencode::{Error as Reencoding, Reencode},
};
use wasmparser::{DataKind, KnownCustom, TypeRef, Validator, WasmFeatures};

use crate::{
    Entry, Error, Linked, Record,
    layout::Layout,
    names::{self, Added},
    parse::{Parsed, Rank, i32_const},
    reach::Reached,
    record::conformer_name,
    renumber::{ConformerIndices, Functions, Global, ProgramIndices, Types},
    resolve::Fusion,
};

/// Writes the merged module. `conformer` has its final addresses already.
pub(crate) fn merge(
    program: &Parsed<'_>,
    conformer: &Parsed<'_>,
    fusion: &Fusion<'_>,
    reached: &Reached,
    layout: &Layout,
    mut warnings: Vec<String>,
) -> Result<Linked, Error> {
    let functions = Functions::new(program, fusion, reached);
    let statics = statics(conformer, layout);
    let record = record(conformer, fusion, &functions, layout);
    let merger = Merger {
        program,
        conformer,
        fusion,
        reached,
        layout,
        functions: &functions,
    };
    let wasm = merger
        .module(&statics, &record, &mut warnings)
        .map_err(|error| match error {
            Reencoding::ParseError(source) => Error::Malformed {
                input: program.input.name.into(),
                source,
            },
            other => Error::Unsupported {
                input: program.input.name.into(),
                what: other.to_string(),
                help: "check both inputs with `wasm-tools validate`".into(),
            },
        })?;
    validate(program, conformer, &wasm)?;
    Ok(Linked {
        wasm,
        warnings,
        record,
    })
}

/// Refuses an invalid result, and says whose fault it is.
fn validate(program: &Parsed<'_>, conformer: &Parsed<'_>, wasm: &[u8]) -> Result<(), Error> {
    let valid = |wasm| Validator::new_with_features(WasmFeatures::all()).validate_all(wasm);
    let Err(source) = valid(wasm) else {
        return Ok(());
    };
    for input in [program.input, conformer.input] {
        if let Err(error) = valid(input.bytes) {
            return Err(Error::Invalid {
                input: input.name.into(),
                message: error.message().into(),
                offset: error.offset() as u64,
            });
        }
    }
    Err(Error::Defect {
        program: program.input.name.into(),
        source,
    })
}

/// The conformer's static data at its new place, without the zeros that memory holds anyway.
fn statics<'c>(conformer: &Parsed<'c>, layout: &Layout) -> Vec<(u32, &'c [u8])> {
    let mut statics = Vec::new();
    for segment in &conformer.data {
        let DataKind::Active {
            memory_index: 0,
            offset_expr,
        } = &segment.kind
        else {
            continue;
        };
        let Some(start) = i32_const(offset_expr) else {
            continue;
        };
        if let Some(last) = segment.data.iter().rposition(|byte| *byte != 0) {
            statics.push((start.wrapping_add(layout.delta), &segment.data[..=last]));
        }
    }
    statics
}

fn record(
    conformer: &Parsed<'_>,
    fusion: &Fusion<'_>,
    functions: &Functions,
    layout: &Layout,
) -> Record {
    Record {
        conformer: conformer_name(conformer.input.name),
        contract: CONTRACT.to_string(),
        functions: functions.len - functions.conformer.len() as u32..functions.len,
        entries: fusion
            .entries
            .iter()
            .map(|(old, name)| Entry {
                function: functions.conformer[old],
                name: name.to_string(),
            })
            .collect(),
        statics: layout.statics.clone(),
        heap_base: layout.heap_base,
        heap_end: layout.heap_end,
        request_address: layout.request,
    }
}

struct Merger<'m, 'a> {
    program: &'m Parsed<'a>,
    conformer: &'m Parsed<'m>,
    fusion: &'m Fusion<'m>,
    reached: &'m Reached,
    layout: &'m Layout,
    functions: &'m Functions,
}

type Result2<T> = Result<T, Reencoding<String>>;

impl Merger<'_, '_> {
    fn module(
        &self,
        statics: &[(u32, &[u8])],
        record: &Record,
        warnings: &mut Vec<String>,
    ) -> Result2<Vec<u8>> {
        let program = self.program;
        let mut theirs = ProgramIndices {
            functions: self.functions,
            min_pages: self.layout.min_pages,
            added_segments: statics.len() as u32,
            n_memories_seen: 0,
        };
        let (globals, added_globals) = self.globals();
        let mut ours = ConformerIndices {
            conformer: self.conformer,
            functions: self.functions,
            types: Types::new(program),
            globals,
            layout: self.layout,
        };
        // What of the conformer mentions types comes first; the type section is then complete.
        let code = self.code(&mut theirs, &mut ours)?;
        let functions = self.function_section(&mut ours)?;

        let mut customs = Customs {
            warnings,
            dropped: Vec::new(),
        };
        let mut module = Module::new();
        let mut custom = |module: &mut Module, theirs: &mut ProgramIndices<'_>, rank| {
            for (after, section) in &program.customs {
                if *after == rank {
                    customs.copy(module, theirs, self, section, &added_globals);
                }
            }
        };
        custom(&mut module, &mut theirs, Rank::Header);

        let mut types = TypeSection::new();
        if let Some(section) = &program.sections.types {
            theirs.parse_type_section(&mut types, section.clone())?;
        }
        for ty in ours.types.added().to_vec() {
            types.ty().func_type(&ours.func_type(ty)?);
        }
        section(&mut module, &types, types.is_empty());
        custom(&mut module, &mut theirs, Rank::Type);

        let mut imports = ImportSection::new();
        let mut function = 0;
        for import in &program.imports {
            let is_function = matches!(import.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
            function += u32::from(is_function);
            if !(is_function && self.fusion.imports.contains_key(&(function - 1))) {
                theirs.parse_import(&mut imports, *import)?;
            }
        }
        section(&mut module, &imports, imports.is_empty());
        custom(&mut module, &mut theirs, Rank::Import);

        module.section(&functions);
        custom(&mut module, &mut theirs, Rank::Function);

        let mut tables = TableSection::new();
        if let Some(section) = &program.sections.tables {
            theirs.parse_table_section(&mut tables, section.clone())?;
        }
        section(&mut module, &tables, tables.is_empty());
        custom(&mut module, &mut theirs, Rank::Table);

        let mut memories = MemorySection::new();
        if let Some(section) = &program.sections.memories {
            theirs.parse_memory_section(&mut memories, section.clone())?;
        }
        section(&mut module, &memories, memories.is_empty());
        custom(&mut module, &mut theirs, Rank::Memory);

        let mut tags = TagSection::new();
        if let Some(section) = &program.sections.tags {
            theirs.parse_tag_section(&mut tags, section.clone())?;
        }
        section(&mut module, &tags, tags.is_empty());
        custom(&mut module, &mut theirs, Rank::Tag);

        let globals = self.global_section(&mut theirs, &mut ours)?;
        section(&mut module, &globals, globals.is_empty());
        custom(&mut module, &mut theirs, Rank::Global);

        let mut exports = ExportSection::new();
        if let Some(section) = &program.sections.exports {
            theirs.parse_export_section(&mut exports, section.clone())?;
        }
        for (name, old) in &self.fusion.exports {
            exports.export(name, ExportKind::Func, self.functions.conformer[old]);
        }
        section(&mut module, &exports, exports.is_empty());
        custom(&mut module, &mut theirs, Rank::Export);

        if let Some(start) = program.start {
            let function_index = theirs.start_section(start)?;
            module.section(&StartSection { function_index });
        }
        custom(&mut module, &mut theirs, Rank::Start);

        let mut elements = ElementSection::new();
        if let Some(section) = &program.sections.elements {
            theirs.parse_element_section(&mut elements, section.clone())?;
        }
        section(&mut module, &elements, elements.is_empty());
        custom(&mut module, &mut theirs, Rank::Element);

        if let Some(count) = program.data_count {
            let count = theirs.data_count(count)?;
            module.section(&DataCountSection { count });
        }
        custom(&mut module, &mut theirs, Rank::DataCount);

        module.section(&code);
        custom(&mut module, &mut theirs, Rank::Code);

        let mut data = DataSection::new();
        for segment in &program.data {
            theirs.parse_data(&mut data, segment.clone())?;
        }
        for (address, bytes) in statics {
            let offset = ConstExpr::i32_const(*address as i32);
            data.active(0, &offset, bytes.iter().copied());
        }
        section(&mut module, &data, data.is_empty());
        custom(&mut module, &mut theirs, Rank::Data);

        let record = record.to_json();
        module.section(&CustomSection {
            name: LINK_SECTION.into(),
            data: record.into(),
        });
        customs.report(program.input.name);
        Ok(module.finish())
    }

    fn function_section(&self, ours: &mut ConformerIndices<'_>) -> Result2<FunctionSection> {
        let mut section = FunctionSection::new();
        let program = self.program;
        for ty in &program.functions[program.n_imported_functions as usize..] {
            section.function(*ty);
        }
        for old in &self.reached.functions {
            section.function(ours.type_of(*old)?);
        }
        Ok(section)
    }

    fn code(
        &self,
        theirs: &mut ProgramIndices<'_>,
        ours: &mut ConformerIndices<'_>,
    ) -> Result2<CodeSection> {
        let mut code = CodeSection::new();
        for body in &self.program.bodies {
            theirs.parse_function_body(&mut code, body.clone())?;
        }
        for old in &self.reached.functions {
            let body = &self.conformer.bodies[(old - self.conformer.n_imported_functions) as usize];
            let request = self.fusion.entries.get(old).and_then(|name| {
                let interface = name.interface;
                sigil_abi::interface(interface.package, interface.interface)?
                    .function(name.function)?
                    .request
            });
            ours.body(&mut code, body, request)?;
        }
        Ok(code)
    }

    /// What the conformer's globals become, and names for those that the merged module gains.
    fn globals(&self) -> (BTreeMap<u32, Global>, Vec<(u32, String)>) {
        let conformer = self.conformer;
        let mut globals = BTreeMap::new();
        let mut names = Vec::new();
        let mut next = self.program.globals.len() as u32;
        let imported = conformer
            .imports
            .iter()
            .filter(|i| matches!(i.ty, TypeRef::Global(_)));
        for (old, import) in (0..).zip(imported) {
            let value = match (import.module, import.name) {
                (sigil_abi::ENV, HEAP_BASE) => self.layout.heap_base,
                (sigil_abi::ENV, HEAP_END) => self.layout.heap_end,
                _ => continue,
            };
            globals.insert(old, Global::Constant(value));
        }
        for old in &self.reached.globals {
            if *old >= conformer.n_imported_globals {
                globals.insert(*old, Global::Index(next));
                let name = conformer.global_names.iter().find(|named| named.0 == *old);
                names.extend(name.map(|(_, name)| (next, (*name).to_string())));
                next += 1;
            }
        }
        (globals, names)
    }

    fn global_section(
        &self,
        theirs: &mut ProgramIndices<'_>,
        ours: &mut ConformerIndices<'_>,
    ) -> Result2<GlobalSection> {
        let mut section = GlobalSection::new();
        if let Some(globals) = &self.program.sections.globals {
            theirs.parse_global_section(&mut section, globals.clone())?;
        }
        for old in &self.reached.globals {
            let (ty, Some(init)) = &self.conformer.globals[*old as usize] else {
                continue;
            };
            let init = match self.layout.stack_top {
                Some(top) if self.reached.stack_pointer == Some(*old) => {
                    ConstExpr::i32_const(top as i32)
                }
                _ => ours.const_expr(init.clone())?,
            };
            section.global(ours.global_type(*ty)?, &init);
        }
        Ok(section)
    }

    /// Names for the conformer's functions: those of the contract by the contract, the others as they
    /// were, so that a backtrace says who ran out of memory in whose service.
    fn added_names(&self, globals: &[(u32, String)]) -> Added {
        let own = |old: u32| {
            self.conformer
                .function_names
                .iter()
                .find(|named| named.0 == old)
        };
        let functions = self.functions.conformer.iter().map(|(old, new)| {
            let name = match (self.fusion.entries.get(old), own(*old)) {
                (Some(name), _) => name.to_string(),
                (None, Some((_, name))) => (*name).to_string(),
                (None, None) => format!("{}[{old}]", conformer_name(self.conformer.input.name)),
            };
            (*new, name)
        });
        Added {
            functions: functions.collect(),
            globals: globals.to_vec(),
        }
    }
}

/// Copies the program's custom sections, but for those that the merge makes wrong.
struct Customs<'w> {
    warnings: &'w mut Vec<String>,
    dropped: Vec<String>,
}

impl Customs<'_> {
    fn copy(
        &mut self,
        module: &mut Module,
        theirs: &mut ProgramIndices<'_>,
        merger: &Merger<'_, '_>,
        section: &wasmparser::CustomSectionReader<'_>,
        added_globals: &[(u32, String)],
    ) {
        match section.as_known() {
            KnownCustom::Name(reader) => {
                let added = merger.added_names(added_globals);
                let is_fused = |function| merger.fusion.imports.contains_key(&function);
                module.section(&names::merged(reader, theirs, is_fused, &added));
            }
            _ if has_code_offsets(section.name()) => self.dropped.push(section.name().into()),
            _ => {
                module.section(&CustomSection {
                    name: section.name().into(),
                    data: section.data().into(),
                });
            }
        }
    }

    fn report(self, program: &str) {
        if !self.dropped.is_empty() {
            self.warnings.push(format!(
                "dropped from `{program}`, because its code has moved: {}",
                self.dropped.join(", ")
            ));
        }
    }
}

/// Whether a custom section of this name points into the code section.
fn has_code_offsets(name: &str) -> bool {
    name.starts_with(".debug_")
        || name.starts_with("reloc.")
        || name.starts_with("metadata.code.")
        || matches!(name, "linking" | "sourceMappingURL" | "external_debug_info")
}

fn section(module: &mut Module, section: &impl wasm_encoder::Section, is_empty: bool) {
    if !is_empty {
        module.section(section);
    }
}
