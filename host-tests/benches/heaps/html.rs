//! `report.html`: one page, light and dark, without a script or anything from elsewhere.

use std::fmt::Write as _;

use crate::{
    contestants::Group,
    figures::{Figures, Middle, Row},
    report::{COMMANDS, METHOD, Report, Table, short},
    svg::escaped,
    workloads::Workload,
};

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#6b7280;--line:#e5e7eb;--page:#fff;--ours:#0b66c3;--miss:#b42318;--ok:#18794e}
@media(prefers-color-scheme:dark){:root{--ink:#e6e8eb;--soft:#9aa3af;--line:#343a43;--page:#14171b;--ours:#5fb0ff;--miss:#ff8a7a;--ok:#5fd39a}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.5rem}h3{font-size:1rem;margin-bottom:.3rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;display:block;overflow-x:auto}
th,td{padding:.15rem .7rem .15rem 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:500}th.name,td.name{text-align:left}tr.ours td{color:var(--ours)}tr.limit td{color:var(--soft)}
tr.missed td:first-child{color:var(--miss);font-weight:600}tr.reached td:first-child{color:var(--ok)}
pre,code{font:13px ui-monospace,monospace}pre{overflow-x:auto;border:1px solid var(--line);padding:.6rem}figure{margin:1.5rem 0}
figcaption,.soft{color:var(--soft)}svg{max-width:100%;height:auto}";

/// The whole page.
pub(crate) fn page(report: &Report<'_>) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>Sigil: allocators side by side</title><style>{STYLE}</style>\
         <h1>Allocators side by side, inside wasm</h1>"
    );
    let _ = write!(
        page,
        "<h2>What is meant to be reached: {} of {} missed</h2>",
        report.n_missed(),
        report.goals.len()
    );
    page += &goals(&Table::of_goals(&report.goals));
    let _ = write!(page, "<p class=\"soft\">{}</p>", escaped(METHOD));
    for plot in &report.plots {
        let _ = write!(
            page,
            "<figure>{}<figcaption>{}</figcaption></figure>",
            plot.svg,
            escaped(plot.caption)
        );
    }
    page += "<h2>Workloads</h2>";
    for (workload, figures) in report.measured {
        let _ = write!(page, "<h3>{}</h3>", escaped(&workload.to_string()));
        page += &rows(*workload, figures);
    }
    page += "<h2>Live bytes of those held after a million calls of d</h2>";
    let mut live = Table::new(&["allocator", "live part", "held, KiB"]);
    for curve in report.curves {
        let held = curve.points.last().map_or(0, |point| point.1);
        let part = format!("{:.2}", curve.live_part());
        live.rows
            .push(vec![curve.name.clone(), part, (held >> 10).to_string()]);
    }
    page += &plain(&live);
    page += "<h2>From a compiled module to its first block, and a thousand instances</h2>";
    page += &plain(&Table::of_instances(report.instances));
    page += "<h2>What a link costs</h2><p class=\"soft\">A process that reads a program and the conformer bump, links them and \
             writes the result; the fastest of some runs, and the largest resident set.</p>";
    page += &plain(&Table::of_links(&report.links));
    page += "<h2>Code, as it ships</h2><p class=\"soft\">A module with nothing but the allocator. Ours export the \
             functions that are named, the others alloc, realloc and free (bumpalo: its scope in place of free). All \
             are built for size.</p>";
    page += &plain(&Table::of_sizes(&report.sizes));
    page += "<h2>How this was measured</h2>";
    let mut about = Table::new(&["", ""]);
    about.rows = report
        .about
        .iter()
        .map(|(name, is)| vec![name.clone(), is.clone()])
        .collect();
    page += &plain(&about);
    let _ = write!(page, "<pre>{}</pre></html>", escaped(&COMMANDS.join("\n")));
    page
}

/// One line for each contestant, the fastest first.
fn rows(workload: Workload, figures: &Figures) -> String {
    let (unit, ns_of_unit) = workload.unit();
    let (limit, best) = (figures.best(Group::Limit), figures.best(Group::Peer));
    let mut heads = vec!["contestant", unit, "quartiles"];
    if workload.has_second_run() {
        heads.push("second time");
    }
    heads.push("pages");
    let best_head = best.map(|row| format!("× {}", row.name));
    let limit_head = limit.map(|row| format!("× {}", row.name));
    heads.extend(best_head.as_deref());
    heads.extend(limit_head.as_deref());
    let mut table = Table::new(&heads);
    let mut ordered: Vec<&Row> = figures.rows.iter().collect();
    ordered.sort_by(|a, b| a.median().total_cmp(&b.median()));
    for row in &ordered {
        let unit = |times: &[f64]| Middle::of(times.iter().map(|ns| ns / ns_of_unit));
        let cold = unit(&row.cold);
        let mut cells = vec![
            row.name.clone(),
            short(cold.median),
            format!("{} to {}", short(cold.low), short(cold.high)),
        ];
        if workload.has_second_run() {
            cells.push(short(unit(&row.warm).median));
        }
        cells.push(row.pages.to_string());
        for reference in [best, limit].into_iter().flatten() {
            cells.push(short(Middle::of_ratios(&row.cold, &reference.cold).median));
        }
        table.rows.push(cells);
    }
    let class = |i: usize| match ordered[i].group {
        Group::Ours => "ours",
        Group::Peer => "peer",
        Group::Limit => "limit",
    };
    html_table(&table, class, 1)
}

fn goals(table: &Table) -> String {
    let class = |i: usize| match table.rows[i][0].as_str() {
        "missed" => "missed",
        _ => "reached",
    };
    html_table(table, class, 2)
}

fn plain(table: &Table) -> String {
    html_table(table, |_| "", 1)
}

/// The first `n_names` columns are text.
fn html_table<'a>(table: &Table, class: impl Fn(usize) -> &'a str, n_names: usize) -> String {
    let cells = |cells: &[String], tag: &str| {
        let mut html = String::new();
        for (i, cell) in cells.iter().enumerate() {
            let kind = if i < n_names { " class=\"name\"" } else { "" };
            let _ = write!(html, "<{tag}{kind}>{}</{tag}>", escaped(cell));
        }
        html
    };
    let mut html = format!("<table><tr>{}</tr>", cells(&table.heads, "th"));
    for (i, row) in table.rows.iter().enumerate() {
        let _ = write!(html, "<tr class=\"{}\">{}</tr>", class(i), cells(row, "td"));
    }
    html + "</table>"
}
