//! Linked components, run as a stock wasmtime runs them: no Sigil at run time.
//!
//! `emitted` makes them of linked modules (`--emit component`); `fused` links programs that are components
//! already. Commands are run through `wasi:cli/run`, the library through generated bindings.

mod emitted;
mod fused;
mod runner;

use std::path::Path;

use sigil_link::Input;
use wasi_preview1_component_adapter_provider as adapter;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

const TARGET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target");

/// What `cargo xtask build` wrote to `target/`.
fn built(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(TARGET).join(path))
        .unwrap_or_else(|error| panic!("no target/{path} ({error}): run `cargo xtask build`"))
}

/// The conformer that is linked in.
fn bump() -> Vec<u8> {
    built("conformers/bump.component.wasm")
}

fn input<'a>(name: &'a str, bytes: &'a [u8]) -> Input<'a> {
    Input { name, bytes }
}

/// What the program prints by the file beside its source.
fn expected(program: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("programs/{program}.out"));
    std::fs::read_to_string(path).unwrap()
}

/// `module` with a section that says it is of the world `app`, given in WIT beside the contract's.
fn of_world(mut module: Vec<u8>, app: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let wit = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit/allocator.wit");
    resolve.push_file(wit).unwrap();
    let package = resolve.push_str("app.wit", app).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

/// A component of the command `module` by the public encoder, whatever it imports.
fn command(module: &[u8]) -> Vec<u8> {
    componentized(module, adapter::WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)
}

/// The same for a library.
fn library(module: &[u8]) -> Vec<u8> {
    componentized(module, adapter::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)
}

fn componentized(module: &[u8], wasi: &[u8]) -> Vec<u8> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.adapter(adapter::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, wasi))
        .and_then(|encoder| encoder.validate(true).encode())
        .unwrap_or_else(|error| panic!("{error:#}"))
}

/// The names of what a component imports.
fn imports(component: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            wasmparser::Payload::Version { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth -= 1,
            wasmparser::Payload::ComponentImportSection(section) if depth == 1 => {
                names.extend(
                    section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_string()),
                );
            }
            _ => {}
        }
    }
    names
}
