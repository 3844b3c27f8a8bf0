//! The bump strategy, natively: every case, long random runs, and deeper exhaustive ones than wasm has
//! time for.
#![allow(unsafe_code, reason = "makes a strategy over raw memory")]

use sigil_conformance::{
    Bench, Effort, Feature, Features, Subject, cases,
    native::{Native, ROOM},
};
use sigil_heap::{Bump, PageSource as _, bump::Chunk, simulated::Simulated};

fn bump() -> Native<impl Fn(&mut Simulated, u32, u32) -> Bump> {
    let features = [Feature::InPlaceGrow, Feature::ShrinkInPlace, Feature::Dense];
    Native::new(Features::from_iter(features), |memory, base, end| {
        // SAFETY: the suite keeps `ROOM` free for the strategy's statics.
        unsafe { memory.at(ROOM).cast::<Chunk>().write(Chunk::root(end, 0)) };
        Bump::new(ROOM, base, end)
    })
    .with_sizes()
    .with_stats()
}

/// Runs every applicable case whose id begins with `group`.
fn run(subject: &dyn Subject, group: &str, effort: Effort) {
    let bench = Bench::new(subject, 1, effort);
    let mut failed = Vec::new();
    for case in cases::all().filter(|case| case.id.starts_with(group)) {
        if case.inapplicable(subject).is_none()
            && let Err(violation) = case.run(&bench)
        {
            let (clause, what, listing) = (violation.clause, violation.what, violation.listing);
            failed.push(format!("{}: {clause}: {what}\n{listing}", case.id));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn heap() {
    run(&bump(), "heap/", Effort::NATIVE);
}

#[test]
fn core() {
    run(&bump(), "core/", Effort::NATIVE);
}

#[test]
fn scope() {
    run(&bump(), "scope/", Effort::NATIVE);
}

#[test]
fn bulk() {
    run(&bump(), "bulk/", Effort::NATIVE);
}

#[test]
fn sized() {
    run(&bump(), "sized/", Effort::NATIVE);
}

#[test]
fn stats() {
    run(&bump(), "stats/", Effort::NATIVE);
}

#[test]
fn random() {
    run(&bump(), "model/random", Effort::NATIVE);
}

#[test]
fn exhaustive() {
    run(&bump(), "model/every", Effort::NATIVE);
}
