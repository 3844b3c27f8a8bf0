//! How long it takes from a compiled module to its first block.

use std::time::Instant;

use crate::{
    contestants::{Contestant, Group, Style},
    figures::Middle,
    rounds::Running,
    workloads::{LIVE, Workload},
};

/// Microseconds from a compiled module to its first block: an instance, and one call.
pub(crate) struct Start {
    pub(crate) name: String,
    pub(crate) time: Middle,
}

const N_STARTS: usize = 200;

/// Of those that free block by block. They take turns.
pub(crate) fn all(contestants: &[Contestant]) -> Vec<Start> {
    let workload = Workload::Churn { n_live: LIVE };
    let contestants: Vec<&Contestant> = contestants
        .iter()
        .filter(|c| c.style == Style::Frees && c.group() != Group::Limit && c.runs(workload))
        .collect();
    let mut times = vec![Vec::new(); contestants.len()];
    for _ in 0..N_STARTS {
        for (contestant, times) in contestants.iter().zip(&mut times) {
            let start = Instant::now();
            let mut running = Running::new(contestant, workload);
            let first_call = running.function("d");
            // The first of all calls finds an empty slot.
            running.call(&first_call, &[LIVE, 1, 1]);
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
    }
    let start = |(contestant, times): (&&Contestant, Vec<f64>)| Start {
        name: contestant.name.clone(),
        time: Middle::of(times),
    };
    contestants.iter().zip(times).map(start).collect()
}
