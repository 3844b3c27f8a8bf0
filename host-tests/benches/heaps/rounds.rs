//! Samples, taken in turns.

use std::time::{Duration, Instant};

use wasmtime::{Instance, Store, Val};

use crate::{contestants::Contestant, workloads::Workload};

/// One run in a fresh instance.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) cold: Duration,
    /// A second run in the same instance, where the workload has one.
    pub(crate) warm: Option<Duration>,
    /// By how many pages memory grew; it never shrinks, so this is the peak.
    pub(crate) pages: u64,
    /// What the driver read from its blocks.
    digest: u32,
}

/// All samples of one contestant, by round.
pub(crate) struct Rounds<'a> {
    pub(crate) contestant: &'a Contestant,
    pub(crate) samples: Vec<Sample>,
}

/// `n_rounds` of all contestants that run `workload`.
///
/// # Panics
///
/// Where a contestant loses what its blocks contain.
pub(crate) fn run<'a>(
    workload: Workload,
    contestants: &'a [Contestant],
    n_rounds: usize,
) -> Vec<Rounds<'a>> {
    let mut all: Vec<Rounds<'_>> = contestants
        .iter()
        .filter(|contestant| contestant.runs(workload))
        .map(|contestant| Rounds {
            contestant,
            samples: Vec::new(),
        })
        .collect();
    for _ in 0..n_rounds {
        for rounds in &mut all {
            rounds.samples.push(sample(rounds.contestant, workload));
        }
    }
    for rounds in &all {
        let same_style = all
            .iter()
            .find(|other| other.contestant.style == rounds.contestant.style)
            .expect("itself at least");
        for sample in &rounds.samples {
            assert_eq!(
                sample.digest, same_style.samples[0].digest,
                "{workload}: `{}` read other contents than `{}`",
                rounds.contestant.name, same_style.contestant.name
            );
        }
    }
    all
}

/// One run in a fresh instance. All of the time is spent inside wasm.
///
/// # Panics
///
/// Where the driver traps, which is how it says that a block has lost its contents.
pub(crate) fn sample(contestant: &Contestant, workload: Workload) -> Sample {
    let mut store = Store::new(contestant.module.engine(), ());
    let instance = Instance::new(&mut store, &contestant.module, &[]).expect("no imports");
    let memory = instance
        .get_memory(&mut store, "memory")
        .expect("the driver exports its memory");
    let name = contestant.export(workload);
    let function = instance
        .get_func(&mut store, &name)
        .unwrap_or_else(|| panic!("the driver exports no `{name}`"));
    let arguments: Vec<Val> = workload
        .arguments()
        .into_iter()
        .map(|argument| Val::I32(argument as i32))
        .collect();
    let mut digest = [Val::I32(0)];
    let mut call = |store: &mut Store<()>| {
        let start = Instant::now();
        let outcome = function.call(store, &arguments, &mut digest);
        let time = start.elapsed();
        if let Err(error) = outcome {
            panic!("{workload}: `{}`: {error:?}", contestant.name);
        }
        time
    };
    let old_pages = memory.size(&store);
    let cold = call(&mut store);
    let pages = memory.size(&store) - old_pages;
    let warm = workload.has_second_run().then(|| call(&mut store));
    Sample {
        cold,
        warm,
        pages,
        digest: digest[0].unwrap_i32() as u32,
    }
}
