//! One JSON object: the verdict, and every case.

use serde_json::{Value, json};

use crate::suite::{Outcome, Report, Verdict};

pub(super) fn render(report: &Report) -> String {
    let cases: Vec<Value> = report
        .outcomes
        .iter()
        .map(|outcome| case(report, outcome))
        .collect();
    let features: Vec<&str> = report
        .features
        .split(',')
        .filter(|name| !name.is_empty())
        .collect();
    let report = json!({
        "conformer": report.name,
        "passed": report.passed(),
        "rejected": report.rejected,
        "features": features,
        "seed": report.seed,
        "cases": cases,
    });
    format!("{report:#}\n")
}

fn case(report: &Report, outcome: &Outcome) -> Value {
    let clauses: Vec<_> = outcome
        .case
        .clauses
        .iter()
        .map(|clause| clause.number())
        .collect();
    let mut value = json!({
        "id": outcome.case.id,
        "way": outcome.way.to_string(),
        "about": outcome.case.about,
        "clauses": clauses,
        "seconds": outcome.time.as_secs_f64(),
    });
    match &outcome.verdict {
        Verdict::Passed => value["verdict"] = "passed".into(),
        Verdict::Undeclared(feature) => {
            value["verdict"] = "undeclared".into();
            value["feature"] = feature.name().into();
        }
        Verdict::Unexported(function) => {
            value["verdict"] = "unexported".into();
            value["function"] = (*function).into();
        }
        Verdict::Failed(violation) => {
            let listing = violation.listing.to_string();
            value["verdict"] = "failed".into();
            value["violates"] = violation.clause.number().into();
            value["message"] = violation.what.clone().into();
            value["calls"] = listing.lines().map(str::trim).collect();
            value["again"] = super::again(report, outcome.case.id).into();
        }
    }
    value
}

#[cfg(test)]
mod tests {
    #[test]
    fn is_json_with_a_verdict_for_each_case() {
        let text = super::render(&crate::report::tests::report());
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["passed"], false);
        let verdicts: Vec<_> = report["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| &case["verdict"])
            .collect();
        assert_eq!(verdicts, ["passed", "failed", "undeclared"]);
        assert_eq!(report["cases"][1]["violates"], "A1");
    }
}
