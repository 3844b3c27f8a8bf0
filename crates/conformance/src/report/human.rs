//! The report for people: failures in full, everything else in numbers.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use crate::suite::{Outcome, Report, Verdict};

#[derive(Default)]
struct Count {
    passed: usize,
    failed: usize,
    /// Neither: the conformer does not declare, or does not export, what the case is about.
    inapplicable: usize,
}

impl Count {
    fn add(&mut self, outcome: &Outcome) {
        match outcome.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Undeclared(_) | Verdict::Unexported(_) => self.inapplicable += 1,
        }
    }
}

pub(super) fn render(report: &Report) -> String {
    let mut text = String::new();
    let out = &mut text;
    let name = &report.name;
    if let Some(why) = &report.rejected {
        return format!("{name} is not a conformer\n{why}\n");
    }
    for (outcome, violation) in report.failures() {
        let (id, way) = (outcome.case.id, outcome.way);
        let clause = violation.clause;
        let _ = writeln!(out, "FAILED {id} ({way}): {}", outcome.case.about);
        let _ = writeln!(out, "  {clause}: {}", clause.rule());
        let _ = writeln!(out, "  {}", violation.what.replace('\n', "\n  "));
        let _ = write!(out, "{}", violation.listing);
        let _ = writeln!(out, "  again: {}\n", super::again(report, id));
    }
    let mut counts: BTreeMap<_, Count> = BTreeMap::new();
    let mut total = Count::default();
    for outcome in &report.outcomes {
        counts
            .entry((outcome.way, outcome.case.group()))
            .or_default()
            .add(outcome);
        total.add(outcome);
    }
    let _ = writeln!(
        out,
        "{:<10} {:<7} {:>6} {:>6} {:>15}",
        "way", "cases", "passed", "failed", "not applicable"
    );
    for ((way, group), count) in &counts {
        let Count {
            passed,
            failed,
            inapplicable,
        } = count;
        let _ = writeln!(
            out,
            "{way:<10} {group:<7} {passed:>6} {failed:>6} {inapplicable:>15}"
        );
    }
    // A case that is left out is no case that passed: each is named, with the reason.
    let mut reasons: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for outcome in &report.outcomes {
        if let Some(why) = outcome.verdict.inapplicable() {
            let ids = reasons.entry((outcome.way, why)).or_default();
            ids.push(outcome.case.id);
        }
    }
    for ((way, why), ids) in reasons {
        let _ = writeln!(out, "not applicable ({way}), {why}: {}", ids.join(", "));
    }
    let features = if report.features.is_empty() {
        "none"
    } else {
        &report.features
    };
    let _ = writeln!(out, "declared features: {features}");
    let time: Duration = report.outcomes.iter().map(|outcome| outcome.time).sum();
    let verdict = if report.passed() {
        "is a conformer"
    } else if report.outcomes.is_empty() {
        "was not tested: no case was selected"
    } else if total.failed == 0 {
        "was not tested: no selected case applies to it"
    } else {
        "is not a conformer"
    };
    let _ = writeln!(
        out,
        "{name} {verdict}: {} passed, {} failed, in {:.1} s (seed {})",
        total.passed,
        total.failed,
        time.as_secs_f64(),
        report.seed
    );
    text
}
