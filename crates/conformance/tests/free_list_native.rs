//! The free-list strategy, natively: every case, long random runs, and deeper exhaustive ones than wasm has
//! time for.
#![allow(unsafe_code, reason = "makes a strategy over raw memory")]

use sigil_conformance::{
    Bench, Effort, Feature, Features, Subject, cases,
    native::{Native, ROOM},
};
use sigil_heap::{
    FreeList, PageSource as _,
    free_list::{ROOT_SCOPE, Root},
    simulated::Simulated,
};

fn free_list() -> Native<impl Fn(&mut Simulated, u32, u32) -> FreeList> {
    let features = [
        Feature::ShrinkInPlace,
        Feature::ExactHandles,
        Feature::ReuseAfterRealloc,
        Feature::OwnerPreserving,
        Feature::Reuse,
    ];
    Native::new(Features::from_iter(features), |memory, base, end| {
        // SAFETY: the suite keeps `ROOM` free for the strategy's statics.
        unsafe { memory.at(ROOM).cast::<Root>().write(Root::new(end)) };
        FreeList::new(ROOM, ROOM + ROOT_SCOPE, base.next_multiple_of(16), end)
    })
    .with_sizes()
    .with_free()
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
    run(&free_list(), "heap/", Effort::NATIVE);
}

#[test]
fn core() {
    run(&free_list(), "core/", Effort::NATIVE);
}

#[test]
fn scope() {
    run(&free_list(), "scope/", Effort::NATIVE);
}

#[test]
fn bulk() {
    run(&free_list(), "bulk/", Effort::NATIVE);
}

#[test]
fn sized() {
    run(&free_list(), "sized/", Effort::NATIVE);
}

#[test]
fn stats() {
    run(&free_list(), "stats/", Effort::NATIVE);
}

#[test]
fn random() {
    run(&free_list(), "model/random", Effort::NATIVE);
}

#[test]
fn exhaustive() {
    run(&free_list(), "model/every", Effort::NATIVE);
}
