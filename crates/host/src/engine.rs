//! The compiled configuration, and modules compiled with it.

use crate::facts::Facts;
use crate::to_anyhow;
use crate::value::{Signature, ValueType};
use anyhow::Context;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many frames of a backtrace are kept: enough to see the conformer's frames and who called them.
const BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// One configuration of the compiler. Cheap to clone; modules of one engine share it.
#[derive(Clone)]
pub struct Engine {
    inner: wasmtime::Engine,
    metered: bool,
}

/// A compiled core module.
#[derive(Clone)]
pub struct Module {
    pub(crate) engine: Engine,
    pub(crate) inner: wasmtime::Module,
    pub(crate) facts: Arc<Facts>,
}

impl Engine {
    /// Returns an engine for running at full speed, without metering.
    ///
    /// # Errors
    ///
    /// Where this machine has no compiler backend.
    pub fn new() -> anyhow::Result<Engine> {
        Engine::configured(false)
    }

    /// Returns an engine whose instances burn fuel, so that a program that would run for ever stops.
    ///
    /// # Errors
    ///
    /// Where this machine has no compiler backend.
    pub fn metered() -> anyhow::Result<Engine> {
        Engine::configured(true)
    }

    fn configured(metered: bool) -> anyhow::Result<Engine> {
        let mut config = wasmtime::Config::new();
        config.consume_fuel(metered);
        config.wasm_backtrace_max_frames(Some(BACKTRACE_FRAMES));
        // Files and lines; costs nothing where the module has no debug information.
        config.wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Enable);
        let inner = wasmtime::Engine::new(&config)
            .map_err(to_anyhow)
            .context("cannot set up the wasm engine")?;
        Ok(Engine { inner, metered })
    }

    /// Returns whether instances burn fuel.
    pub fn is_metered(&self) -> bool {
        self.metered
    }

    pub(crate) fn inner(&self) -> &wasmtime::Engine {
        &self.inner
    }
}

impl Module {
    /// Compiles a binary core module.
    ///
    /// # Errors
    ///
    /// Where the bytes are no valid core module, or use a feature that this engine lacks; a component is told apart.
    pub fn new(engine: &Engine, wasm: &[u8]) -> anyhow::Result<Module> {
        let facts = Facts::read(wasm)?;
        let inner = wasmtime::Module::from_binary(engine.inner(), wasm)
            .map_err(to_anyhow)
            .context("not a valid core module")?;
        Ok(Module {
            engine: engine.clone(),
            inner,
            facts: Arc::new(facts),
        })
    }

    /// Names the allocator in reports, for a conformer that was not linked: a linked program carries the name in its record.
    #[must_use]
    pub fn with_allocator_name(mut self, name: impl Into<String>) -> Module {
        Arc::make_mut(&mut self.facts).given_name = Some(name.into());
        self
    }

    /// Returns the types of an exported function; `None` where there is no such function, or it takes or returns more than
    /// numbers.
    pub fn signature(&self, export: &str) -> Option<Signature> {
        let Some(wasmtime::ExternType::Func(ty)) = self.inner.get_export(export) else {
            return None;
        };
        let params = ty
            .params()
            .map(|ty| ValueType::from_wasmtime(&ty))
            .collect::<Option<_>>()?;
        let results = ty
            .results()
            .map(|ty| ValueType::from_wasmtime(&ty))
            .collect::<Option<_>>()?;
        Some(Signature { params, results })
    }

    /// Returns the names of the exported functions, in the module's order.
    pub fn exported_functions(&self) -> Vec<String> {
        self.inner
            .exports()
            .filter(|export| matches!(export.ty(), wasmtime::ExternType::Func(_)))
            .map(|export| export.name().to_owned())
            .collect()
    }
}
