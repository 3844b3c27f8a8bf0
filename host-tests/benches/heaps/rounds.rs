//! Samples, taken in turns.

use std::time::{Duration, Instant};

use wasmtime::{Func, Instance, Memory, Store, Val};

use crate::{contestants::Contestant, workloads::Workload};

/// One run in a fresh instance.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) cold: Duration,
    /// A second run in the same instance, where the workload has one.
    pub(crate) warm: Option<Duration>,
    /// By how many pages memory grew; it never shrinks, so this is the peak.
    pub(crate) pages: u64,
    /// What the driver read from its blocks: the same over every right allocator.
    pub(crate) digest: u32,
}

/// A contestant's module, running.
pub(crate) struct Running<'a> {
    name: &'a str,
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl<'a> Running<'a> {
    /// Instantiates it, for `workload`.
    pub(crate) fn new(contestant: &'a Contestant, workload: Workload) -> Self {
        let module = contestant.module(workload);
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, module, &[]).expect("no imports");
        let memory = instance
            .get_memory(&mut store, "memory")
            .expect("the driver exports its memory");
        Self {
            name: &contestant.name,
            store,
            instance,
            memory,
        }
    }

    /// How many pages memory has.
    pub(crate) fn pages(&self) -> u64 {
        self.memory.size(&self.store)
    }

    /// A function of the driver.
    pub(crate) fn function(&mut self, name: &str) -> Func {
        self.instance
            .get_func(&mut self.store, name)
            .unwrap_or_else(|| {
                panic!(
                    "no `{name}` in the driver; build it with `cargo xtask build --bench-guests`"
                )
            })
    }

    /// Calls it; what it returns, and how long that took. All of the time is spent inside wasm.
    ///
    /// # Panics
    ///
    /// Where the driver traps, which is how it says that a block has lost its contents.
    pub(crate) fn call(&mut self, function: &Func, arguments: &[u32]) -> (u32, Duration) {
        let arguments: Vec<Val> = arguments.iter().map(|&n| Val::I32(n as i32)).collect();
        let mut result = [Val::I32(0)];
        let start = Instant::now();
        let outcome = function.call(&mut self.store, &arguments, &mut result);
        let time = start.elapsed();
        if let Err(error) = outcome {
            panic!("`{}`: {error:?}", self.name);
        }
        (result[0].unwrap_i32() as u32, time)
    }
}

/// One run in a fresh instance.
pub(crate) fn sample(contestant: &Contestant, workload: Workload) -> Sample {
    let mut running = Running::new(contestant, workload);
    let function = running.function(&contestant.export(workload));
    let old_pages = running.pages();
    let (digest, cold) = running.call(&function, &workload.arguments());
    let pages = running.pages() - old_pages;
    let warm = workload
        .has_second_run()
        .then(|| running.call(&function, &workload.arguments()).1);
    Sample {
        cold,
        warm,
        pages,
        digest,
    }
}
