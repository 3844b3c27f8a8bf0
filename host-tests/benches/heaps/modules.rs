//! The modules that run: as they were built, and ours linked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sigil_link::{Input, Options, link};
use wasmparser::{ExternalKind, Operator, Parser, Payload};

/// A driver as it was built, by the name of its file.
pub(crate) fn driver(name: &str) -> Vec<u8> {
    read(&target(&format!("bench/guests/{name}.wasm")))
}

/// A program of `host-tests/programs` as it was built.
#[allow(dead_code, reason = "tests share this file")]
pub(crate) fn program(name: &str) -> Vec<u8> {
    read(&target(&format!("programs/{name}.wasm")))
}

/// A conformer as it was built.
pub(crate) fn conformer(name: &str) -> Vec<u8> {
    read(&target(&format!("conformers/{name}.wasm")))
}

fn target(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(path)
}

/// A file that a build has left.
///
/// # Panics
///
/// Where it is not there.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build it with `cargo xtask build --bench-guests`, programs with `cargo xtask build`",
            path.display()
        )
    })
}

/// How much of the initial memory an allocator may find behind the driver's data. It is little, so that the pages
/// that are counted, those that memory grew by, are all that it has.
const REST: u32 = 8 << 10;

/// A driver of ours with a conformer linked in.
///
/// # Panics
///
/// Where they do not link.
pub(crate) fn linked(driver_name: &str, conformer: &[u8], optimize: bool) -> Vec<u8> {
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
