//! The Test Anything Protocol, version 13: a line for each case, details as YAML below it.

use std::fmt::Write as _;

use crate::suite::{Report, Verdict};

pub(super) fn render(report: &Report) -> String {
    let mut text = String::from("TAP version 13\n");
    let out = &mut text;
    if let Some(why) = &report.rejected {
        let _ = writeln!(out, "Bail out! {}", why.replace('\n', "; "));
        return text;
    }
    let _ = writeln!(out, "1..{}", report.outcomes.len());
    for (at, outcome) in report.outcomes.iter().enumerate() {
        let (number, id, way) = (at + 1, outcome.case.id, outcome.way);
        match &outcome.verdict {
            Verdict::Passed => {
                let _ = writeln!(out, "ok {number} - {id} ({way})");
            }
            Verdict::Undeclared(_) | Verdict::Unexported(_) => {
                let why = outcome.verdict.inapplicable().unwrap_or_default();
                let _ = writeln!(out, "ok {number} - {id} ({way}) # SKIP {why}");
            }
            Verdict::Failed(violation) => {
                let _ = writeln!(out, "not ok {number} - {id} ({way})");
                let _ = writeln!(out, "  ---");
                let _ = writeln!(out, "  clause: {}", violation.clause);
                let _ = writeln!(out, "  again: {}", super::again(report, id));
                let details = format!("{}\n{}", violation.what, violation.listing);
                let _ = writeln!(out, "  message: |");
                for line in details.lines() {
                    let _ = writeln!(out, "    {line}");
                }
                let _ = writeln!(out, "  ...");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn plans_and_numbers_its_cases() {
        let text = super::render(&crate::report::tests::report());
        assert!(text.starts_with("TAP version 13\n1..3\nok 1 - "), "{text}");
        assert!(
            text.contains("\nnot ok 2 - ") && text.contains("\nok 3 - "),
            "{text}"
        );
        assert!(text.contains("# SKIP `dense` is not declared"), "{text}");
    }
}
