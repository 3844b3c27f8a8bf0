//! The strategies, natively: every case, long random runs, and deeper exhaustive ones than wasm has time for.
#![allow(unsafe_code, reason = "makes strategies over raw memory")]

use sigil_conformance::{
    Bench, Effort, Feature, Features, Subject, cases,
    native::{Native, ROOM},
};
use sigil_heap::{Bump, FreeList, PageSource as _, Paged, bump::Chunk, simulated::Simulated};

fn new_bump() -> Native<impl Fn(&mut Simulated, u32, u32) -> Bump> {
    let features = [Feature::InPlaceGrow, Feature::ShrinkInPlace, Feature::Dense];
    Native::new(Features::from_iter(features), |memory, base, end| {
        // SAFETY: the suite keeps `ROOM` free for the strategy's statics.
        unsafe { memory.at(ROOM).cast::<Chunk>().write(Chunk::root(end, 0)) };
        Bump::new(ROOM, base, end)
    })
    .with_sizes()
    .with_stats()
}

/// Where the free list's statics are: their alignment is 16.
const ROOT: u32 = ROOM.next_multiple_of(16);

fn new_free_list() -> Native<impl Fn(&mut Simulated, u32, u32) -> FreeList> {
    let features = [
        Feature::ExactHandles,
        Feature::ReuseAfterRealloc,
        Feature::OwnerPreserving,
        Feature::Reuse,
    ];
    Native::new(Features::from_iter(features), |memory, base, end| {
        FreeList::place(memory, ROOT, base.next_multiple_of(16), end)
    })
    .with_sizes()
    .with_free()
    .with_stats()
}

fn new_paged() -> Native<impl Fn(&mut Simulated, u32, u32) -> Paged> {
    let features = Features::from_iter([Feature::ExactHandles]);
    Native::new(features, |_, base, end| Paged::new(base, end))
        .with_sizes()
        .with_free()
        .with_pages()
}

/// Runs every applicable case whose id begins with `group`; there must be one.
fn run(subject: &dyn Subject, group: &str) {
    let bench = Bench::new(subject, 1, Effort::NATIVE);
    let applicable = |case: &&sigil_conformance::Case| case.inapplicable(subject).is_none();
    let (mut n_run, mut failed) = (0, Vec::new());
    for case in cases::all()
        .filter(|case| case.id.starts_with(group))
        .filter(applicable)
    {
        n_run += 1;
        if let Err(violation) = case.run(&bench) {
            let (clause, what, listing) = (violation.clause, violation.what, violation.listing);
            failed.push(format!("{}: {clause}: {what}\n{listing}", case.id));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(n_run > 0, "no case `{group}…` applies");
}

/// A test for each group of cases, so that they run side by side.
macro_rules! suite {
    ($strategy:ident, $new:ident: $($group:ident $prefix:literal),+) => {
        mod $strategy {
            $(#[test]
            fn $group() {
                super::run(&super::$new(), $prefix);
            })+
        }
    };
    ($strategy:ident, $new:ident) => {
        suite!($strategy, $new: heap "heap/", core "core/", scope "scope/", bulk "bulk/", sized "sized/",
            stats "stats/", random "model/random", exhaustive "model/every");
    };
}

suite!(bump, new_bump);
suite!(free_list, new_free_list);
suite!(paged, new_paged: heap "heap/", core "core/", scope "scope/", bulk "bulk/", sized "sized/",
    pages "pages/", random "model/random", exhaustive "model/every");
