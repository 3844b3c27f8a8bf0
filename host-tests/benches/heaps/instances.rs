//! What an instance costs: the time from a compiled module to its first block, and what stays resident of a thousand; on
//! demand, and from wasmtime's pool.

use std::{fs, time::Instant};

use wasmtime::{Config, Engine, InstanceAllocationStrategy, Module, PoolingAllocationConfig};

use crate::{
    contestants::{Contestant, Group, Style},
    figures::Middle,
    rounds::Running,
    workloads::{LIVE, Workload},
};

/// What the instances of a contestant cost, one way and the other.
pub(crate) struct Cost {
    pub(crate) name: String,
    pub(crate) on_demand: Instances,
    pub(crate) pooled: Instances,
}

/// Instances that an engine makes in one way.
pub(crate) struct Instances {
    /// Microseconds from a compiled module to its first block: an instance, and one call. Of a pool: where an instance was before.
    pub(crate) time: Middle,
    /// Bytes of a thousand instances that live at a time, for each of them, store included; where the system says how many
    /// are resident.
    pub(crate) resident: Option<u64>,
}

const WORKLOAD: Workload = Workload::Churn { n_live: LIVE };
const N_STARTS: usize = 200;
const N_INSTANCES: u32 = 1_000;

/// Of those that free block by block. They take turns.
///
/// # Panics
///
/// Where the machine has no room for the addresses of a thousand memories.
pub(crate) fn all(contestants: &[Contestant]) -> Vec<Cost> {
    let contestants: Vec<&Contestant> = contestants
        .iter()
        .filter(|c| c.style == Style::Frees && c.group() != Group::Limit && c.runs(WORKLOAD))
        .collect();
    let pool = pool();
    let pooled: Vec<Module> = contestants
        .iter()
        .map(|contestant| Module::new(&pool, contestant.wasm()).expect("a valid module"))
        .collect();
    let modules: Vec<[&Module; 2]> = contestants
        .iter()
        .zip(&pooled)
        .map(|(contestant, pooled)| [contestant.module(WORKLOAD), pooled])
        .collect();
    let mut times = vec![[Vec::new(), Vec::new()]; modules.len()];
    for _ in 0..N_STARTS {
        for (modules, times) in modules.iter().zip(&mut times) {
            for (module, times) in modules.iter().zip(times) {
                let start = Instant::now();
                let running = started(module);
                times.push(start.elapsed().as_secs_f64() * 1e6);
                drop(running);
            }
        }
    }
    let cost = |((contestant, modules), times): ((&&Contestant, &[&Module; 2]), [Vec<f64>; 2])| {
        let [on_demand, pooled] = [0, 1].map(|way: usize| Instances {
            time: Middle::of(times[way].iter().copied()),
            resident: resident_each(modules[way]),
        });
        Cost {
            name: contestant.name.clone(),
            on_demand,
            pooled,
        }
    };
    contestants
        .iter()
        .zip(&modules)
        .zip(times)
        .map(cost)
        .collect()
}

/// An engine with room for a thousand instances, and what else is as it is without a pool.
fn pool() -> Engine {
    let mut room = PoolingAllocationConfig::new();
    room.total_core_instances(N_INSTANCES)
        .total_memories(N_INSTANCES)
        .total_tables(N_INSTANCES);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(room));
    Engine::new(&config).expect("addresses for a thousand memories")
}

/// An instance that has its first block.
fn started(module: &Module) -> Running<'static> {
    let mut running = Running::of("an instance", module);
    let first_call = running.function("d");
    // The first of all calls finds an empty slot.
    running.call(&first_call, &[LIVE, 1, 1]);
    running
}

/// What a thousand instances add to what is resident, for each of them.
fn resident_each(module: &Module) -> Option<u64> {
    // What the process keeps for itself from the first instance on is not an instance's.
    drop(started(module));
    let before = resident()?;
    let instances: Vec<Running<'static>> = (0..N_INSTANCES).map(|_| started(module)).collect();
    let after = resident()?;
    drop(instances);
    Some(after.saturating_sub(before) / u64::from(N_INSTANCES))
}

/// The bytes of this process that are resident and that it shares with nobody, where the system says. What of a memory's
/// initial contents is only read is shared by all instances of a module.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
