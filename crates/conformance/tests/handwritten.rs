//! The conformer that is written by hand passes the whole suite.

use sigil_conformance::{
    Conformer,
    suite::{self, Options},
};

#[test]
fn passes() {
    let text = include_bytes!("../../../host-tests/conformers/handwritten.wat");
    let conformer = Conformer::read("handwritten.wat", text).expect("it is wasm");
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
