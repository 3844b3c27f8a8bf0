//! The workloads, by name; the driver says what each does.

use std::fmt;

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
}

/// What `d` has where nothing else is asked for.
const LIVE: u32 = 2_000;
const SEED: u32 = 1;

impl Workload {
    pub(crate) const ALL: [Self; 4] = [
        Self::Batches,
        Self::Levels,
        Self::Vectors,
        Self::Churn { n_live: LIVE },
    ];

    /// # Panics
    ///
    /// Where there is no such workload.
    pub(crate) fn named(name: &str) -> Self {
        if let Some(live) = name.strip_prefix("d:") {
            let n_live = live.parse().expect("`d:` and the number of live blocks");
            return Self::Churn { n_live };
        }
        Self::ALL
            .into_iter()
            .find(|workload| workload.export() == name)
            .unwrap_or_else(|| panic!("no workload `{name}`: there are a, b, c, d and d:NUMBER"))
    }

    /// The function of the driver.
    pub(crate) fn export(self) -> &'static str {
        match self {
            Self::Batches => "a",
            Self::Levels => "b",
            Self::Vectors => "c",
            Self::Churn { .. } => "d",
        }
    }

    /// The arguments of the function.
    pub(crate) fn arguments(self) -> Vec<u32> {
        match self {
            Self::Batches => vec![1_000],
            Self::Levels => vec![100_000],
            Self::Vectors => vec![1_000],
            Self::Churn { n_live } => vec![n_live / 2 * 3, self.n_ops(), SEED],
        }
    }

    /// How many operations a run is, by which its time is divided.
    pub(crate) fn n_ops(self) -> u32 {
        match self {
            Self::Batches | Self::Levels => 10_000_000,
            Self::Vectors => 1_000,
            Self::Churn { .. } => 2_000_000,
        }
    }

    /// What one operation is, and the nanoseconds of the unit that its time is printed in.
    pub(crate) fn unit(self) -> (&'static str, f64) {
        match self {
            Self::Batches | Self::Levels => ("ns per block", 1.0),
            Self::Vectors => ("µs per vector", 1e3),
            Self::Churn { .. } => ("ns per call", 1.0),
        }
    }

    /// Whether a second run in the same instance is of interest.
    pub(crate) fn has_second_run(self) -> bool {
        self == Self::Vectors
    }

    /// The contestants that the others are compared with.
    pub(crate) fn references(self) -> &'static [&'static str] {
        match self {
            Self::Batches => &["lol_alloc"],
            Self::Levels => &["lol_alloc", "bump"],
            Self::Vectors => &["dlmalloc"],
            Self::Churn { .. } => &["zig"],
        }
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batches => write!(f, "a: 10 M blocks of 16 B, batches of 10,000"),
            Self::Levels => write!(f, "b: 100,000 times 4 levels of 25 blocks"),
            Self::Vectors => write!(f, "c: 1,000 vectors, doubling to 64 KiB"),
            Self::Churn { n_live } => write!(f, "d: 2 M random calls, {n_live} live blocks"),
        }
    }
}
