//! Samples, taken in turns.

use std::time::{Duration, Instant};

use wasmtime::{Func, Instance, Memory, Module, Store, Val};

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
        Self::of(&contestant.name, contestant.module(workload))
    }

    /// Instantiates a driver; `name` is for messages.
    pub(crate) fn of(name: &'a str, module: &Module) -> Self {
        let mut store = Store::new(module.engine(), ());
        let instance = Instance::new(&mut store, module, &[]).expect("no imports");
        let memory = instance
            .get_memory(&mut store, "memory")
            .expect("the driver exports its memory");
        Self {
            name,
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
        let outcome = self.try_call(function, arguments);
        outcome.unwrap_or_else(|error| panic!("`{}`: {error:?}", self.name))
    }

    /// The same, or the trap.
    fn try_call(
        &mut self,
        function: &Func,
        arguments: &[u32],
    ) -> Result<(u32, Duration), wasmtime::Error> {
        let arguments: Vec<Val> = arguments.iter().map(|&n| Val::I32(n as i32)).collect();
        let mut result = [Val::I32(0)];
        let start = Instant::now();
        let outcome = function.call(&mut self.store, &arguments, &mut result);
        let time = start.elapsed();
        outcome?;
        Ok((result[0].unwrap_i32() as u32, time))
    }

    /// Writes what `workload` finds in memory.
    ///
    /// # Panics
    ///
    /// Where the driver has no room for it.
    fn write(&mut self, workload: Workload) {
        let Some(data) = workload.data() else { return };
        let room = self.function("replay_room");
        let (at, _) = self.call(&room, &[0]);
        let (n_calls, _) = self.call(&room, &[1]);
        assert!(
            data.len() <= 2 * n_calls as usize,
            "room for {n_calls} calls"
        );
        let bytes: Vec<u8> = data.iter().flat_map(|word| word.to_le_bytes()).collect();
        let written = self.memory.write(&mut self.store, at as usize, &bytes);
        written.expect("the driver's own room");
    }

    /// Fills the heap as `workload` wants it; whether it has room for that.
    fn fill(&mut self, workload: Workload) -> bool {
        workload.n_filled().is_none_or(|n_blocks| {
            let fill = self.function("fill");
            self.try_call(&fill, &[n_blocks]).is_ok()
        })
    }
}

/// Whether the contestant's heap can become as full as `workload` wants it.
pub(crate) fn has_room(contestant: &Contestant, workload: Workload) -> bool {
    workload.n_filled().is_none() || Running::new(contestant, workload).fill(workload)
}

/// One run in a fresh instance.
pub(crate) fn sample(contestant: &Contestant, workload: Workload) -> Sample {
    let mut running = Running::new(contestant, workload);
    let function = running.function(&contestant.export(workload));
    running.write(workload);
    let old_pages = running.pages();
    assert!(running.fill(workload), "`{}` has no room", contestant.name);
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
