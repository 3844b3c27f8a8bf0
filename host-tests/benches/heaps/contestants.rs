//! Who runs: the driver with an allocator in it, compiled.

use std::{fs, path::Path};

use sigil_link::{Input, Options, link};
use wasmparser::{ExternalKind, Operator, Parser, Payload};
use wasmtime::{Engine, Module};

use crate::workloads::Workload;

/// How a workload gives its blocks back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Frees,
    Scopes,
}

/// A contestant in a style: its name says both.
pub(crate) struct Contestant {
    pub(crate) name: String,
    pub(crate) style: Style,
    pub(crate) module: Module,
    /// Frees nothing, or hardly: `d` would only measure fresh memory.
    leaks: bool,
}

/// The others, as the driver's files are called, and their names.
const PEERS: &[(&str, &str)] = &[
    ("lol", "lol_alloc"),
    ("dlmalloc", "dlmalloc"),
    ("zig", "zig"),
    ("talc", "talc"),
    ("rlsf", "rlsf"),
    ("buddy", "buddy_system_allocator"),
    ("wee", "wee_alloc"),
];
const LEAKING: &[(&str, &str)] = &[("mini", "mini-alloc")];
const ARENAS: &[(&str, &str)] = &[("bumpalo", "bumpalo")];

/// All that `wanted` names, ours first; `more` are files with conformers, measured as freelist is.
pub(crate) fn all(more: &[String], wanted: impl Fn(&str) -> bool) -> Vec<Contestant> {
    let engine = Engine::default();
    let mut found = Vec::new();
    let mut add = |name: String, style: Style, leaks: bool, wasm: &mut dyn FnMut() -> Vec<u8>| {
        if wanted(&name) {
            let module = Module::new(&engine, wasm()).expect("a valid module");
            found.push(Contestant {
                name,
                style,
                module,
                leaks,
            });
        }
    };
    for (optimize, flag) in [(false, ""), (true, " -O")] {
        let bump = conformer("bump");
        add(format!("bump{flag}"), Style::Scopes, false, &mut || {
            linked("sigil-scopes", &bump, optimize)
        });
        let mut ours = vec![("freelist".to_owned(), conformer("freelist"))];
        for path in more {
            let name = Path::new(path).file_stem().expect("a file's name");
            ours.push((name.to_string_lossy().into_owned(), read(Path::new(path))));
        }
        for (name, bytes) in ours {
            for (style, how) in [(Style::Frees, ""), (Style::Scopes, ", scopes")] {
                add(format!("{name}{flag}{how}"), style, false, &mut || {
                    linked("sigil-frees", &bytes, optimize)
                });
            }
        }
    }
    for (peers, style, leaks) in [
        (PEERS, Style::Frees, false),
        (LEAKING, Style::Frees, true),
        (ARENAS, Style::Scopes, false),
    ] {
        for (file, name) in peers {
            add((*name).to_owned(), style, leaks, &mut || driver(file));
        }
    }
    found
}

impl Contestant {
    /// Whether the workload says anything of it: `d` frees.
    pub(crate) fn runs(&self, workload: Workload) -> bool {
        let frees = self.style == Style::Frees && !self.leaks;
        frees || !matches!(workload, Workload::Churn { .. })
    }

    /// The driver's function for `workload`.
    pub(crate) fn export(&self, workload: Workload) -> String {
        let how = match self.style {
            Style::Frees => "",
            Style::Scopes => "_scopes",
        };
        format!("{}{how}", workload.export())
    }
}

/// A driver as it was built, by the name of its file.
fn driver(name: &str) -> Vec<u8> {
    read(&target(&format!("bench/guests/{name}.wasm")))
}

/// A conformer as it was built.
fn conformer(name: &str) -> Vec<u8> {
    read(&target(&format!("conformers/{name}.wasm")))
}

fn target(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(path)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build it with `cargo xtask build --bench-guests`",
            path.display()
        )
    })
}

/// How much of the initial memory an allocator may find behind the driver's data. It is little, so that the pages
/// that are counted, those that memory grew by, are all that it has.
const REST: u32 = 8 << 10;

fn linked(driver_name: &str, conformer: &[u8], optimize: bool) -> Vec<u8> {
    let program = driver(driver_name);
    let (heap_base, end) = bounds(&program);
    let mut options = Options::default();
    options.optimize = optimize;
    options.heap_base = Some(heap_base.max(end - REST));
    let program = Input {
        name: driver_name,
        bytes: &program,
    };
    let conformer = Input {
        name: "the conformer",
        bytes: conformer,
    };
    let linked = link(program, conformer, &options).unwrap_or_else(|error| panic!("{error}"));
    linked.wasm
}

/// The driver's `__heap_base`, and the end of its memory.
fn bounds(wasm: &[u8]) -> (u32, u32) {
    let (mut globals, mut exported, mut end) = (Vec::new(), None, 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.expect("a driver is valid") {
            Payload::MemorySection(memories) => {
                let memory = memories.into_iter().next().expect("a memory");
                end = (memory.expect("valid").initial << 16) as u32;
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let mut init = global.expect("valid").init_expr.get_operators_reader();
                    globals.push(match init.read() {
                        Ok(Operator::I32Const { value }) => value as u32,
                        _ => 0,
                    });
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.expect("valid");
                    if export.kind == ExternalKind::Global && export.name == "__heap_base" {
                        exported = Some(export.index as usize);
                    }
                }
            }
            _ => {}
        }
    }
    let heap_base = exported.expect("the driver exports `__heap_base`");
    (globals[heap_base], end)
}
