//! Two modules to one, section by section: the program's, then what is kept of the conformer.

use std::collections::BTreeMap;

use sigil_abi::{CONTRACT, HEAP_BASE, HEAP_END, LINK_SECTION};
use wasm_encoder::{
    ConstExpr, CustomSection, DataCountSection, DataSection, ElementSection, ExportKind,
    ExportSection, GlobalSection, GlobalType, ImportSection, MemorySection, Module, StartSection,
    TableSection, TagSection, TypeSection, ValType,
    reencode::{Error as Reencoding, Reencode},
};
use wasmparser::TypeRef;

use crate::{
    Entry, Error, Linked, Options, Record, Replace, Report,
    bodies::Gained,
    carry::Customs,
    layout::Layout,
    made_names,
    names::{self, Added},
    offsets,
    parse::{Parsed, Rank, is_function},
    producers,
    reach::Reached,
    record::conformer_name,
    renumber::{ConformerIndices, Functions, Global, ProgramIndices, Types},
    resolve::Fusion,
    scalars::Scalars,
    validate::{self, Outline},
};

/// All that decisions were made on, ready to be written. `conformer` has its final addresses already.
pub(crate) struct Merger<'m, 'a> {
    pub(crate) program: &'m Parsed<'a>,
    pub(crate) conformer: &'m Parsed<'m>,
    pub(crate) fusion: &'m Fusion<'m>,
    pub(crate) reached: &'m Reached,
    pub(crate) layout: &'m Layout,
    pub(crate) scalars: &'m Scalars,
    pub(crate) functions: &'m Functions,
    pub(crate) outline: &'m Outline<'a>,
    pub(crate) options: &'m Options,
}

/// The merged module, and what is known from writing its code.
struct Written {
    wasm: Vec<u8>,
    report: Option<Report>,
    /// Has the functions into which something was inlined.
    labels: BTreeMap<u32, Vec<Gained>>,
}

pub(crate) type Result2<T> = Result<T, Reencoding<String>>;

/// The conformer's static data at its new place, without the words that became globals and without the
/// zeros that memory holds anyway.
fn statics(conformer: &Parsed<'_>, layout: &Layout, scalars: &Scalars) -> Vec<(u32, Vec<u8>)> {
    let mut statics = Vec::new();
    for (_, start, bytes) in conformer.static_data() {
        let start = start.wrapping_add(layout.delta);
        let mut bytes = bytes.to_vec();
        for word in &scalars.words {
            let at = word.address.wrapping_sub(start) as usize;
            if let Some(bytes) = bytes.get_mut(at..at.saturating_add(4)) {
                bytes.fill(0);
            }
        }
        let is_used = |byte: &u8| *byte != 0;
        if let (Some(first), Some(last)) = (
            bytes.iter().position(is_used),
            bytes.iter().rposition(is_used),
        ) {
            bytes.truncate(last + 1);
            statics.push((start.wrapping_add(first as u32), bytes.split_off(first)));
        }
    }
    statics
}

fn record(
    conformer: &Parsed<'_>,
    fusion: &Fusion<'_>,
    functions: &Functions,
    layout: &Layout,
    replaced: Option<&Replace>,
) -> Record {
    Record {
        conformer: conformer_name(conformer.input.name),
        conformer_version: conformer.version(),
        replaced: replaced.map(|replace| replace.profile.name.clone()),
        linker: Some(env!("CARGO_PKG_VERSION").into()),
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

impl Merger<'_, '_> {
    /// Writes the merged module.
    pub(crate) fn merge(&self, mut warnings: Vec<String>) -> Result<Linked, Error> {
        let statics = statics(self.conformer, self.layout, self.scalars);
        let record = record(
            self.conformer,
            self.fusion,
            self.functions,
            self.layout,
            self.options.replace.as_ref(),
        );
        let written = self.module(&statics, &record, &mut warnings);
        let Written {
            wasm,
            report,
            labels,
        } = written.map_err(|error| self.refused(error))?;
        self.validate(&wasm, |function| labels.contains_key(&function))?;
        Ok(Linked {
            wasm,
            warnings,
            record,
            report,
            map: None,
            replacement: None,
        })
    }
}

impl Merger<'_, '_> {
    /// Why writing the module failed: as a rule because a body of the program is invalid.
    fn refused(&self, error: Reencoding<String>) -> Error {
        let input = || self.program.input.name.into();
        if let Err(invalid) = validate::input(self.program.input) {
            return invalid;
        }
        match error {
            Reencoding::ParseError(source) => Error::Malformed {
                input: input(),
                source,
            },
            other => Error::Unsupported {
                input: input(),
                what: other.to_string(),
                help: "check both inputs with `wasm-tools validate`".into(),
            },
        }
    }

    fn module(
        &self,
        statics: &[(u32, Vec<u8>)],
        record: &Record,
        warnings: &mut Vec<String>,
    ) -> Result2<Written> {
        let program = self.program;
        let mut theirs = ProgramIndices {
            functions: self.functions,
            min_pages: self.layout.min_pages,
            max_pages: self.layout.max_pages,
            added_segments: statics.len() as u32,
            n_memories_seen: 0,
        };
        let (globals, added_globals) = self.globals();
        let n_globals = globals
            .values()
            .filter(|g| matches!(g, Global::Index(_)))
            .count();
        let mut ours = ConformerIndices {
            conformer: self.conformer,
            functions: self.functions,
            types: Types::new(program),
            first_scalar: (program.globals.len() + n_globals) as u32,
            globals,
            layout: self.layout,
            growing: self
                .reached
                .growing
                .iter()
                .filter_map(|old| self.functions.conformer.get(old).copied())
                .collect(),
            scalars: self.scalars,
        };
        // What of the conformer mentions types comes first; the type section is then complete.
        let code = self.code(&mut ours)?;
        let functions = self.function_section(&mut ours)?;

        let mut added = self.added_names(&added_globals, statics, &code.labels);
        let kept = code
            .moves
            .as_ref()
            .map(|moves| offsets::kept(program, moves, self.functions, warnings));
        let mut customs = Customs {
            warnings,
            rewritten: kept.unwrap_or_default(),
            dropped: Vec::new(),
        };
        let producers = program.custom(producers::SECTION);
        customs
            .rewritten
            .insert(producers::SECTION, producers::merged(producers));
        let mut module = Module::new();
        let mut custom = |module: &mut Module, theirs: &mut ProgramIndices<'_>, rank| {
            for (after, section) in &program.customs {
                if *after == rank {
                    customs.copy(module, theirs, self, section, &added);
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
            let is_function = is_function(import.ty);
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

        module.section(&code.section);
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
        custom(&mut module, &mut theirs, Rank::End);

        if let Some(own) = customs.rewritten.get(producers::SECTION) {
            module.section(&CustomSection {
                name: producers::SECTION.into(),
                data: own.into(),
            });
        }
        if self.options.names && !made_names::has_names(program) {
            let mut functions = made_names::functions(program, &mut theirs);
            // What is fused has the conformer's name, which comes later and wins.
            functions.append(&mut added.functions);
            added.functions = functions;
            module.section(&names::merged(
                made_names::none(),
                &mut theirs,
                self.functions,
                |_| false,
                &added,
            ));
        }

        let record = record.to_json();
        module.section(&CustomSection {
            name: LINK_SECTION.into(),
            data: record.into(),
        });
        customs.report(program.input.name);
        Ok(Written {
            wasm: module.finish(),
            report: code.report,
            labels: code.labels,
        })
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
        names.extend((next..).zip(self.scalars.words.iter().map(|word| word.name.clone())));
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
        let ty = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        for word in &self.scalars.words {
            section.global(ty, &ConstExpr::i32_const(word.init as i32));
        }
        Ok(section)
    }

    /// Names for the conformer's functions: those of the contract by the contract, the others as they
    /// were, so that a backtrace says who ran out of memory in whose service.
    fn added_names(
        &self,
        globals: &[(u32, String)],
        statics: &[(u32, Vec<u8>)],
        labels: &BTreeMap<u32, Vec<Gained>>,
    ) -> Added<'_> {
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
        let first_data = self.program.data.len() as u32;
        let data = statics
            .iter()
            .map(|(address, _)| {
                self.conformer
                    .static_at(address.wrapping_sub(self.layout.delta))
            })
            .map(|name| {
                let name = name.unwrap_or("statics");
                format!("{}.{name}", conformer_name(self.conformer.input.name))
            });
        Added {
            functions: functions.collect(),
            globals: globals.to_vec(),
            data: (first_data..).zip(data).collect(),
            conformer: self.conformer.names(),
            labels: labels.clone(),
        }
    }
}

fn section(module: &mut Module, section: &impl wasm_encoder::Section, is_empty: bool) {
    if !is_empty {
        module.section(section);
    }
}
