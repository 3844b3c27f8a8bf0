//! The conformer that is written by hand passes the whole suite, and so does what the mutants of the
//! extensions are made of.

use sigil_conformance::{
    Conformer, mutants,
    suite::{self, Options},
};

#[test]
fn passes() {
    passes_the_suite("handwritten.wat", mutants::ORIGINAL);
}

#[test]
fn passes_with_all_extensions() {
    let text = mutants::extended().expect("it can be extended");
    passes_the_suite("extended.wat", &text);
}

fn passes_the_suite(name: &str, text: &str) {
    let conformer = Conformer::read(name, text.as_bytes()).expect("it is wasm");
    let report = suite::run(&conformer, &Options::default(), |outcome| {
        println!(
            "{:<40} {:?} {:?}",
            outcome.case.id, outcome.time, outcome.verdict
        );
    });
    assert_eq!(report.rejected, None);
    let failures: Vec<_> = report
        .failures()
        .map(|(outcome, violation)| {
            format!(
                "{}: {}: {}\n{}",
                outcome.case.id, violation.clause, violation.what, violation.listing
            )
        })
        .collect();
    assert!(report.passed(), "{}", failures.join("\n"));
}
