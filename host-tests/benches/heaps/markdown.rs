//! `docs/benchmarks.md`: the short page, with two or three of the pictures.

use std::fmt::Write as _;

use crate::{
    about,
    figures::{Figures, Middle},
    reach,
    report::{COMMANDS, METHOD, Report, Table, short},
    workloads::{LIVE, Workload},
};

/// The workloads of the table: name of the column, workload, and whether the second run is meant.
const COLUMNS: &[(&str, Workload, bool)] = &[
    ("a, ns", Workload::Batches, false),
    ("b, ns", Workload::Levels, false),
    ("c, µs", Workload::Vectors, false),
    ("c again, µs", Workload::Vectors, true),
    ("d, ns", Workload::Churn { n_live: LIVE }, false),
];

/// The whole page.
pub(crate) fn page(report: &Report<'_>) -> String {
    let mut page = format!(
        "# Benchmarks, {}\n\n\
         Written by `cargo xtask bench --docs`; not edited by hand. The full report, with every workload, quartiles and \
         ratios, is what `cargo xtask bench` writes to `target/bench/report.html`.\n\n",
        about::day()
    );
    let _ = write!(
        page,
        "## What is meant to be reached: {} of {} missed\n\n{}\n",
        report.n_missed(),
        report.goals.len(),
        table(&Table::of_goals(&report.goals))
    );
    let _ = write!(
        page,
        "## Side by side\n\n{METHOD}\n\n{}\n{}\n",
        workloads(report),
        table(&side_by_side(report))
    );
    for plot in &report.plots {
        let _ = write!(
            page,
            "![{}](benchmarks/{}.svg)\n\n{}\n\n",
            plot.name, plot.name, plot.caption
        );
    }
    let _ = write!(
        page,
        "## Code, as it ships\n\n{}\n",
        table(&Table::of_sizes(&report.sizes))
    );
    page += "## Measured with\n\n";
    for (name, is) in &report.about {
        let _ = writeln!(page, "- {name}: {is}");
    }
    let _ = write!(page, "\n```sh\n{}\n```\n", COMMANDS.join("\n"));
    page
}

/// What the letters stand for.
fn workloads(report: &Report<'_>) -> String {
    let mut list = String::new();
    for (workload, _) in report.measured {
        if COLUMNS.iter().any(|(_, column, _)| column == workload) {
            let _ = writeln!(list, "- {workload}");
        }
    }
    list
}

/// All contestants of the workloads with a letter, in the order in which they ran.
fn side_by_side(report: &Report<'_>) -> Table {
    let figures: Vec<Option<&Figures>> = COLUMNS
        .iter()
        .map(|(_, column, _)| reach::of(report.measured, *column))
        .collect();
    let mut heads = vec![""];
    heads.extend(COLUMNS.iter().map(|(name, ..)| *name));
    heads.extend(["c, pages", "d, pages"]);
    let mut table = Table::new(&heads);
    let mut names: Vec<&str> = Vec::new();
    for row in figures.iter().flatten().flat_map(|figures| &figures.rows) {
        if !names.contains(&row.name.as_str()) {
            names.push(&row.name);
        }
    }
    for name in names {
        let row = |i: usize| figures[i].and_then(|figures| figures.row(name));
        let mut cells = vec![name.to_owned()];
        for (i, (_, workload, is_again)) in COLUMNS.iter().enumerate() {
            let (_, ns_of_unit) = workload.unit();
            cells.push(row(i).map_or(String::new(), |row| {
                let times = if *is_again { &row.warm } else { &row.cold };
                short(Middle::of(times.iter().map(|ns| ns / ns_of_unit)).median)
            }));
        }
        for i in [2, 4] {
            cells.push(row(i).map_or(String::new(), |row| row.pages.to_string()));
        }
        table.rows.push(cells);
    }
    table
}

fn table(table: &Table) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule: Vec<String> = table.heads.iter().map(|_| "---".to_owned()).collect();
    let mut text = line(&table.heads) + &line(&rule);
    for row in &table.rows {
        text += &line(row);
    }
    text
}
