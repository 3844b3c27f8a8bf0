//! Allocators side by side, inside wasm: ours, linked, and those that programs use today.
//!
//! Every contestant runs the same workloads (`host-tests/benches/driver`), in a fresh instance for each sample. The
//! contestants take turns, and so do the workloads; a ratio is the middle of the ratios of each round: whatever slows the machine down
//! for a while slows both sides down. Criterion then measures each by itself.
//!
//! | variable | meaning |
//! |---|---|
//! | `HEAPS` | contestants to run, by the beginnings of their names: `freelist,zig` |
//! | `HEAPS_WORKLOADS` | workloads to run: `a,b,c,d,maps`, `d:20000` for another number of live blocks, `filled:512` for `d` in a large heap |
//! | `HEAPS_ROUNDS` | how often each is run; criterion is left out then |
//! | `HEAPS_CRITERION` | if set, it is not left out |
//! | `HEAPS_CONFORMERS` | more conformers to run, files |
//! | `HEAPS_RESULTS` | a folder: rounds are kept there, and taken from there where the modules are the same; the report is written beside it |
//! | `HEAPS_DOCS` | a folder: `benchmarks.md` is written there |
//!
//! | module | idea |
//! |---|---|
//! | [`modules`] | what runs: as it was built, and ours linked |
//! | [`contestants`] | who runs |
//! | [`workloads`] | what is run |
//! | [`trace`] | what programs ask of an allocator, recorded |
//! | [`rounds`] | a sample |
//! | [`alone`] | each contestant by itself, measured by criterion |
//! | [`figures`] | all samples, taken in turns |
//! | [`instances`] | what an instance costs |
//! | [`links`] | what a link costs |
//! | [`memory`] | what is held for what lives |
//! | [`reach`] | what the free list is meant to reach |
//! | [`table`] | what all that comes to, at a terminal |
//! | [`report`], [`html`], [`markdown`], [`plots`], [`svg`], [`about`] | and on a page |

mod about;
mod alone;
mod contestants;
mod figures;
mod html;
mod instances;
mod links;
mod markdown;
mod memory;
mod modules;
mod plots;
mod reach;
mod report;
mod rounds;
mod svg;
mod table;
mod trace;
mod workloads;

use std::{
    env,
    path::{Path, PathBuf},
};

use memory::Curve;
use workloads::{LIVE, Workload};

const ROUNDS: usize = 9;

fn main() {
    let wanted = list("HEAPS");
    let rounds = env::var("HEAPS_ROUNDS").ok();
    let n_rounds = rounds.as_ref().map_or(ROUNDS, |rounds| {
        rounds.parse().expect("HEAPS_ROUNDS is a number")
    });
    let results = env::var_os("HEAPS_RESULTS").map(PathBuf::from);
    let workloads = workloads();
    let contestants = contestants::all(&list("HEAPS_CONFORMERS"), |name| {
        wanted.is_empty() || wanted.iter().any(|wanted| name.starts_with(wanted))
    });
    let measured = figures::measure(&workloads, &contestants, n_rounds, results.as_deref());
    for (workload, figures) in &measured {
        table::print(*workload, figures);
    }
    if let Some(folder) = results.as_deref().and_then(Path::parent) {
        let docs = env::var_os("HEAPS_DOCS").map(PathBuf::from);
        report::write(
            &measured,
            &Curve::all(&contestants),
            &instances::all(&contestants),
            folder,
            docs.as_deref(),
        );
    }
    if rounds.is_none() || env::var_os("HEAPS_CRITERION").is_some() {
        alone::each(&workloads, &contestants, results.as_deref());
    }
}

/// Those that are asked for, or all; of the curves then one point alone, but where all is kept.
fn workloads() -> Vec<Workload> {
    let names = list("HEAPS_WORKLOADS");
    if !names.is_empty() {
        return names.iter().map(|name| Workload::named(name)).collect();
    }
    let mut all = Workload::all();
    if env::var_os("HEAPS_RESULTS").is_none() {
        all.retain(|workload| match workload {
            Workload::Churn { n_live } => *n_live == LIVE,
            Workload::Filled { .. } => false,
            _ => true,
        });
    }
    all
}

/// The words of a variable, which commas separate.
fn list(variable: &str) -> Vec<String> {
    let value = env::var(variable).unwrap_or_default();
    let words = value.split(',').filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}
