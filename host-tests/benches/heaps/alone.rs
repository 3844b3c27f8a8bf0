//! Each contestant by itself, measured by criterion: the second opinion on the rounds, in which all take turns.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use criterion::{Criterion, SamplingMode};

use crate::{
    contestants::Contestant,
    rounds::{has_room, sample},
    workloads::Workload,
};

/// What has been measured already, a line each, so that a run that was interrupted goes on where it stopped.
struct Done {
    path: Option<PathBuf>,
    lines: String,
}

impl Done {
    fn new(folder: Option<&Path>) -> Self {
        let path = folder.map(|folder| folder.join("criterion.txt"));
        let lines = path
            .as_ref()
            .and_then(|path| fs::read_to_string(path).ok())
            .unwrap_or_default();
        Self { path, lines }
    }

    fn line(workload: Workload, contestant: &Contestant) -> String {
        format!(
            "{:016x} {} {}",
            contestant.fingerprint,
            workload.id(),
            contestant.name
        )
    }

    fn has(&self, workload: Workload, contestant: &Contestant) -> bool {
        let line = Self::line(workload, contestant);
        self.lines.lines().any(|done| done == line)
    }

    /// # Panics
    ///
    /// Where the folder of results cannot be written.
    fn add(&self, workload: Workload, contestant: &Contestant) {
        let Some(path) = &self.path else { return };
        let file = OpenOptions::new().create(true).append(true).open(path);
        let line = Self::line(workload, contestant);
        file.and_then(|mut file| writeln!(file, "{line}"))
            .expect("the folder of results can be written");
    }
}

/// Measures those of `contestants` that `folder` does not say were measured.
pub(crate) fn each(workloads: &[Workload], contestants: &[Contestant], folder: Option<&Path>) {
    let done = Done::new(folder);
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    for &workload in workloads {
        let runs = |c: &&Contestant| c.runs(workload) && has_room(c, workload);
        let mut group = criterion.benchmark_group(workload.to_string());
        // A run may take a second: as few of them as samples.
        group.sampling_mode(SamplingMode::Flat);
        for contestant in contestants.iter().filter(runs) {
            if done.has(workload, contestant) {
                continue;
            }
            group.bench_function(&contestant.name, |bencher| {
                bencher.iter_custom(|n| (0..n).map(|_| sample(contestant, workload).cold).sum());
            });
            done.add(workload, contestant);
        }
        group.finish();
    }
    criterion.final_summary();
}
