//! A conformer that is still a component: any component that exports the world `sigil:allocator/allocator`.
//!
//! Functions are looked up by name when they are called, so no bindings are generated and extensions need nothing here.
//! A component's memory is its own: pointers that come back can be passed in again, but the host cannot look at the bytes behind
//! them. For that, run the core module inside with [`crate::Instance`].
//!
//! After a trap a component instance cannot be entered again: that is a rule of the component model, not of this crate.
//! [`ComponentInstance::respawn`] starts over with fresh memory. Whether a heap survives exhaustion (H6) is
//! therefore checked on the core module.

use crate::Engine;
use crate::facts::Facts;
use crate::failure::{Circumstances, Failure, classify};
use crate::instance::{State, store};
use crate::limits::Limits;
use crate::to_anyhow;
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::{Component, ComponentExportIndex, Func, Linker, Val};

/// An instantiated component.
pub struct ComponentInstance {
    engine: Engine,
    component: Component,
    facts: Arc<Facts>,
    limits: Limits,
    store: Store<State>,
    inner: wasmtime::component::Instance,
    /// Functions that were looked up already, by `interface#function`.
    functions: BTreeMap<String, Func>,
}

impl ComponentInstance {
    /// Compiles and instantiates a binary component. It may import interfaces that hold only types.
    ///
    /// # Errors
    ///
    /// [`Failure::Host`] where the bytes are no valid component, it imports functions, or the cap is below the initial memory
    /// ([`crate::CapBelowInitial`]).
    pub fn new(
        engine: &Engine,
        wasm: &[u8],
        limits: &Limits,
    ) -> Result<ComponentInstance, Failure> {
        let facts = Arc::new(Facts::read_component(wasm).map_err(Failure::Host)?);
        let component = Component::from_binary(engine.inner(), wasm)
            .map_err(|error| Failure::Host(to_anyhow(error).context("not a valid component")))?;
        let (store, inner) = instantiate(engine, &component, &facts, limits)?;
        let (engine, limits) = (engine.clone(), *limits);
        Ok(ComponentInstance {
            engine,
            component,
            facts,
            limits,
            store,
            inner,
            functions: BTreeMap::new(),
        })
    }

    /// Names the allocator in reports: a component that was not linked carries no name for it.
    #[must_use]
    pub fn with_allocator_name(mut self, name: impl Into<String>) -> ComponentInstance {
        Arc::make_mut(&mut self.facts).given_name = Some(name.into());
        self
    }

    /// Starts over with fresh memory, the way back after a trap. Nothing is compiled again.
    ///
    /// # Errors
    ///
    /// As [`ComponentInstance::new`].
    pub fn respawn(&mut self) -> Result<(), Failure> {
        (self.store, self.inner) =
            instantiate(&self.engine, &self.component, &self.facts, &self.limits)?;
        self.functions.clear();
        Ok(())
    }

    /// Calls `function` of the exported `interface`, such as `alloc` of `sigil:allocator/core@0.1.0`, whose parameters are
    /// `u32` and whose result is `u32` or `u64`. A `bool` result is returned as 0 or 1.
    ///
    /// # Errors
    ///
    /// How the call failed; [`Failure::Host`] where there is no such function, its types are others, or an earlier
    /// call trapped (see the module's description).
    pub fn call(
        &mut self,
        interface: &str,
        function: &str,
        args: &[u32],
    ) -> Result<Option<u64>, Failure> {
        let entry = format!("{interface}#{function}");
        let func = self.function(&entry, interface, function)?;
        let n_results = func.ty(&self.store).results().len();
        let args: Vec<Val> = args.iter().copied().map(Val::U32).collect();
        let mut results = vec![Val::U32(0); n_results];
        self.store.data_mut().limiter.begin_call();
        if let Err(error) = func.call(&mut self.store, &args, &mut results) {
            let refusal = self.store.data().limiter.last_refusal();
            let circumstances = Circumstances {
                facts: &self.facts,
                refusal,
                entry: &entry,
                requested_bytes: None,
            };
            return Err(match classify(error, &circumstances) {
                Failure::Host(error) => {
                    Failure::Host(error.context(format!("cannot call `{entry}`")))
                }
                failure => failure,
            });
        }
        match results.as_slice() {
            [] => Ok(None),
            [Val::U32(value)] => Ok(Some((*value).into())),
            [Val::U64(value)] => Ok(Some(*value)),
            [Val::Bool(value)] => Ok(Some((*value).into())),
            other => Err(Failure::host(format!(
                "`{entry}` returned {other:?}, expected a u32 or a u64"
            ))),
        }
    }

    /// Returns whether the component exports `function` of `interface`.
    pub fn has(&mut self, interface: &str, function: &str) -> bool {
        self.export_index(interface, function).is_some()
    }

    /// Changes the cap; it stays for [`ComponentInstance::respawn`].
    pub fn set_max_heap_pages(&mut self, max_heap_pages: Option<u32>) {
        self.limits.max_heap_pages = max_heap_pages;
        self.store.data_mut().limiter.set_cap_pages(max_heap_pages);
    }

    /// Returns how many growths of its memory were refused since it was last instantiated.
    pub fn refused_growths(&self) -> u64 {
        self.store.data().limiter.refused_growths()
    }

    /// Returns the size of the component's memory in pages: that of the first memory that it creates.
    pub fn memory_pages(&self) -> u64 {
        self.store.data().limiter.memory_pages()
    }

    /// Sets the remaining fuel.
    ///
    /// # Errors
    ///
    /// Where the engine is not [`Engine::metered`].
    pub fn set_fuel(&mut self, fuel: u64) -> Result<(), Failure> {
        self.store
            .set_fuel(fuel)
            .map_err(|error| Failure::Host(to_anyhow(error)))
    }

    fn export_index(&mut self, interface: &str, function: &str) -> Option<ComponentExportIndex> {
        let instance = self
            .inner
            .get_export_index(&mut self.store, None, interface)?;
        self.inner
            .get_export_index(&mut self.store, Some(&instance), function)
    }

    fn function(&mut self, entry: &str, interface: &str, function: &str) -> Result<Func, Failure> {
        if let Some(func) = self.functions.get(entry) {
            return Ok(*func);
        }
        let func = self
            .export_index(interface, function)
            .and_then(|index| self.inner.get_func(&mut self.store, index))
            .ok_or_else(|| self.no_such_function(interface, function))?;
        self.functions.insert(entry.to_owned(), func);
        Ok(func)
    }

    fn no_such_function(&self, interface: &str, function: &str) -> Failure {
        let ty = self.component.component_type();
        let exports: Vec<String> = ty
            .exports(self.engine.inner())
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let list = if exports.is_empty() {
            "nothing".to_owned()
        } else {
            exports.join(", ")
        };
        Failure::host(format!(
            "the component has no function `{function}` in an exported interface `{interface}`: it exports {list}"
        ))
    }
}

fn instantiate(
    engine: &Engine,
    component: &Component,
    facts: &Facts,
    limits: &Limits,
) -> Result<(Store<State>, wasmtime::component::Instance), Failure> {
    let mut store = store(engine, limits, None)?;
    match Linker::new(engine.inner()).instantiate(&mut store, component) {
        Ok(instance) => Ok((store, instance)),
        Err(error) => {
            let limiter = &store.data().limiter;
            if let Some(cap) = limiter.cap_below_initial() {
                return Err(Failure::Host(anyhow::Error::new(cap)));
            }
            let refusal = limiter.last_refusal();
            let circumstances = Circumstances {
                facts,
                refusal,
                entry: "start function",
                requested_bytes: None,
            };
            Err(match classify(error, &circumstances) {
                Failure::Host(error) => {
                    Failure::Host(error.context("cannot instantiate the component"))
                }
                failure => failure,
            })
        }
    }
}
