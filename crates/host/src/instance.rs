//! A core module at work.
//!
//! An instance owns its store. Calls go through one place, which forgets how earlier growth ended, calls, and sorts the
//! failure; so a trap says something about its own call only, and the instance can be called again after it (H6).

use crate::engine::Module;
use crate::failure::{Circumstances, Failure, classify};
use crate::imports;
use crate::limits::{Limiter, Limits};
use crate::to_anyhow;
use crate::value::{Signature, Value};
use crate::wasi::{Output, Wasi, WasiState};
use std::collections::BTreeMap;
use wasmtime::{Linker, Store, Val};

/// What a store carries.
pub(crate) struct State {
    pub(crate) limiter: Limiter,
    pub(crate) wasi: Option<WasiState>,
}

/// An instantiated core module: a linked program, or a conformer by itself.
pub struct Instance {
    module: Module,
    store: Store<State>,
    inner: wasmtime::Instance,
    /// Memory 0, where the module exports it or we provided it.
    memory: Option<wasmtime::Memory>,
    /// Exports that were looked up already.
    functions: BTreeMap<String, Function>,
}

/// An exported function, with what each call needs to know of its type.
#[derive(Clone, Copy)]
struct Function {
    inner: wasmtime::Func,
    n_results: usize,
}

/// Returns a store whose memory 0 is limited, with its fuel filled.
pub(crate) fn store(
    engine: &crate::Engine,
    limits: &Limits,
    wasi: Option<Wasi>,
) -> Result<Store<State>, Failure> {
    let state = State {
        limiter: Limiter::new(limits),
        wasi: wasi.map(Wasi::build),
    };
    let mut store = Store::new(engine.inner(), state);
    store.limiter(|state| &mut state.limiter);
    if engine.is_metered() {
        fill(&mut store, limits.fuel.unwrap_or(u64::MAX))?;
    } else if limits.fuel.is_some() {
        return Err(Failure::host(
            "fuel was set for an engine that does not count it\nhelp: use `Engine::metered`",
        ));
    }
    Ok(store)
}

fn fill(store: &mut Store<State>, fuel: u64) -> Result<(), Failure> {
    store
        .set_fuel(fuel)
        .map_err(|error| Failure::Host(to_anyhow(error)))
}

impl Instance {
    /// Instantiates `module`: provides WASI where `wasi` is given, and a memory where it imports `env.memory`.
    ///
    /// The module's start function runs; `_start` and `_initialize` do not (see [`Instance::run_command`],
    /// [`Instance::initialize`]).
    ///
    /// # Errors
    ///
    /// [`Failure::Host`] where an import is unknown, or the cap is below the initial memory ([`crate::CapBelowInitial`]); the start
    /// function's own failure.
    pub fn new(module: &Module, limits: &Limits, wasi: Option<Wasi>) -> Result<Instance, Failure> {
        let mut store = store(&module.engine, limits, wasi)?;
        let mut linker = Linker::new(module.engine.inner());
        if store.data().wasi.is_some() {
            imports::link_wasi(&mut linker)?;
        }
        let provided = imports::provide_memory(module, &mut store, &mut linker)?;
        imports::check(module, &mut store, &linker)?;
        let inner = match linker.instantiate(&mut store, &module.inner) {
            Ok(inner) => inner,
            Err(error) => return Err(imports::instantiation_failure(error, module, &store)),
        };
        let exported = module.facts.memory_export.as_deref();
        let memory = exported
            .and_then(|name| inner.get_memory(&mut store, name))
            .or(provided);
        Ok(Instance {
            module: module.clone(),
            store,
            inner,
            memory,
            functions: BTreeMap::new(),
        })
    }

    /// Calls an exported function.
    ///
    /// # Errors
    ///
    /// How the call failed; [`Failure::Host`] where there is no such function, the arguments do not fit, or a result is
    /// no number.
    pub fn call(&mut self, export: &str, args: &[Value]) -> Result<Vec<Value>, Failure> {
        let function = self.function(export)?;
        let args: Vec<Val> = args.iter().map(|value| value.to_wasmtime()).collect();
        let mut results = vec![Val::I32(0); function.n_results];
        self.enter(export, function, &args, &mut results)?;
        results
            .iter()
            .map(|result| {
                Value::from_wasmtime(result).ok_or_else(|| {
                    Failure::host(format!(
                        "`{export}` returned a vector or a reference, which cannot be passed on"
                    ))
                })
            })
            .collect()
    }

    /// Calls an exported function whose parameters and result are `i32`, with their unsigned readings.
    ///
    /// # Errors
    ///
    /// As [`Instance::call`].
    pub fn call_i32(&mut self, export: &str, args: &[u32]) -> Result<Option<u32>, Failure> {
        let mut slots = [const { Val::I32(0) }; 8];
        let Some(slots) = slots.get_mut(..args.len()) else {
            return Err(Failure::host(format!(
                "`{export}` was given {} arguments, at most 8 fit",
                args.len()
            )));
        };
        for (slot, arg) in slots.iter_mut().zip(args) {
            *slot = Val::I32(arg.cast_signed());
        }
        let function = self.function(export)?;
        let n_results = function.n_results;
        let mut result = [Val::I32(0)];
        let Some(results) = result.get_mut(..n_results) else {
            return Err(Failure::host(format!(
                "`{export}` has {n_results} results, expected one at most"
            )));
        };
        self.enter(export, function, slots, results)?;
        match results.first() {
            None => Ok(None),
            Some(Val::I32(bits)) => Ok(Some(bits.cast_unsigned())),
            Some(other) => Err(Failure::host(format!(
                "`{export}` returned {other:?}, expected an i32"
            ))),
        }
    }

    /// Runs a WASI command: calls `_start` and returns its exit status, 0 where it just returns.
    ///
    /// # Errors
    ///
    /// How the program failed; [`Failure::Host`] where there is no `_start`.
    pub fn run_command(&mut self) -> Result<i32, Failure> {
        match self.call("_start", &[]) {
            Ok(_) => Ok(0),
            Err(Failure::Exit(status)) => Ok(status),
            Err(failure) => Err(failure),
        }
    }

    /// Calls `_initialize`, as a WASI reactor wants it before its first call; does nothing where there is none.
    ///
    /// # Errors
    ///
    /// As [`Instance::call`].
    pub fn initialize(&mut self) -> Result<(), Failure> {
        if self.signature("_initialize").is_some() {
            self.call("_initialize", &[])?;
        }
        Ok(())
    }

    /// As [`Module::signature`].
    pub fn signature(&self, export: &str) -> Option<Signature> {
        self.module.signature(export)
    }

    /// Returns the names of the exported functions, in the module's order.
    pub fn exported_functions(&self) -> Vec<String> {
        self.module.exported_functions()
    }

    /// Returns the bytes of memory 0; empty where the module neither exports nor imports it.
    pub fn memory(&mut self) -> &mut [u8] {
        match self.memory {
            Some(memory) => memory.data_mut(&mut self.store),
            None => &mut [],
        }
    }

    /// Returns the size of memory 0 in pages; 0 where it is out of reach, see [`Instance::memory`].
    pub fn memory_pages(&self) -> u64 {
        self.memory.map_or(0, |memory| memory.size(&self.store))
    }

    /// Grows memory 0 from outside, as any neighbour of the allocator may at any time (H3); returns the old size in pages,
    /// or `None` where it is refused or memory 0 is out of reach. The cap holds here too.
    pub fn grow_memory(&mut self, delta_pages: u64) -> Option<u64> {
        self.memory?.grow(&mut self.store, delta_pages).ok()
    }

    /// Changes the cap; a cap below the present size refuses all further growth.
    pub fn set_max_heap_pages(&mut self, max_heap_pages: Option<u32>) {
        self.store.data_mut().limiter.set_cap_pages(max_heap_pages);
    }

    /// Returns how many growths of memory 0 were refused so far, whoever asked.
    pub fn refused_growths(&self) -> u64 {
        self.store.data().limiter.refused_growths()
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// Where the engine is not [`crate::Engine::metered`].
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Failure> {
        fill(&mut self.store, fuel)
    }

    /// Returns the remaining fuel; `None` where the engine does not count it.
    pub fn fuel(&self) -> Option<u64> {
        self.store.get_fuel().ok()
    }

    /// Returns what the program wrote to standard output since the last time; empty where the stream is inherited.
    pub fn take_stdout(&mut self) -> Vec<u8> {
        self.take(Output::Stdout)
    }

    /// Returns what the program wrote to standard error since the last time; empty where the stream is inherited.
    pub fn take_stderr(&mut self) -> Vec<u8> {
        self.take(Output::Stderr)
    }

    fn take(&mut self, output: Output) -> Vec<u8> {
        self.store
            .data_mut()
            .wasi
            .as_mut()
            .map_or_else(Vec::new, |wasi| wasi.take(output))
    }

    fn function(&mut self, export: &str) -> Result<Function, Failure> {
        if let Some(function) = self.functions.get(export) {
            return Ok(*function);
        }
        let Some(inner) = self.inner.get_func(&mut self.store, export) else {
            return Err(no_such_function(export, &self.exported_functions()));
        };
        let n_results = inner.ty(&self.store).results().len();
        let function = Function { inner, n_results };
        self.functions.insert(export.to_owned(), function);
        Ok(function)
    }

    fn enter(
        &mut self,
        entry: &str,
        function: Function,
        args: &[Val],
        results: &mut [Val],
    ) -> Result<(), Failure> {
        self.store.data_mut().limiter.begin_call();
        let Err(error) = function.inner.call(&mut self.store, args, results) else {
            return Ok(());
        };
        let facts = &self.module.facts;
        let requested_bytes = facts
            .request_address()
            .and_then(|address| self.read_u32(address));
        let refusal = self.store.data().limiter.last_refusal();
        let failure = classify(
            error,
            &Circumstances {
                facts,
                refusal,
                entry,
                requested_bytes,
            },
        );
        Err(match failure {
            Failure::Host(error) => Failure::Host(error.context(format!("cannot call `{entry}`"))),
            failure => failure,
        })
    }

    fn read_u32(&self, address: u32) -> Option<u32> {
        let start = address as usize;
        let bytes = self
            .memory?
            .data(&self.store)
            .get(start..start.checked_add(4)?)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }
}

/// The error for a function that is not there, with those that are.
pub(crate) fn no_such_function(name: &str, exported: &[String]) -> Failure {
    let list = match exported {
        [] => "it exports no function".to_owned(),
        names => format!("it exports `{}`", names.join("`, `")),
    };
    Failure::host(format!(
        "the module has no exported function `{name}`: {list}"
    ))
}
