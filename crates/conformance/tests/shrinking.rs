//! A random program that fails comes out as a few calls, and its seed repeats it.

use sigil_conformance::{
    Conformer, mutants,
    suite::{self, Options, Report},
};

fn random(mutant: &str, seed: u64) -> Report {
    let mutant = mutants::all()
        .into_iter()
        .find(|known| known.name == mutant)
        .expect("it is known");
    let text = mutant.text().expect("it applies");
    let conformer = Conformer::read("mutant.wat", text.as_bytes()).expect("it is wasm");
    let options = Options {
        filter: Some("model/random".into()),
        seed,
        ..Options::default()
    };
    suite::run(&conformer, &options, |_| {})
}

#[test]
fn a_failure_is_a_few_calls_that_a_person_can_read() {
    for (name, at_most) in [
        ("copies-the-old-size", 8),
        ("promote-frees-the-block", 4),
        ("exits-the-innermost", 8),
        ("trusts-memory-size", 4),
    ] {
        let report = random(name, 1);
        let (_, violation) = report.failures().next().expect("random programs find it");
        let n_calls = violation.listing.len();
        assert!(
            n_calls <= at_most,
            "{name}: {n_calls} calls\n{}",
            violation.listing
        );
        println!("{name}: {}\n{}", violation.what, violation.listing);
    }
}

#[test]
fn the_seed_that_is_printed_repeats_the_failure() {
    let first = random("copies-the-old-size", 1);
    let (_, violation) = first.failures().next().expect("it fails");
    let seed = violation
        .what
        .rsplit_once("(seed ")
        .expect("the seed is printed")
        .1;
    let seed: u64 = seed.trim_end_matches(')').parse().expect("it is a number");
    let again = random("copies-the-old-size", seed);
    let (_, repeated) = again.failures().next().expect("it fails again");
    assert_eq!(
        (&repeated.what, &repeated.listing),
        (&violation.what, &violation.listing)
    );
}
