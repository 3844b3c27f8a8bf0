//! Bytes to facts: one pass over a core module that decides nothing.

use std::ops::Range;

use wasmparser::{
    ConstExpr, CustomSectionReader, Data, DataKind, ElementSectionReader, Encoding,
    ExportSectionReader, ExternalKind, FuncType, FunctionBody, GlobalSectionReader, GlobalType,
    Import, ImportSectionReader, KnownCustom, Linking, MemorySectionReader, MemoryType, Name,
    Parser, Payload, RelocationEntry, SymbolInfo, TableSectionReader, TagSectionReader, TypeRef,
    TypeSectionReader,
};

use crate::{Error, Input, constant};

/// What a core module says of itself. Indices are those of the module's own index spaces.
pub(crate) struct Parsed<'a> {
    pub(crate) input: Input<'a>,
    /// Each type that is a plain function type, by type index.
    pub(crate) types: Vec<Option<FuncType>>,
    pub(crate) imports: Vec<Import<'a>>,
    /// The type index of each function, the imported ones first.
    pub(crate) functions: Vec<u32>,
    pub(crate) n_imported_functions: u32,
    /// Each global, the imported ones first; these have no initialiser.
    pub(crate) globals: Vec<(GlobalType, Option<ConstExpr<'a>>)>,
    pub(crate) n_imported_globals: u32,
    /// The value of each global that is a constant.
    pub(crate) constants: Vec<Option<u32>>,
    /// Each memory, the imported ones first.
    pub(crate) memories: Vec<MemoryType>,
    pub(crate) n_imported_memories: u32,
    pub(crate) exports: Vec<wasmparser::Export<'a>>,
    pub(crate) start: Option<u32>,
    pub(crate) bodies: Vec<FunctionBody<'a>>,
    pub(crate) data: Vec<Data<'a>>,
    pub(crate) data_count: Option<u32>,
    /// The file offsets of the contents of the code and the data section, which relocations count from.
    pub(crate) code_range: Range<usize>,
    pub(crate) data_range: Range<usize>,
    pub(crate) sections: Sections<'a>,
    /// Custom sections, each with the rank of the section that it follows.
    pub(crate) customs: Vec<(Rank, CustomSectionReader<'a>)>,
    pub(crate) function_names: Vec<(u32, &'a str)>,
    pub(crate) global_names: Vec<(u32, &'a str)>,
    pub(crate) linking: Option<Symbols<'a>>,
}

/// The place of a section in a module: custom sections keep theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    Header,
    Type,
    Import,
    Function,
    Table,
    Memory,
    Tag,
    Global,
    Export,
    Start,
    Element,
    DataCount,
    Code,
    Data,
    /// Behind all others, also behind sections that the module has none of, as the name section must be.
    End,
}

/// The sections that are copied with their indices renumbered.
#[derive(Default)]
pub(crate) struct Sections<'a> {
    pub(crate) types: Option<TypeSectionReader<'a>>,
    pub(crate) imports: Option<ImportSectionReader<'a>>,
    pub(crate) tables: Option<TableSectionReader<'a>>,
    pub(crate) memories: Option<MemorySectionReader<'a>>,
    pub(crate) tags: Option<TagSectionReader<'a>>,
    pub(crate) globals: Option<GlobalSectionReader<'a>>,
    pub(crate) exports: Option<ExportSectionReader<'a>>,
    pub(crate) elements: Option<ElementSectionReader<'a>>,
}

/// The `linking` section's symbols and segment alignments, and the relocations that name them.
pub(crate) struct Symbols<'a> {
    pub(crate) symbols: Vec<SymbolInfo<'a>>,
    /// The alignment of each data segment, as a power of two.
    pub(crate) segment_align_log2: Vec<u32>,
    /// Against the contents of the code section.
    pub(crate) code: Vec<RelocationEntry>,
    /// Against the contents of the data section.
    pub(crate) data: Vec<RelocationEntry>,
}

impl<'a> Parsed<'a> {
    /// Reads a core module. Bodies are delimited, not decoded: that is left to whoever needs it.
    pub(crate) fn new(input: Input<'a>) -> Result<Self, Error> {
        check_header(input)?;
        let malformed = |source| Error::Malformed {
            input: input.name.into(),
            source,
        };
        let mut parsed = Self {
            input,
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            n_imported_functions: 0,
            globals: Vec::new(),
            n_imported_globals: 0,
            constants: Vec::new(),
            memories: Vec::new(),
            n_imported_memories: 0,
            exports: Vec::new(),
            start: None,
            bodies: Vec::new(),
            data: Vec::new(),
            data_count: None,
            code_range: 0..0,
            data_range: 0..0,
            sections: Sections::default(),
            customs: Vec::new(),
            function_names: Vec::new(),
            global_names: Vec::new(),
            linking: None,
        };
        let mut reader = Reader {
            parsed: &mut parsed,
            rank: Rank::Header,
            index: 0,
            code: 0,
            data: 0,
        };
        for payload in Parser::new(0).parse_all(input.bytes) {
            reader
                .payload(payload.map_err(malformed)?)
                .map_err(malformed)?;
        }
        let last = reader.rank;
        parsed.constants = constant::values(&parsed.globals);
        for (rank, _) in &mut parsed.customs {
            if *rank == last {
                *rank = Rank::End;
            }
        }
        if parsed.bodies.len() + parsed.n_imported_functions as usize != parsed.functions.len() {
            let at = parsed.code_range.start as u64;
            return Err(Error::Invalid {
                input: input.name.into(),
                message: "the function and code sections differ in length".into(),
                offset: at,
            });
        }
        Ok(parsed)
    }

    /// The function type of function `index`, where that is a plain one.
    pub(crate) fn function_type(&self, index: u32) -> Option<&FuncType> {
        let ty = *self.functions.get(index as usize)?;
        self.types.get(ty as usize)?.as_ref()
    }

    /// The data that lies in memory 0 from the start, as far as its addresses are known: each segment's
    /// index, address and bytes.
    pub(crate) fn static_data(&self) -> impl Iterator<Item = (usize, u32, &'a [u8])> {
        self.data.iter().enumerate().filter_map(|(i, segment)| {
            let DataKind::Active {
                memory_index: 0,
                offset_expr,
            } = &segment.kind
            else {
                return None;
            };
            Some((i, self.value(offset_expr)?, segment.data))
        })
    }

    /// The index of the global that is exported or named `name`.
    pub(crate) fn global_called(&self, name: &str) -> Option<u32> {
        let exported = |export: &&wasmparser::Export<'_>| {
            export.kind == ExternalKind::Global && export.name == name
        };
        let named = || {
            self.global_names
                .iter()
                .find(|named| named.1 == name)
                .map(|named| named.0)
        };
        self.exports
            .iter()
            .find(exported)
            .map(|export| export.index)
            .or_else(named)
    }
}

/// Whether an import of this type has an index among the functions.
pub(crate) fn is_function(import: TypeRef) -> bool {
    matches!(import, TypeRef::Func(_) | TypeRef::FuncExact(_))
}

/// Whether an export of this kind names a function.
pub(crate) fn is_function_kind(kind: ExternalKind) -> bool {
    matches!(kind, ExternalKind::Func | ExternalKind::FuncExact)
}

/// The value of a constant expression that is one `i32.const`.
pub(crate) fn i32_const(init: &ConstExpr<'_>) -> Option<u32> {
    let mut operators = init.get_operators_reader();
    match (operators.read().ok()?, operators.read().ok()?) {
        (wasmparser::Operator::I32Const { value }, wasmparser::Operator::End) => Some(value as u32),
        _ => None,
    }
}

/// Tells a core module from a component, and both from everything else.
fn check_header(input: Input<'_>) -> Result<(), Error> {
    match Parser::new(0).parse(input.bytes, true) {
        Ok(wasmparser::Chunk::Parsed {
            payload:
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                },
            ..
        }) => Ok(()),
        Ok(wasmparser::Chunk::Parsed {
            payload:
                Payload::Version {
                    encoding: Encoding::Component,
                    ..
                },
            ..
        }) => Err(Error::Component {
            input: input.name.into(),
        }),
        _ => Err(Error::NotWasm {
            input: input.name.into(),
            bytes: input.bytes.len(),
        }),
    }
}

/// Collects the payloads of a module into a [`Parsed`].
struct Reader<'p, 'a> {
    parsed: &'p mut Parsed<'a>,
    /// The rank of the last section that is not custom.
    rank: Rank,
    /// How many sections of any kind came before, which is how relocations name one.
    index: u32,
    code: u32,
    data: u32,
}

impl<'a> Reader<'_, 'a> {
    fn payload(&mut self, payload: Payload<'a>) -> wasmparser::Result<()> {
        let parsed = &mut *self.parsed;
        let counts = payload.as_section().is_some();
        match payload {
            Payload::TypeSection(types) => {
                self.rank = Rank::Type;
                parsed.sections.types = Some(types.clone());
                for group in types {
                    let group = group?;
                    let alone = group.types().len() == 1;
                    parsed.types.extend(group.into_types().map(|ty| {
                        let plain = alone && ty.is_final && ty.supertype_idx.is_none();
                        match ty.composite_type.inner {
                            wasmparser::CompositeInnerType::Func(func) if plain => Some(func),
                            _ => None,
                        }
                    }));
                }
            }
            Payload::ImportSection(imports) => {
                self.rank = Rank::Import;
                parsed.sections.imports = Some(imports.clone());
                for import in imports.into_imports() {
                    let import = import?;
                    parsed.imports.push(import);
                    match import.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => parsed.functions.push(ty),
                        TypeRef::Global(ty) => parsed.globals.push((ty, None)),
                        TypeRef::Memory(ty) => parsed.memories.push(ty),
                        TypeRef::Table(_) | TypeRef::Tag(_) => {}
                    }
                }
                parsed.n_imported_functions = parsed.functions.len() as u32;
                parsed.n_imported_globals = parsed.globals.len() as u32;
                parsed.n_imported_memories = parsed.memories.len() as u32;
            }
            Payload::FunctionSection(functions) => {
                self.rank = Rank::Function;
                for ty in functions {
                    parsed.functions.push(ty?);
                }
            }
            Payload::TableSection(tables) => {
                self.rank = Rank::Table;
                parsed.sections.tables = Some(tables);
            }
            Payload::MemorySection(memories) => {
                self.rank = Rank::Memory;
                parsed.sections.memories = Some(memories.clone());
                for memory in memories {
                    parsed.memories.push(memory?);
                }
            }
            Payload::TagSection(tags) => {
                self.rank = Rank::Tag;
                parsed.sections.tags = Some(tags);
            }
            Payload::GlobalSection(globals) => {
                self.rank = Rank::Global;
                parsed.sections.globals = Some(globals.clone());
                for global in globals {
                    let global = global?;
                    parsed.globals.push((global.ty, Some(global.init_expr)));
                }
            }
            Payload::ExportSection(exports) => {
                self.rank = Rank::Export;
                parsed.sections.exports = Some(exports.clone());
                for export in exports {
                    parsed.exports.push(export?);
                }
            }
            Payload::StartSection { func, .. } => {
                self.rank = Rank::Start;
                parsed.start = Some(func);
            }
            Payload::ElementSection(elements) => {
                self.rank = Rank::Element;
                parsed.sections.elements = Some(elements);
            }
            Payload::DataCountSection { count, .. } => {
                self.rank = Rank::DataCount;
                parsed.data_count = Some(count);
            }
            Payload::CodeSectionStart { range, .. } => {
                self.rank = Rank::Code;
                self.code = self.index;
                parsed.code_range = range;
            }
            Payload::CodeSectionEntry(body) => parsed.bodies.push(body),
            Payload::DataSection(data) => {
                self.rank = Rank::Data;
                self.data = self.index;
                parsed.data_range = data.range();
                for segment in data {
                    parsed.data.push(segment?);
                }
            }
            Payload::CustomSection(custom) => {
                self.custom(&custom)?;
                self.parsed.customs.push((self.rank, custom));
            }
            _ => return Ok(()),
        }
        self.index += u32::from(counts);
        Ok(())
    }

    fn custom(&mut self, custom: &CustomSectionReader<'a>) -> wasmparser::Result<()> {
        let parsed = &mut *self.parsed;
        match custom.as_known() {
            // Names are for people: what is wrong in them is left out, not an error.
            KnownCustom::Name(names) => {
                for subsection in names.into_iter().map_while(Result::ok) {
                    let (map, into) = match subsection {
                        Name::Function(map) => (map, &mut parsed.function_names),
                        Name::Global(map) => (map, &mut parsed.global_names),
                        _ => continue,
                    };
                    into.extend(
                        map.into_iter()
                            .map_while(Result::ok)
                            .map(|n| (n.index, n.name)),
                    );
                }
            }
            KnownCustom::Linking(linking) => {
                let into = parsed.linking.get_or_insert_with(Symbols::none);
                for subsection in linking.subsections() {
                    match subsection? {
                        Linking::SymbolTable(symbols) => {
                            for symbol in symbols {
                                into.symbols.push(symbol?);
                            }
                        }
                        Linking::SegmentInfo(segments) => {
                            for segment in segments {
                                into.segment_align_log2.push(segment?.alignment);
                            }
                        }
                        _ => {}
                    }
                }
            }
            KnownCustom::Reloc(relocations) => {
                let into = parsed.linking.get_or_insert_with(Symbols::none);
                let into = match relocations.section_index() {
                    section if section == self.code => &mut into.code,
                    section if section == self.data => &mut into.data,
                    _ => return Ok(()),
                };
                for entry in relocations.entries() {
                    into.push(entry?);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

impl Symbols<'_> {
    fn none() -> Self {
        Self {
            symbols: vec![],
            segment_align_log2: vec![],
            code: vec![],
            data: vec![],
        }
    }
}
