//! The pictures of the report.

use crate::{
    contestants::Group,
    figures::{Figures, Row},
    links::{Cost, Link},
    memory::Curve,
    reach::{self, Measured},
    svg::{self, Axis, Series},
    workloads::{FILLED_CURVE, LIVE, LIVE_CURVE, Workload},
};

/// A picture: its file's name, what it shows, and itself.
pub(crate) struct Plot {
    pub(crate) name: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) svg: String,
}

/// Who holds more than so many times what lives is not drawn: it would flatten all others.
const MOST_HELD: f64 = 4.0;

/// Those whose figures are there.
pub(crate) fn all(measured: &Measured, curves: &[Curve], links: &[Link]) -> Vec<Plot> {
    [
        density(measured),
        growth(measured),
        filled(measured),
        held(curves),
        linking(links),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Time against pages, in workload d.
fn density(measured: &Measured) -> Option<Plot> {
    let figures = reach::of(measured, Workload::Churn { n_live: LIVE })?;
    let fewest = figures.rows.iter().filter(|row| row.group != Group::Limit);
    let fewest = fewest.map(|row| row.pages).min()? as f64;
    let is_drawn =
        |row: &&Row| row.group != Group::Limit && (row.pages as f64) < MOST_HELD * fewest;
    let point = |row: &Row| series(row, vec![(row.pages as f64, row.median())]);
    let series: Vec<Series> = figures.rows.iter().filter(is_drawn).map(point).collect();
    let x = Axis {
        label: "pages of 64 KiB that memory grew by",
        is_logarithmic: false,
    };
    let y = Axis {
        label: "ns per call",
        is_logarithmic: true,
    };
    Some(Plot {
        name: "density",
        caption: "Workload d: time against memory. Down and left is better.",
        svg: svg::dots("time against memory in workload d", &x, &y, &series),
    })
}

/// Time against the number of live blocks.
fn growth(measured: &Measured) -> Option<Plot> {
    let at = LIVE_CURVE.map(|n_live| (Workload::Churn { n_live }, f64::from(n_live)));
    let x = Axis {
        label: "live blocks",
        is_logarithmic: true,
    };
    let svg = curves_over(measured, &at, "time against live blocks in workload d", &x)?;
    Some(Plot {
        name: "live",
        caption: "Workload d: time against the number of live blocks. Those that walk their free blocks were \
                  not run with many.",
        svg,
    })
}

/// Time against the size of the heap.
fn filled(measured: &Measured) -> Option<Plot> {
    let mut at = vec![(Workload::Churn { n_live: LIVE }, 1.0)];
    at.extend(FILLED_CURVE.map(|mib| (Workload::Filled { mib }, f64::from(mib))));
    let x = Axis {
        label: "MiB that live besides, in blocks of 60,000 bytes",
        is_logarithmic: true,
    };
    let svg = curves_over(measured, &at, "time against the size of the heap", &x)?;
    Some(Plot {
        name: "filled",
        caption: "Workload d: time in a heap of 1 MiB to 3 GiB. Whose line ends early has no room for more.",
        svg,
    })
}

/// A line for each contestant that ran at several of `places`.
fn curves_over(
    measured: &Measured,
    places: &[(Workload, f64)],
    title: &str,
    x: &Axis,
) -> Option<String> {
    let found: Vec<(&Figures, f64)> = places
        .iter()
        .filter_map(|(workload, at)| Some((reach::of(measured, *workload)?, *at)))
        .collect();
    let mut rows: Vec<&Row> = Vec::new();
    for row in found.iter().flat_map(|(figures, _)| &figures.rows) {
        if !rows.iter().any(|known| known.name == row.name) {
            rows.push(row);
        }
    }
    let points = |name: &str| {
        let point = |(figures, at): &(&Figures, f64)| Some((*at, figures.row(name)?.median()));
        found.iter().filter_map(point).collect::<Vec<_>>()
    };
    let series: Vec<Series> = rows
        .into_iter()
        .map(|row| series(row, points(&row.name)))
        .filter(|series| series.points.len() > 1)
        .collect();
    let y = Axis {
        label: "ns per call",
        is_logarithmic: true,
    };
    (!series.is_empty()).then(|| svg::lines(title, x, &y, &series))
}

/// What is held for what lives, over a run.
fn held(curves: &[Curve]) -> Option<Plot> {
    let series: Vec<Series> = curves
        .iter()
        .map(|curve| Series {
            name: curve.name.clone(),
            is_ours: curve.is_ours,
            points: curve
                .points
                .iter()
                .skip(1)
                .map(|&(calls, held, live)| (f64::from(calls), held as f64 / live.max(1) as f64))
                .collect(),
        })
        .filter(|series| series.points.iter().all(|point| point.1 < MOST_HELD))
        .collect();
    let x = Axis {
        label: "calls",
        is_logarithmic: false,
    };
    let y = Axis {
        label: "bytes held per byte that lives",
        is_logarithmic: false,
    };
    (!series.is_empty()).then(|| Plot {
        name: "held",
        caption: "Workload d: memory held for each live byte, over a million calls. Who holds more than four \
                  times as much is left out.",
        svg: svg::lines("memory held in workload d", &x, &y, &series),
    })
}

/// The time of a link against the size of the program.
fn linking(links: &[Link]) -> Option<Plot> {
    let line = |name: &str, is_ours, cost: fn(&Link) -> &Cost| Series {
        name: name.to_owned(),
        is_ours,
        points: links
            .iter()
            .map(|link| (link.program_bytes as f64 / 1024.0, cost(link).ms))
            .collect(),
    };
    let series = [
        line("link", true, |link| &link.plain),
        line("link -O", true, |link| &link.optimized),
    ];
    let x = Axis {
        label: "KiB of program",
        is_logarithmic: true,
    };
    let y = Axis {
        label: "ms",
        is_logarithmic: true,
    };
    (!links.is_empty()).then(|| Plot {
        name: "link",
        caption: "A process that reads a program, links the bump conformer into it and writes the result.",
        svg: svg::lines("time of a link against the size of the program", &x, &y, &series),
    })
}

fn series(row: &Row, points: Vec<(f64, f64)>) -> Series {
    Series {
        name: row.name.clone(),
        is_ours: row.group == Group::Ours,
        points,
    }
}
