//! What was measured, kept in a file so that a run that was interrupted goes on where it stopped.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{
    contestants::{Contestant, Group, Style},
    rounds::{has_room, sample},
    workloads::Workload,
};

/// All rounds of a workload.
#[derive(Serialize, Deserialize)]
pub(crate) struct Figures {
    /// What tells these modules and arguments from others.
    key: u64,
    /// One for each contestant.
    pub(crate) rows: Vec<Row>,
}

/// All rounds of one contestant.
#[derive(Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) group: Group,
    in_scopes: bool,
    digest: u32,
    pub(crate) pages: u64,
    /// Nanoseconds per operation, by round.
    pub(crate) cold: Vec<f64>,
    /// The same for the second run in an instance; empty where there is none.
    pub(crate) warm: Vec<f64>,
}

/// The middle of what was measured, and the quarters around it.
#[derive(Clone, Copy)]
pub(crate) struct Middle {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Middle {
    /// # Panics
    ///
    /// Where there are no values.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let at = |part: usize| values[(values.len() - 1) * part / 4];
        Self {
            low: at(1),
            median: at(2),
            high: at(3),
        }
    }

    /// The middle of the ratios of each round.
    pub(crate) fn of_ratios(ours: &[f64], theirs: &[f64]) -> Self {
        Self::of(ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs))
    }
}

impl Figures {
    fn none(key: u64, contestants: &[&Contestant]) -> Self {
        let row = |contestant: &&Contestant| Row {
            name: contestant.name.clone(),
            group: contestant.group(),
            in_scopes: contestant.style == Style::Scopes,
            digest: 0,
            pages: 0,
            cold: Vec::new(),
            warm: Vec::new(),
        };
        Self {
            key,
            rows: contestants.iter().map(row).collect(),
        }
    }

    pub(crate) fn n_rounds(&self) -> usize {
        self.rows
            .iter()
            .map(|row| row.cold.len())
            .min()
            .unwrap_or(0)
    }

    /// The fastest of a group, where one of it ran.
    pub(crate) fn best(&self, group: Group) -> Option<&Row> {
        let of_group = self.rows.iter().filter(|row| row.group == group);
        of_group.min_by(|a, b| a.median().total_cmp(&b.median()))
    }

    /// The contestant called `name`, where it ran.
    pub(crate) fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// All contestants of a style read the same.
    fn check(&self, workload: Workload) {
        for row in &self.rows {
            let like = |other: &&Row| other.in_scopes == row.in_scopes;
            let first = self.rows.iter().find(like).expect("itself at least");
            assert_eq!(
                row.digest, first.digest,
                "{workload}: `{}` read other contents than `{}`",
                row.name, first.name
            );
        }
    }
}

impl Row {
    fn add(&mut self, workload: Workload, contestant: &Contestant) {
        let sample = sample(contestant, workload);
        let per_op =
            |time: std::time::Duration| time.as_secs_f64() * 1e9 / f64::from(workload.n_ops());
        self.cold.push(per_op(sample.cold));
        self.warm.extend(sample.warm.map(per_op));
        self.digest = sample.digest;
        self.pages = sample.pages;
    }

    /// Nanoseconds per operation, in a fresh instance.
    pub(crate) fn median(&self) -> f64 {
        Middle::of(self.cold.iter().copied()).median
    }
}

/// A workload that is being measured.
struct Run<'a> {
    workload: Workload,
    contestants: Vec<&'a Contestant>,
    figures: Figures,
    /// Where the figures are kept.
    path: Option<PathBuf>,
}

/// Measures `n_rounds` of all workloads, in turns, so that figures of one can be compared with those of another; rounds
/// that `folder` has of the same modules count.
///
/// # Panics
///
/// Where a contestant loses what its blocks contain.
pub(crate) fn measure(
    workloads: &[Workload],
    contestants: &[Contestant],
    n_rounds: usize,
    folder: Option<&Path>,
) -> Vec<(Workload, Figures)> {
    let run = |workload: &Workload| Run::new(*workload, contestants, folder);
    let mut runs: Vec<Run<'_>> = workloads.iter().map(run).collect();
    for round in 0..n_rounds {
        for run in &mut runs {
            if run.figures.n_rounds() == round {
                eprintln!("round {} of {n_rounds}: {}", round + 1, run.workload);
                run.round();
            }
        }
    }
    runs.into_iter()
        .map(|run| (run.workload, run.figures))
        .collect()
}

impl<'a> Run<'a> {
    fn new(workload: Workload, contestants: &'a [Contestant], folder: Option<&Path>) -> Self {
        let fits = |contestant: &&Contestant| {
            let fits = contestant.runs(workload) && has_room(contestant, workload);
            if contestant.runs(workload) && !fits {
                println!("{workload}: `{}` has no room for that", contestant.name);
            }
            fits
        };
        let contestants: Vec<&Contestant> = contestants.iter().filter(fits).collect();
        let key = key(workload, &contestants);
        let path = folder.map(|folder| {
            let name = workload.id().replace(':', "-");
            folder.join(format!("{name}.json"))
        });
        let kept = path.as_ref().and_then(|path| {
            let kept: Figures = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
            (kept.key == key).then_some(kept)
        });
        Self {
            workload,
            figures: kept.unwrap_or_else(|| Figures::none(key, &contestants)),
            contestants,
            path,
        }
    }

    fn round(&mut self) {
        for (row, contestant) in self.figures.rows.iter_mut().zip(&self.contestants) {
            row.add(self.workload, contestant);
        }
        self.figures.check(self.workload);
        if let Some(path) = &self.path {
            let text = serde_json::to_string(&self.figures).expect("numbers and names");
            fs::write(path, text).expect("the folder of results can be written");
        }
    }
}

fn key(workload: Workload, contestants: &[&Contestant]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (workload.n_filled(), workload.arguments(), workload.data()).hash(&mut hasher);
    for contestant in contestants {
        contestant.name.hash(&mut hasher);
        contestant.fingerprint.hash(&mut hasher);
    }
    hasher.finish()
}
