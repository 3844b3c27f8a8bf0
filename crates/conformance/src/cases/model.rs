//! Programs that nobody wrote: random ones, and all short ones.

use crate::{
    Bench, Case,
    Clause::*,
    Feature, Layout, Op, Stop, Violation,
    exhaustive::{self, Alphabet},
    generate::{Dialect, Extensions, Random, program},
    play::play,
    shrink::shrink,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        "model/random",
        &[A1, R2, M1, S2, S4, H3, H5, H6],
        "random programs agree with the model, byte for byte",
        random,
    ),
    Case::new(
        "model/random-at-4-gib",
        &[H4, H5, H6],
        "random programs in the last pages of a full memory",
        random_at_4_gib,
    )
    .in_program(),
    Case::new(
        "model/every-short-program",
        &[A1, A2, R1, R2, S2, S4, B1, H4, H5],
        "every sequence of calls up to a depth, over the sizes that matter",
        every_short_program,
    ),
];

fn dialect(bench: &Bench<'_>) -> Dialect {
    Dialect {
        in_program: bench.in_program(),
        exact_handles: bench.promises(Feature::ExactHandles),
        extensions: Extensions::of(|function| bench.exports(function)),
    }
}

/// Runs random programs; the first one that fails is made short.
fn random_in(bench: &Bench<'_>, layouts: &[Layout], programs: u32) -> Result<(), Violation> {
    let mut seeds = Random::new(bench.seed);
    for at in 0..programs {
        // The first program's seed is the one given, so that `--seed` with a seed that was printed
        // begins with the program that failed.
        let seed = if at == 0 {
            bench.seed
        } else {
            seeds.next_u64()
        };
        let layout = layouts[(seed % layouts.len() as u64) as usize];
        let ops = program(seed, bench.effort.ops, dialect(bench));
        if let Err(violation) = play(bench, layout, &ops) {
            return Err(shortened(bench, layout, ops, violation, seed));
        }
    }
    Ok(())
}

/// The shortest program found that breaks the same clause, and what it does.
fn shortened(
    bench: &Bench<'_>,
    layout: Layout,
    ops: Vec<Op>,
    violation: Violation,
    seed: u64,
) -> Violation {
    let same =
        |ops: &[Op]| play(bench, layout, ops).is_err_and(|other| other.clause == violation.clause);
    // Each try of a program that hangs takes until its fuel is used up.
    let hangs = violation.listing.ends_in(&Stop::Hang);
    let max_tries = bench.effort.shrink / if hangs { 20 } else { 1 };
    let short = shrink(ops, max_tries, same);
    let violation = play(bench, layout, &short).err().unwrap_or(violation);
    Violation {
        what: format!("{} (seed {seed})", violation.what),
        ..violation
    }
}

fn random(bench: &Bench<'_>) -> Result<(), Violation> {
    let tight = Layout {
        max_pages: Some(6),
        ..Layout::SMALL
    };
    let full = Layout {
        heap_base: 65_536,
        ..Layout::SMALL
    };
    random_in(bench, &[Layout::SMALL, tight, full], bench.effort.programs)
}

fn random_at_4_gib(bench: &Bench<'_>) -> Result<(), Violation> {
    let last = Layout {
        initial_pages: 65_535,
        max_pages: None,
        heap_base: 0xfffe_c003,
    };
    let middle = Layout {
        initial_pages: 32_768,
        max_pages: None,
        heap_base: (1 << 31) - 3000,
    };
    random_in(bench, &[last, middle], bench.effort.programs / 4)
}

fn every_short_program(bench: &Bench<'_>) -> Result<(), Violation> {
    let alphabet = Alphabet {
        in_program: bench.in_program(),
        free: bench.exports("free"),
    };
    for ops in exhaustive::programs(alphabet, bench.effort.depth) {
        play(bench, Layout::SMALL, &ops)?;
    }
    Ok(())
}
