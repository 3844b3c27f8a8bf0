//! What the rounds come to, as a table for people at a terminal.

use crate::{
    figures::{Figures, Middle, Row},
    workloads::Workload,
};

/// One line for each contestant, the fastest first.
pub(crate) fn print(workload: Workload, figures: &Figures) {
    let (unit, _) = workload.unit();
    let n_rounds = figures.n_rounds();
    println!("\n{workload}; {unit}, medians of {n_rounds} rounds in turns (quartiles)");
    print_figure(workload, figures, |row| &row.cold);
    if workload.has_second_run() {
        println!("the same, the second time in the same instance");
        print_figure(workload, figures, |row| &row.warm);
    }
}

fn print_figure(workload: Workload, figures: &Figures, times: impl Fn(&Row) -> &[f64]) {
    let (_, ns_of_unit) = workload.unit();
    let mut lines: Vec<(f64, String)> = figures
        .rows
        .iter()
        .map(|row| {
            let Middle { low, median, high } =
                Middle::of(times(row).iter().map(|ns| ns / ns_of_unit));
            let mut line = format!(
                "  {:<26} {median:>8.2}  ({low:.2}..{high:.2})  {:>6} pages",
                row.name, row.pages
            );
            for name in workload.references() {
                if let Some(reference) = figures.row(name) {
                    let ratio = Middle::of_ratios(times(row), times(reference)).median;
                    line += &format!("  {ratio:>6.3} of {name}");
                }
            }
            (median, line)
        })
        .collect();
    lines.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    for (_, line) in lines {
        println!("{line}");
    }
}
