//! One program in three forms that must not differ in anything but speed.

use std::{ops::Range, path::Path};

use sigil_link::{Input, Linked, Options, Record, link};
use wasm_encoder::{
    EntityType, ImportSection, MemorySection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{Parser, Payload, TypeRef};

/// A program and what it needs around it.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) wasm: Vec<u8>,
    /// The conformer by itself, over the imported memory, where the program still imports it.
    pub(crate) allocator: Option<Vec<u8>>,
}

/// The three forms of a program.
pub(crate) struct Variants {
    pub(crate) all: [Variant; 3],
    /// The initial size of memory 0.
    pub(crate) min_pages: u64,
    /// Where the conformer keeps its state: `-O` keeps some of it elsewhere.
    pub(crate) statics: Range<u32>,
    /// How many calls `-O` inlined.
    pub(crate) n_inlined: u64,
}

/// What a conformer exports, by the interface that programs import it from.
pub(crate) const FUNCTIONS: [(&str, &str); 7] = [
    ("sigil:allocator/core@0.1.0", "alloc"),
    ("sigil:allocator/core@0.1.0", "realloc"),
    ("sigil:allocator/core@0.1.0", "mem-copy"),
    ("sigil:allocator/scope@0.1.0", "enter-scope"),
    ("sigil:allocator/scope@0.1.0", "exit-scope"),
    ("sigil:allocator/scope@0.1.0", "promote"),
    ("sigil:allocator/bulk@0.1.0", "free-all"),
];

/// Two instances that share a memory, one module, and one optimised module of `program`, which imports
/// its memory 0 as `env.memory`.
pub(crate) fn of(program: &[u8], conformer: &[u8]) -> Variants {
    let fused = linked(program, conformer, false, None, &[]).wasm;
    let min_pages = memory_pages(&fused);
    let record = Record::read(&fused).expect("a linked module has a record");
    // Alone, the conformer sits where it does in the linked program: every address is the same.
    let shell = format!("(module (import \"env\" \"memory\" (memory {min_pages})))");
    let shell = wat::parse_str(shell).expect("it is WAT");
    let base = Some(record.statics.start);
    let names = FUNCTIONS.map(|(_, name)| name);
    let allocator = linked(&shell, conformer, false, base, &names).wasm;
    let alone = Record::read(&allocator).expect("a linked module has a record");
    assert_eq!(
        (alone.statics.clone(), alone.heap_base, alone.heap_end),
        (record.statics.clone(), record.heap_base, record.heap_end),
        "the conformer lies elsewhere when it is alone"
    );
    let optimized = linked(program, conformer, true, None, &[]);
    let again = linked(program, conformer, true, None, &[]);
    assert!(
        optimized.wasm == again.wasm,
        "two runs gave different bytes"
    );
    let report = optimized.report.expect("-O reports");
    let n_inlined = report
        .functions
        .iter()
        .map(|function| u64::from(function.n_inlined()))
        .sum();
    let variant = |name, wasm, allocator| Variant {
        name,
        wasm,
        allocator,
    };
    Variants {
        all: [
            variant("two instances", program.to_vec(), Some(allocator)),
            variant("fused", fused, None),
            variant("fused with -O", optimized.wasm, None),
        ],
        min_pages,
        statics: record.statics,
        n_inlined,
    }
}

/// Links, and validates what comes out.
pub(crate) fn linked(
    program: &[u8],
    conformer: &[u8],
    optimize: bool,
    heap_base: Option<u32>,
    exports: &[&str],
) -> Linked {
    let mut options = Options::default();
    options.optimize = optimize;
    options.heap_base = heap_base;
    options.exports = exports.iter().map(ToString::to_string).collect();
    let input = |name, bytes| Input { name, bytes };
    let linked = link(
        input("program", program),
        input("conformer", conformer),
        &options,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    wasmparser::validate(&linked.wasm).expect("the output is valid");
    linked
}

/// The conformers that programs run with, as `cargo xtask build` makes them: one with a short fast path, one with a long
/// one.
pub(crate) fn conformers() -> [Vec<u8>; 2] {
    ["bump", "freelist"].map(|name| read(&target().join(format!("conformers/{name}.wasm"))))
}

pub(crate) fn target() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target")
}

pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build it with `cargo xtask build`",
            path.display()
        )
    })
}

/// The initial size of memory 0.
fn memory_pages(wasm: &[u8]) -> u64 {
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("it is valid") {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    if let TypeRef::Memory(memory) = import.expect("it is valid").ty {
                        return memory.initial;
                    }
                }
            }
            Payload::MemorySection(memories) => {
                if let Some(memory) = memories.into_iter().next() {
                    return memory.expect("it is valid").initial;
                }
            }
            _ => {}
        }
    }
    panic!("the module has no memory")
}

/// `program`, whose only memory is its own, with that memory imported as `env.memory`.
pub(crate) fn with_imported_memory(program: &[u8]) -> Vec<u8> {
    let mut module = Module::new();
    let mut shared = SharedMemory {
        min_pages: memory_pages(program),
    };
    shared
        .parse_core_module(&mut module, Parser::new(0), program)
        .expect("it is valid");
    module.finish()
}

/// Reencodes a module with its memory imported.
struct SharedMemory {
    min_pages: u64,
}

impl Reencode for SharedMemory {
    type Error = std::convert::Infallible;

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in section.into_imports() {
            self.parse_import(imports, import?)?;
        }
        let memory = wasm_encoder::MemoryType {
            minimum: self.min_pages,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        };
        imports.import("env", "memory", EntityType::Memory(memory));
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        _: &mut MemorySection,
        _: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), Error> {
        Ok(())
    }
}
