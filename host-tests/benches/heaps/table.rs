//! What the samples come to, as a table for people.

use std::time::Duration;

use crate::{
    rounds::{Rounds, Sample},
    workloads::Workload,
};

/// The middle and the quarters around it, of whatever is measured.
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
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |part: usize| values[(values.len() - 1) * part / 4];
        Self {
            low: at(1),
            median: at(2),
            high: at(3),
        }
    }
}

/// One line for each contestant, the fastest first.
pub(crate) fn print(workload: Workload, all: &[Rounds<'_>]) {
    let (unit, _) = workload.unit();
    let n_rounds = all.first().map_or(0, |rounds| rounds.samples.len());
    println!("\n{workload}; {unit}, medians of {n_rounds} rounds in turns (quartiles)");
    print_figure(workload, all, "", |sample| Some(sample.cold));
    if workload.has_second_run() {
        println!("the same, the second time in the same instance");
        print_figure(workload, all, "warm", |sample| sample.warm);
    }
}

fn print_figure(
    workload: Workload,
    all: &[Rounds<'_>],
    what: &str,
    time: impl Fn(&Sample) -> Option<Duration>,
) {
    let (_, ns_of_unit) = workload.unit();
    let per_op = |sample: &Sample| {
        let ns = time(sample).unwrap_or_default().as_secs_f64() * 1e9;
        ns / f64::from(workload.n_ops()) / ns_of_unit
    };
    let mut lines: Vec<(f64, String)> = all
        .iter()
        .map(|rounds| {
            let times = Middle::of(rounds.samples.iter().map(per_op));
            let Middle { low, median, high } = times;
            let mut line = format!(
                "  {:<26} {median:>8.2}  ({low:.2}..{high:.2})  {:>6} pages",
                rounds.contestant.name, rounds.samples[0].pages
            );
            for reference in references(workload, all) {
                let pairs = rounds.samples.iter().zip(&reference.samples);
                let ratio = Middle::of(pairs.map(|(ours, theirs)| per_op(ours) / per_op(theirs)));
                let name = &reference.contestant.name;
                line += &format!("  {:>6.3} of {name}", ratio.median);
            }
            (median, format!("{line}  {what}"))
        })
        .collect();
    lines.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    for (_, line) in lines {
        println!("{}", line.trim_end());
    }
}

/// The samples of the contestants that all are compared with, of those that ran.
fn references<'a>(
    workload: Workload,
    all: &'a [Rounds<'a>],
) -> impl Iterator<Item = &'a Rounds<'a>> {
    let names = workload.references().iter();
    names.filter_map(|name| all.iter().find(|rounds| rounds.contestant.name == *name))
}
