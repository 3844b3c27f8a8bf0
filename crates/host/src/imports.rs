//! What a core module is given, and the report of what it wants and nobody gives.
//!
//! Three things are on offer: WASI preview 1 where the embedder asked for it, a memory for `env` `memory`, and nothing else. All
//! missing imports are reported together, with a hint for each kind.

use crate::engine::Module;
use crate::facts::names_allocator;
use crate::failure::{Circumstances, Failure, classify};
use crate::instance::State;
use crate::to_anyhow;
use wasmtime::{Extern, ExternType, Linker, Store};

/// The module name of WASI preview 1.
const WASI_P1: &str = "wasi_snapshot_preview1";

/// Defines WASI preview 1 over the store's own WASI state, which must be set, as it is never unset.
pub(crate) fn link_wasi(linker: &mut Linker<State>) -> Result<(), Failure> {
    wasmtime_wasi::p1::add_to_linker_sync(linker, |state: &mut State| {
        &mut state
            .wasi
            .as_mut()
            .expect("linked only where it is set")
            .context
    })
    .map_err(|error| Failure::Host(to_anyhow(error)))
}

/// Creates and defines the memory that the module imports as `env.memory`, with the limits that it asks for.
pub(crate) fn provide_memory(
    module: &Module,
    store: &mut Store<State>,
    linker: &mut Linker<State>,
) -> Result<Option<wasmtime::Memory>, Failure> {
    let wanted = module.inner.imports().find_map(|import| {
        match (import.module(), import.name(), import.ty()) {
            ("env", "memory", ExternType::Memory(ty)) => Some(ty),
            _ => None,
        }
    });
    let Some(ty) = wanted else { return Ok(None) };
    let memory = match wasmtime::Memory::new(&mut *store, ty) {
        Ok(memory) => memory,
        Err(error) => return Err(instantiation_failure(error, module, store)),
    };
    linker
        .define(&*store, "env", "memory", Extern::Memory(memory))
        .map_err(|error| Failure::Host(to_anyhow(error)))?;
    let is_memory_zero = module
        .facts
        .memory_import
        .as_ref()
        .is_some_and(|(from, name)| (from.as_str(), name.as_str()) == ("env", "memory"));
    Ok(is_memory_zero.then_some(memory))
}

/// Reports all imports that nobody provides, at once.
pub(crate) fn check(
    module: &Module,
    store: &mut Store<State>,
    linker: &Linker<State>,
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    let (mut allocator, mut wasi) = (false, false);
    for import in module.inner.imports() {
        if linker.get_by_import(&mut *store, &import).is_none() {
            allocator |= names_allocator(&format!("{}/", import.module()))
                || names_allocator(import.module());
            wasi |= import.module() == WASI_P1;
            missing.push(format!(
                "\n  import `{}` `{}`",
                import.module(),
                import.name()
            ));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let mut message = format!(
        "cannot run the module, nothing provides:{}",
        missing.concat()
    );
    if allocator {
        message.push_str(
            "\nhelp: the program still needs an allocator: link a conformer with `sigil link`",
        );
    }
    if wasi && store.data().wasi.is_none() {
        message.push_str("\nhelp: the program wants WASI preview 1: instantiate it with `Wasi`");
    } else if wasi {
        message.push_str("\nhelp: WASI preview 1 has no such function: was the program built for a newer or older WASI?");
    }
    if !allocator && !wasi {
        message.push_str(
            "\nhelp: a program may import WASI preview 1 and the memory `env` `memory`: define the rest in the program, or merge it in before",
        );
    }
    Err(Failure::host(message))
}

/// Sorts the error of an instantiation that failed.
pub(crate) fn instantiation_failure(
    error: wasmtime::Error,
    module: &Module,
    store: &Store<State>,
) -> Failure {
    let limiter = &store.data().limiter;
    if let Some(cap) = limiter.cap_below_initial() {
        return Failure::Host(anyhow::Error::new(cap));
    }
    let circumstances = Circumstances {
        facts: &module.facts,
        refusal: limiter.last_refusal(),
        entry: "start function",
        requested_bytes: None,
    };
    match classify(error, &circumstances) {
        Failure::Host(error) => Failure::Host(error.context("cannot instantiate the module")),
        failure => failure,
    }
}
