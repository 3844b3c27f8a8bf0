//! The report: one page that needs nothing else, and the short one among the documents.

use std::{fs, path::Path};

use crate::{
    about, html, markdown,
    memory::Curve,
    plots::{self, Plot},
    reach::{self, Goal, Measured},
    start::Start,
};

/// The plots that the documents have room for.
const DOCUMENTED: [&str; 3] = ["density", "live", "held"];

/// All that a report says.
pub(crate) struct Report<'a> {
    pub(crate) about: Vec<(String, String)>,
    /// Misses first.
    pub(crate) goals: Vec<Goal>,
    pub(crate) measured: &'a Measured,
    pub(crate) curves: &'a [Curve],
    pub(crate) starts: &'a [Start],
    /// The table that `cargo xtask size` writes.
    pub(crate) sizes: String,
    pub(crate) plots: Vec<Plot>,
}

/// What was asked of the allocators but not measured here.
pub(crate) const NOT_MEASURED: &str = "Not in this run: pooled instances. The time of a \
     link: `cargo bench --package sigil-link`.";

/// How the figures came about, for a reader who doubts them.
pub(crate) const METHOD: &str = "All times are taken around one call into wasm, of a driver that has the allocator in it \
     behind real calls: ours linked by `sigil link` (`-O` with its fast paths inlined), the others compiled into the \
     same driver, never inlined, all at opt-level 3. Every sample runs in a fresh instance, all contestants take turns in \
     each round, figures are medians, ratios are medians of the ratios of each round. The driver checks what blocks \
     contain in every run. Pages are those that memory grew by; ours find at most 8 KiB besides, behind the driver's data.";

/// The commands that make it, on any machine.
pub(crate) const COMMANDS: &[&str] = &[
    "cargo xtask bench --quick      # this page",
    "cargo xtask bench --full       # more rounds, then criterion on each",
    "cargo xtask bench --docs       # docs/benchmarks.md too",
    "HEAPS=freelist,zig HEAPS_WORKLOADS=d HEAPS_ROUNDS=5 cargo bench --workspace --profile dev --bench heaps",
];

/// Writes `report.html` into `folder`, and `benchmarks.md` with its pictures into `docs` where that is given.
///
/// # Panics
///
/// Where the folders cannot be written, or the guests were not built and measured.
pub(crate) fn write(
    measured: &Measured,
    curves: &[Curve],
    starts: &[Start],
    folder: &Path,
    docs: Option<&Path>,
) {
    let sizes = folder.join("sizes.txt");
    let sizes = fs::read_to_string(&sizes).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; `cargo xtask bench` writes it",
            sizes.display()
        )
    });
    let n_rounds = measured.iter().map(|(_, figures)| figures.n_rounds());
    let mut report = Report {
        about: about::lines(&folder.join("guests"), n_rounds.min().unwrap_or(0)),
        goals: reach::goals(measured, &sizes),
        measured,
        curves,
        starts,
        sizes,
        plots: plots::all(measured, curves),
    };
    let path = folder.join("report.html");
    fs::write(&path, html::page(&report)).expect("the folder can be written");
    println!("\n{}", path.display());
    if let Some(docs) = docs {
        report.plots.retain(|plot| DOCUMENTED.contains(&plot.name));
        let pictures = docs.join("benchmarks");
        fs::create_dir_all(&pictures).expect("the folder can be made");
        for plot in &report.plots {
            let file = pictures.join(format!("{}.svg", plot.name));
            fs::write(file, &plot.svg).expect("the folder can be written");
        }
        let path = docs.join("benchmarks.md");
        fs::write(&path, markdown::page(&report)).expect("the folder can be written");
        println!("{}", path.display());
    }
    print_goals(&report.goals);
}

fn print_goals(goals: &[Goal]) {
    println!();
    for goal in goals {
        let verdict = if goal.is_reached() {
            "reached"
        } else {
            "MISSED"
        };
        let optimized = goal.optimized.map(|value| format!(" (-O {value:.2})"));
        println!(
            "{verdict:<8} {:<52} at most {:.2}: {:.2}{} {}",
            goal.what,
            goal.at_most,
            goal.called,
            optimized.unwrap_or_default(),
            goal.unit
        );
    }
}

/// A table that a page shows: headings, and rows of cells.
pub(crate) struct Table {
    pub(crate) heads: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heads: &[&str]) -> Self {
        Self {
            heads: heads.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// The goals, as the report has them: misses first.
    pub(crate) fn of_goals(goals: &[Goal]) -> Self {
        let mut table = Self::new(&["", "goal", "at most", "linked", "linked with -O", "unit"]);
        for goal in goals {
            let verdict = if goal.is_reached() {
                "reached"
            } else {
                "missed"
            };
            let optimized = goal.optimized.map_or(String::new(), short);
            table.rows.push(vec![
                verdict.to_owned(),
                goal.what.clone(),
                short(goal.at_most),
                short(goal.called),
                optimized,
                goal.unit.to_owned(),
            ]);
        }
        table
    }

    /// The lines of `cargo xtask size`.
    pub(crate) fn of_sizes(sizes: &str) -> Self {
        let mut table = Self::new(&["allocator", "code, bytes", "module, bytes"]);
        let lines = sizes.lines().skip(1);
        table.rows = lines
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect();
        table
    }
}

/// A number with three digits that count, or all before the point.
pub(crate) fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
