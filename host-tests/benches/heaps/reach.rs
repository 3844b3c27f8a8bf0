//! What the free list is meant to reach, and what it does reach.

use crate::{
    figures::{Figures, Middle, Row},
    workloads::{LIVE, LIVE_CURVE, Workload},
};

/// One figure with a limit that it must not exceed.
pub(crate) struct Goal {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) at_most: f64,
    /// By real calls, as `sigil link` makes them: this one decides.
    pub(crate) called: f64,
    /// The same with the fast paths inlined (`sigil link -O`), where it is another figure.
    pub(crate) optimized: Option<f64>,
}

impl Goal {
    /// Whether it is reached.
    pub(crate) fn is_reached(&self) -> bool {
        self.called <= self.at_most
    }
}

/// The figures by workload.
pub(crate) type Measured = [(Workload, Figures)];

/// Those whose figures are there, misses first. `sizes` is the table that `cargo xtask size` writes.
pub(crate) fn goals(measured: &Measured, sizes: &str) -> Vec<Goal> {
    let d = Workload::Churn { n_live: LIVE };
    let time = |what: &str, workload, ours: (&str, &str), peer: &str, at_most, warm: bool| {
        let figures = of(measured, workload)?;
        let reference = figures.row(peer)?;
        let ratio = |name: &str| {
            let row = figures.row(name)?;
            Some(Middle::of_ratios(times(row, warm), times(reference, warm)).median)
        };
        Some(Goal {
            what: what.to_owned(),
            unit: "times",
            at_most,
            called: ratio(ours.0)?,
            optimized: ratio(ours.1),
        })
    };
    let pages = |what: &str, workload, at_most| {
        let row = of(measured, workload)?.row("freelist")?;
        Some(Goal {
            what: what.to_owned(),
            unit: "pages",
            at_most,
            called: row.pages as f64,
            optimized: None,
        })
    };
    let size = |what: &str, name: &str, at_most| {
        Some(Goal {
            what: what.to_owned(),
            unit: "bytes",
            at_most,
            called: code_bytes(sizes, name)?,
            optimized: None,
        })
    };
    let frees = ("freelist", "freelist -O");
    let mut goals: Vec<Goal> = [
        time(
            "d, time over Zig's wasm_allocator",
            d,
            frees,
            "zig",
            0.85,
            false,
        ),
        pages("d, pages", d, 23.0),
        time(
            "a, time over lol_alloc",
            Workload::Batches,
            frees,
            "lol_alloc",
            0.75,
            false,
        ),
        scopes_over_bump(measured),
        time(
            "b freed last in first out, time over lol_alloc",
            Workload::Levels,
            frees,
            "lol_alloc",
            0.75,
            false,
        ),
        pages("c, pages", Workload::Vectors, 1_006.0),
        time(
            "c the second time, over dlmalloc",
            Workload::Vectors,
            frees,
            "dlmalloc",
            1.0,
            true,
        ),
        size("code: core and scope", "freelist:core+scope", 1_600.0),
        size(
            "code: core, scope and sized",
            "freelist:core+scope+sized",
            2_200.0,
        ),
        flatness(measured),
    ]
    .into_iter()
    .flatten()
    .collect();
    goals.sort_by_key(Goal::is_reached);
    goals
}

/// b with scopes: nanoseconds per block above bump's.
fn scopes_over_bump(measured: &Measured) -> Option<Goal> {
    let figures = of(measured, Workload::Levels)?;
    let over = |ours: &str, theirs: &str| {
        let (ours, theirs) = (figures.row(ours)?, figures.row(theirs)?);
        let differences = ours.cold.iter().zip(&theirs.cold).map(|(a, b)| a - b);
        Some(Middle::of(differences).median)
    };
    Some(Goal {
        what: "b in scopes, above bump".to_owned(),
        unit: "ns per block",
        at_most: 1.0,
        called: over("freelist, scopes", "bump")?,
        optimized: over("freelist -O, scopes", "bump -O"),
    })
}

/// How much dearer a call is with the most live blocks than with the fewest. The caches make it dearer for everybody:
/// no more than for Zig's allocator is what can be asked.
fn flatness(measured: &Measured) -> Option<Goal> {
    let [few, .., many] = LIVE_CURVE;
    let growth = |name: &str| {
        let at = |n_live| of(measured, Workload::Churn { n_live })?.row(name);
        Some(Middle::of_ratios(&at(many)?.cold, &at(few)?.cold).median)
    };
    Some(Goal {
        what: format!("d, time with {many} live blocks over {few}, at most as Zig's"),
        unit: "times",
        at_most: growth("zig")?,
        called: growth("freelist")?,
        optimized: growth("freelist -O"),
    })
}

/// What was measured of a workload, where it ran.
pub(crate) fn of(measured: &Measured, workload: Workload) -> Option<&Figures> {
    let found = measured.iter().find(|(other, _)| *other == workload);
    found.map(|(_, figures)| figures)
}

fn times(row: &Row, warm: bool) -> &[f64] {
    if warm { &row.warm } else { &row.cold }
}

/// The second word of the line that begins with `name`.
fn code_bytes(sizes: &str, name: &str) -> Option<f64> {
    sizes.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some(name)).then(|| words.next()?.parse().ok())?
    })
}
