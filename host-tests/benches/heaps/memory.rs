//! How much memory is held for what lives, over a run of workload d.

use crate::{
    contestants::{Contestant, Group, Style},
    rounds::Running,
    workloads::{LIVE, Workload},
};

/// A run of a million calls, looked at 100 times.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) is_ours: bool,
    /// Calls so far, bytes by which memory grew, bytes in live blocks.
    pub(crate) points: Vec<(u32, u64, u64)>,
}

const WORKLOAD: Workload = Workload::Churn { n_live: LIVE };

impl Curve {
    /// Of those of `contestants` that free block by block.
    pub(crate) fn all(contestants: &[Contestant]) -> Vec<Self> {
        let plain = |c: &&Contestant| {
            c.style == Style::Frees
                && c.group() != Group::Limit
                && c.runs(WORKLOAD)
                && !c.name.ends_with("-O")
        };
        contestants.iter().filter(plain).map(Self::of).collect()
    }

    fn of(contestant: &Contestant) -> Self {
        const N_SLOTS: u32 = LIVE / 2 * 3;
        const CALLS: u32 = 10_000;
        let mut running = Running::new(contestant, WORKLOAD);
        let (churn, live) = (running.function("d"), running.function("d_live"));
        let old_pages = running.pages();
        let points = (1..=100).map(|step| {
            running.call(&churn, &[N_SLOTS, CALLS, step]);
            let (live, _) = running.call(&live, &[N_SLOTS]);
            let held = (running.pages() - old_pages) << 16;
            (step * CALLS, held, live.into())
        });
        Self {
            points: points.collect(),
            name: contestant.name.clone(),
            is_ours: contestant.group() == Group::Ours,
        }
    }

    /// How much of what is held in the end lives.
    pub(crate) fn live_part(&self) -> f64 {
        self.points
            .last()
            .map_or(0.0, |&(_, held, live)| live as f64 / held.max(1) as f64)
    }
}
