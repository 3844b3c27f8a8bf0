//! JUnit's XML, in the form that CI systems agree on: one suite for each way of running.

use std::fmt::Write as _;

use crate::{
    Way,
    suite::{Outcome, Report, Verdict},
};

pub(super) fn render(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    let out = &mut text;
    let name = escape(&report.name);
    if let Some(why) = &report.rejected {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"1\" errors=\"1\">"
        );
        let _ = writeln!(
            out,
            "    <testcase name=\"is a conformer\" classname=\"{name}\">"
        );
        let _ = writeln!(
            out,
            "      <error message=\"rejected\">{}</error>",
            escape(why)
        );
        let _ = writeln!(out, "    </testcase>\n  </testsuite>");
    }
    for way in [Way::Component, Way::Linked, Way::Native] {
        let outcomes: Vec<_> = report
            .outcomes
            .iter()
            .filter(|outcome| outcome.way == way)
            .collect();
        if !outcomes.is_empty() {
            suite(out, report, way, &outcomes);
        }
    }
    out.push_str("</testsuites>\n");
    text
}

fn suite(out: &mut String, report: &Report, way: Way, outcomes: &[&Outcome]) {
    let count = |is: fn(&Verdict) -> bool| outcomes.iter().filter(|o| is(&o.verdict)).count();
    let failures = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    let skipped = count(|verdict| verdict.inapplicable().is_some());
    let (name, tests) = (escape(&report.name), outcomes.len());
    let time: f64 = outcomes
        .iter()
        .map(|outcome| outcome.time.as_secs_f64())
        .sum();
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name} ({way})\" tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\" time=\"{time:.3}\">"
    );
    for outcome in outcomes {
        let (id, group) = (outcome.case.id, outcome.case.group());
        let time = outcome.time.as_secs_f64();
        let _ = write!(
            out,
            "    <testcase name=\"{id}\" classname=\"{name}.{way}.{group}\" time=\"{time:.3}\""
        );
        let _ = match &outcome.verdict {
            Verdict::Passed => writeln!(out, "/>"),
            Verdict::Undeclared(_) | Verdict::Unexported(_) => {
                let message = outcome.verdict.inapplicable().unwrap_or_default();
                writeln!(
                    out,
                    "><skipped message=\"{}\"/></testcase>",
                    escape(&message)
                )
            }
            Verdict::Failed(violation) => {
                let again = super::again(report, id);
                let details = format!("{}\n{}again: {again}", violation.what, violation.listing);
                writeln!(
                    out,
                    "><failure message=\"{}\">{}</failure></testcase>",
                    violation.clause,
                    escape(&details)
                )
            }
        };
    }
    let _ = writeln!(out, "  </testsuite>");
}

/// Text as XML takes it; what XML cannot say at all becomes a question mark.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => escaped.push('?'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_and_escapes() {
        let text = super::render(&crate::report::tests::report());
        assert!(
            text.contains("tests=\"3\" failures=\"1\" skipped=\"1\""),
            "{text}"
        );
        assert!(text.contains("`b1` &lt; 8 &amp; &quot;odd&quot;"), "{text}");
        assert_eq!(text.matches("<testcase").count(), 3);
        assert_eq!(
            text.matches("</testcase>").count() + text.matches("\"/>\n").count(),
            3
        );
    }
}
