//! The report: one page that needs nothing else, and the short one among the documents.

use std::{fs, path::Path};

use crate::{
    about,
    figures::Middle,
    html,
    instances::Cost,
    links::{self, Link},
    markdown,
    memory::Curve,
    plots::{self, Plot},
    reach::{self, Goal, Measured},
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
    pub(crate) instances: &'a [Cost],
    pub(crate) links: Vec<Link>,
    /// The table that `cargo xtask size` writes.
    pub(crate) sizes: String,
    pub(crate) plots: Vec<Plot>,
}

impl Report<'_> {
    /// How many goals were not reached.
    pub(crate) fn n_missed(&self) -> usize {
        let missed = self.goals.iter().filter(|goal| !goal.is_reached());
        missed.count()
    }
}

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
    instances: &[Cost],
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
    let links = links::read(folder);
    let mut report = Report {
        about: about::lines(&folder.join("guests"), n_rounds.min().unwrap_or(0)),
        goals: reach::goals(measured, &sizes),
        measured,
        curves,
        instances,
        plots: plots::all(measured, curves, &links),
        links,
        sizes,
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

    /// What instances cost, in microseconds and resident bytes.
    pub(crate) fn of_instances(instances: &[Cost]) -> Self {
        let mut table = Self::new(&[
            "allocator",
            "on demand, µs",
            "quartiles",
            "resident each, KiB",
            "pooled, µs",
            "quartiles",
            "resident each, KiB",
        ]);
        for cost in instances {
            let mut cells = vec![cost.name.clone()];
            for instances in [&cost.on_demand, &cost.pooled] {
                let Middle { low, median, high } = instances.time;
                let resident = instances.resident.map(|bytes| bytes as f64 / 1024.0);
                cells.extend([
                    short(median),
                    format!("{} to {}", short(low), short(high)),
                    resident.map_or("not known".to_owned(), short),
                ]);
            }
            table.rows.push(cells);
        }
        table
    }

    /// What links cost, by the program's size.
    pub(crate) fn of_links(links: &[Link]) -> Self {
        let mut table = Self::new(&[
            "program, MiB",
            "link, ms",
            "peak, MiB",
            "link -O, ms",
            "peak, MiB",
        ]);
        let mib = |bytes: u64| short(bytes as f64 / f64::from(1 << 20));
        for link in links {
            table.rows.push(vec![
                mib(link.program_bytes),
                short(link.plain.ms),
                mib(link.plain.peak_bytes),
                short(link.optimized.ms),
                mib(link.optimized.peak_bytes),
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
