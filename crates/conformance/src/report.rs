//! Tells a report: to people, and in three formats that tools read.

mod human;
mod json;
mod junit;
mod tap;

use std::{fmt, str::FromStr};

use crate::suite::Report;

/// How a report is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// The Test Anything Protocol, version 13.
    Tap,
    /// One JSON object.
    Json,
    /// JUnit's XML, as CI systems take it.
    Junit,
}

impl Format {
    /// Every format.
    pub const ALL: &[Self] = &[Self::Human, Self::Tap, Self::Json, Self::Junit];

    /// Its name on a command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Tap => "tap",
            Self::Json => "json",
            Self::Junit => "junit",
        }
    }

    /// The whole report.
    pub fn render(self, report: &Report) -> String {
        match self {
            Self::Human => human::render(report),
            Self::Tap => tap::render(report),
            Self::Json => json::render(report),
            Self::Junit => junit::render(report),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().find(|format| format.name() == text);
        known
            .copied()
            .ok_or_else(|| format!("no format `{text}`; there are human, tap, json, junit"))
    }
}

/// A command that runs a failed case again.
fn again(report: &Report, id: &str) -> String {
    format!(
        "sigil conform {} --filter {id} --seed {}",
        report.name, report.seed
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        Clause, Feature, Violation, Way, cases,
        listing::{Entry, Listing},
        suite::{Outcome, Verdict, rejected},
    };

    /// One case that passed, one that failed, one that does not apply.
    pub(super) fn report() -> Report {
        let mut listing = Listing::default();
        listing.push(Entry::Called {
            call: crate::Call::Alloc { size: 8 },
            outcome: Ok(0x1004),
        });
        let violation = Violation {
            clause: Clause::A1,
            what: "`b1` < 8 & \"odd\"".into(),
            listing,
        };
        let verdicts = [
            Verdict::Passed,
            Verdict::Failed(Box::new(violation)),
            Verdict::Undeclared(Feature::Dense),
        ];
        let outcomes = cases::all().zip(verdicts).map(|(case, verdict)| Outcome {
            case,
            way: Way::Linked,
            verdict,
            time: Duration::from_millis(3),
        });
        Report {
            name: "mine.wasm".into(),
            features: "dense".into(),
            seed: 7,
            rejected: None,
            outcomes: outcomes.collect(),
        }
    }

    #[test]
    fn every_format_names_the_failure_and_how_to_repeat_it() {
        let id = cases::all().nth(1).unwrap().id;
        for format in Format::ALL {
            let text = format.render(&report());
            assert!(text.contains(id), "{text}");
            assert!(text.contains("alloc(8)"), "{text}");
            assert!(
                text.contains(&format!("sigil conform mine.wasm --filter {id} --seed 7")),
                "{text}"
            );
        }
    }

    #[test]
    fn every_format_tells_of_a_rejection() {
        let report = rejected("mine.wasm", "`mine.wasm` is no well-formed wasm".into());
        assert!(!report.passed());
        for format in Format::ALL {
            let text = format.render(&report);
            assert!(text.contains("no well-formed wasm"), "{text}");
        }
    }

    #[test]
    fn nothing_run_is_not_passed() {
        let report = Report {
            outcomes: vec![],
            ..report()
        };
        assert!(!report.passed());
    }
}
