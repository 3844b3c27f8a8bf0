//! A component as the program: finds the core module in it that wants the allocator, and puts the linked
//! one in its place.
//!
//! What composing components cannot do, since they share no memory, merging does inside of one:
//!
//! ```wat
//! (component                                                        (component
//!   (import "sigil:allocator/core@0.1.0" (instance $core …))
//!   (core module $app (import "sigil:allocator/core@0.1.0" …) …)      (core module $app …fused…)
//!   (core func $alloc (canon lower (func $core "alloc")))       =>
//!   (core instance $app (instantiate $app                             (core instance $app (instantiate $app))
//!     (with "sigil:allocator/core@0.1.0"
//!       (instance (export "alloc" (func $alloc))))))
//!   …)                                                                …)
//! ```

use sigil_abi::InterfaceName;
use wasmparser::{Parser, Payload};

use crate::{Error, Input, Linked, Options, link_module, parse::Parsed, rewire, validate};

/// A core module that a component defines.
pub(crate) struct CoreModule<'a> {
    /// Its index among the component's core modules.
    pub(crate) index: u32,
    pub(crate) bytes: &'a [u8],
}

/// Merges `conformer` into the core module of the component `program` that imports the allocator, and takes
/// the allocator's imports out of the component.
pub(crate) fn link(
    program: Input<'_>,
    conformer: Input<'_>,
    options: &Options,
) -> Result<Linked, Error> {
    if !options.exports.is_empty() {
        return Err(Error::Unsupported {
            input: program.name.into(),
            what: "--export adds to a core module's exports, and the program is a component".into(),
            help: "a component exports what its world says; leave --export away".into(),
        });
    }
    let component = validate::input(program)?;
    let module = user(program)?;
    let input = Input {
        name: program.name,
        bytes: module.bytes,
    };
    if Parsed::new(input)?.n_imported_memories > 0 {
        return Err(Error::Unsupported {
            input: program.name.into(),
            what: "the core module that uses the allocator has its memory from another one".into(),
            help: "let the module define its memory, so that the heap is its own".into(),
        });
    }
    let mut linked = link_module(input, conformer, options)?;
    linked.wasm = rewire::rewire(program, &component, &module, &linked.wasm)?;
    Ok(linked)
}

/// The one core module of `program` itself that imports from the allocator.
fn user(program: Input<'_>) -> Result<CoreModule<'_>, Error> {
    let mut depth = 0;
    let mut n_modules = 0;
    let mut users = Vec::new();
    let mut nested = false;
    for payload in Parser::new(0).parse_all(program.bytes) {
        let payload = payload.map_err(|source| Error::Malformed {
            input: program.name.into(),
            source,
        })?;
        let index = n_modules;
        if depth == 1 {
            n_modules += rewire::n_modules(&payload);
        }
        match payload {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                let bytes = program.bytes.get(unchecked_range).unwrap_or_default();
                let name = program.name;
                let uses = imports_allocator(&Parsed::new(Input { name, bytes })?);
                match depth {
                    1 if uses => users.push(CoreModule { index, bytes }),
                    1 => {}
                    _ => nested |= uses,
                }
            }
            _ => {}
        }
    }
    let unsupported = |what: String, help: &str| Error::Unsupported {
        input: program.name.into(),
        what,
        help: help.into(),
    };
    match users.len() {
        1 => Ok(users.remove(0)),
        0 if nested => Err(unsupported(
            "the allocator is used by a component inside the component".into(),
            "link the inner component first, then compose",
        )),
        0 => Err(Error::NothingToLink {
            program: program.name.into(),
        }),
        n => Err(unsupported(
            format!(
                "{n} of its core modules use the allocator, each over a memory of its own or a shared one"
            ),
            "link each module before the component is made of them",
        )),
    }
}

/// Whether the module imports an interface of the allocator's.
pub(crate) fn imports_allocator(module: &Parsed<'_>) -> bool {
    module
        .imports
        .iter()
        .any(|import| InterfaceName::from_import(import.module).is_some())
}
