//! The workloads, by name; the driver says what each does.

use std::fmt;

use crate::trace;

/// A workload of the driver.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Workload {
    /// `a`: 10 M blocks of 16 bytes, in batches of 10,000.
    Batches,
    /// `b`: 100,000 times 4 levels of 25 blocks.
    Levels,
    /// `c`: 1,000 vectors that double from 16 bytes to 64 KiB; cold, and once more in the same instance.
    Vectors,
    /// `d`: 2 M random calls.
    Churn {
        /// How many blocks live at a time: two thirds of the slots.
        n_live: u32,
    },
    /// `d` in a heap that holds so much besides, in blocks of almost a page.
    Filled {
        /// MiB of pages.
        mib: u32,
    },
    /// `e`: 100,000 copies of 64 KiB.
    Copies,
    /// The calls that a program has made: which one of [`trace::PROGRAMS`].
    Replay(usize),
    /// A program: its function, how often it does what it does, and what that is.
    Program(&'static str, u32, &'static str),
}

/// What `d` has where nothing else is asked for.
pub(crate) const LIVE: u32 = 2_000;
/// What `d` is measured with besides, for the curve of its cost.
pub(crate) const LIVE_CURVE: [u32; 4] = [200, LIVE, 20_000, 200_000];
/// How full heaps are for the curve over their size; without anything besides, `d` holds some 1 MiB.
pub(crate) const FILLED_CURVE: [u32; 3] = [64, 512, 3_072];
const SEED: u32 = 1;

const PROGRAMS: [Workload; 4] = [
    Workload::Program("maps", 20, "turns of hash maps of 40,000 and 7,001 entries"),
    Workload::Program("trees", 1_000, "binary trees of 2,047 nodes"),
    Workload::Program("json", 100, "documents of 30 KB, parsed and printed"),
    Workload::Program(
        "compile",
        100,
        "modules of 100 functions, as a compiler sees them",
    ),
];

impl Workload {
    /// All of them, in the order of the report.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self::Batches, Self::Levels, Self::Vectors];
        all.extend(LIVE_CURVE.map(|n_live| Self::Churn { n_live }));
        all.extend(FILLED_CURVE.map(|mib| Self::Filled { mib }));
        all.push(Self::Copies);
        all.extend(PROGRAMS);
        all.extend((0..trace::PROGRAMS.len()).map(Self::Replay));
        all
    }

    /// # Panics
    ///
    /// Where there is no such workload.
    pub(crate) fn named(name: &str) -> Self {
        if let Some(live) = name.strip_prefix("d:") {
            let n_live = live.parse().expect("`d:` and the number of live blocks");
            return Self::Churn { n_live };
        }
        if let Some(mib) = name.strip_prefix("filled:") {
            let mib = mib.parse().expect("`filled:` and a number of MiB");
            return Self::Filled { mib };
        }
        if name == "d" {
            return Self::Churn { n_live: LIVE };
        }
        let all = Self::all();
        let found = all.iter().find(|workload| workload.id() == name);
        *found.unwrap_or_else(|| {
            panic!(
                "no workload `{name}`: there are a, b, c, d, d:NUMBER, filled:MIB, e, maps, trees, json, compile"
            )
        })
    }

    /// The name that [`Self::named`] knows it by.
    pub(crate) fn id(self) -> String {
        match self {
            Self::Churn { n_live } => format!("d:{n_live}"),
            Self::Filled { mib } => format!("filled:{mib}"),
            Self::Replay(program) => format!("replay:{}", trace::PROGRAMS[program]),
            _ => self.export().to_owned(),
        }
    }

    /// The function of the driver.
    pub(crate) fn export(self) -> &'static str {
        match self {
            Self::Batches => "a",
            Self::Levels => "b",
            Self::Vectors => "c",
            Self::Churn { .. } | Self::Filled { .. } => "d",
            Self::Copies => "e",
            Self::Replay(_) => "replay",
            Self::Program(name, ..) => name,
        }
    }

    /// The arguments of the function.
    pub(crate) fn arguments(self) -> Vec<u32> {
        match self {
            Self::Batches => vec![1_000],
            Self::Levels => vec![100_000],
            Self::Vectors => vec![1_000],
            Self::Churn { n_live } => vec![n_live / 2 * 3, self.n_ops(), SEED],
            Self::Filled { .. } => vec![LIVE / 2 * 3, self.n_ops(), SEED],
            Self::Copies => vec![self.n_ops()],
            Self::Replay(program) => {
                let trace = trace::of(program);
                vec![trace.n_calls(), trace.n_turns()]
            }
            Self::Program(_, n, _) => vec![n],
        }
    }

    /// What the driver finds in memory.
    pub(crate) fn data(self) -> Option<&'static [u32]> {
        match self {
            Self::Replay(program) => Some(&trace::of(program).words),
            _ => None,
        }
    }

    /// How many blocks of almost a page the heap is filled with before.
    pub(crate) fn n_filled(self) -> Option<u32> {
        match self {
            Self::Filled { mib } => Some(mib * 16),
            _ => None,
        }
    }

    /// How many operations a run is, by which its time is divided.
    pub(crate) fn n_ops(self) -> u32 {
        match self {
            Self::Batches | Self::Levels => 10_000_000,
            Self::Vectors => 1_000,
            Self::Churn { .. } | Self::Filled { .. } => 2_000_000,
            Self::Copies => 100_000,
            Self::Replay(program) => trace::of(program).n_calls() * trace::of(program).n_turns(),
            Self::Program(_, n, _) => n,
        }
    }

    /// What time of an operation is printed in, and how many nanoseconds that is.
    pub(crate) fn unit(self) -> (&'static str, f64) {
        match self {
            Self::Batches | Self::Levels => ("ns per block", 1.0),
            Self::Vectors => ("µs per vector", 1e3),
            Self::Churn { .. } | Self::Filled { .. } | Self::Replay(_) => ("ns per call", 1.0),
            Self::Copies => ("ns per copy", 1.0),
            Self::Program(..) => ("µs each", 1e3),
        }
    }

    /// Whether a second run in the same instance is of interest.
    pub(crate) fn has_second_run(self) -> bool {
        self == Self::Vectors
    }

    /// The contestants that the others are compared with, by name.
    pub(crate) fn references(self) -> &'static [&'static str] {
        match self {
            Self::Batches => &["lol_alloc"],
            Self::Levels => &["lol_alloc", "bump"],
            Self::Vectors | Self::Program(..) | Self::Replay(_) => &["dlmalloc"],
            Self::Churn { .. } | Self::Filled { .. } => &["zig"],
            Self::Copies => &["floor"],
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batches => write!(f, "a: 10 M blocks of 16 B, batches of 10,000"),
            Self::Levels => write!(f, "b: 100,000 times 4 levels of 25 blocks of 8 to 256 B"),
            Self::Vectors => write!(f, "c: 1,000 vectors, doubling from 16 B to 64 KiB"),
            Self::Churn { n_live } => write!(f, "d: 2 M random calls, {n_live} live blocks"),
            Self::Filled { mib } => write!(f, "d beside {mib} MiB in blocks of 60,000 B"),
            Self::Replay(program) => write!(
                f,
                "replay: {} times the {} calls that `{}` makes",
                trace::of(*program).n_turns(),
                trace::of(*program).n_calls(),
                trace::PROGRAMS[*program]
            ),
            Self::Copies => write!(f, "e: 100,000 copies of 64 KiB"),
            Self::Program(name, n, what) => write!(f, "{name}: {n} {what}"),
        }
    }
}
