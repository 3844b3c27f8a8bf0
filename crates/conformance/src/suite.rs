//! Runs cases on a conformer and collects the verdicts.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use crate::{
    Bench, Case, Clause, Conformer, Effort, Feature, Inapplicable, Subject, Violation, Way, cases,
    component::Component, linked::Linked,
};

/// What is run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Only cases whose id, or one of whose clauses, is or begins with this.
    pub filter: Option<String>,
    /// Where random programs begin.
    pub seed: u64,
    /// How much of them there is.
    pub effort: Effort,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            filter: None,
            seed: 1,
            effort: Effort::USUAL,
        }
    }
}

impl Options {
    /// Whether the filter lets `case` pass.
    pub fn selects(&self, case: &Case) -> bool {
        self.filter.as_ref().is_none_or(|filter| {
            case.id.contains(filter.as_str())
                || case
                    .clauses
                    .iter()
                    .any(|clause| clause.number().eq_ignore_ascii_case(filter))
        })
    }
}

/// What became of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It held.
    Passed,
    /// It did not.
    Failed(Box<Violation>),
    /// The conformer does not promise what the case is about.
    Undeclared(Feature),
    /// The conformer does not export this function, which the case calls.
    Unexported(&'static str),
}

impl Verdict {
    /// Why the case does not apply, if it does not.
    pub fn inapplicable(&self) -> Option<String> {
        match self {
            Self::Passed | Self::Failed(_) => None,
            Self::Undeclared(feature) => Some(format!("`{feature}` is not declared")),
            Self::Unexported(function) => Some(format!("`{function}` is not exported")),
        }
    }
}

/// A case that was run in one way.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The case.
    pub case: &'static Case,
    /// How it was run.
    pub way: Way,
    /// What became of it.
    pub verdict: Verdict,
    /// How long it took.
    pub time: Duration,
}

/// What the suite has to say about a file.
#[derive(Clone, Debug)]
pub struct Report {
    /// The file's name.
    pub name: String,
    /// What it declares, with commas between.
    pub features: String,
    /// The seed of the random programs.
    pub seed: u64,
    /// Why it is no conformer at all; then no case was run.
    pub rejected: Option<String>,
    /// The cases, in the order in which they were run.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    /// Whether the file is a conformer: some cases were run, and all held.
    pub fn passed(&self) -> bool {
        let passed = |outcome: &Outcome| matches!(outcome.verdict, Verdict::Passed);
        self.rejected.is_none()
            && self.failures().next().is_none()
            && self.outcomes.iter().any(passed)
    }

    /// What failed.
    pub fn failures(&self) -> impl Iterator<Item = (&Outcome, &Violation)> {
        self.outcomes
            .iter()
            .filter_map(|outcome| match &outcome.verdict {
                Verdict::Failed(violation) => Some((outcome, &**violation)),
                _ => None,
            })
    }
}

/// A file under the given name that is no conformer, and why.
pub fn rejected(name: &str, why: String) -> Report {
    Report {
        name: name.into(),
        features: String::new(),
        seed: 0,
        rejected: Some(why),
        outcomes: Vec::new(),
    }
}

/// Runs the suite on a conformer, in every way in which it can be run, and tells `seen` of each outcome
/// as it comes.
pub fn run(conformer: &Conformer, options: &Options, mut seen: impl FnMut(&Outcome)) -> Report {
    let mut report = Report {
        name: conformer.name().into(),
        features: conformer.features().to_string(),
        seed: options.seed,
        rejected: None,
        outcomes: Vec::new(),
    };
    let mut run = || -> Result<(), String> {
        // Both are made before a case is run: what is not a conformer is told so at once.
        let component = conformer
            .is_component()
            .then(|| Component::new(conformer))
            .transpose()?;
        let linked = Linked::new(conformer)?;
        let component = component
            .as_ref()
            .map(|component| component as &dyn Subject);
        for subject in component.into_iter().chain([&linked as &dyn Subject]) {
            for outcome in run_on(subject, options) {
                seen(&outcome);
                report.outcomes.push(outcome);
            }
        }
        Ok(())
    };
    let rejected = run().err();
    Report { rejected, ..report }
}

/// Runs the selected cases on one subject.
pub fn run_on<'a>(
    subject: &'a dyn Subject,
    options: &'a Options,
) -> impl Iterator<Item = Outcome> + 'a {
    let bench = Bench::new(subject, options.seed, options.effort);
    cases::all()
        .filter(|case| options.selects(case))
        .filter_map(move |case| {
            let start = Instant::now();
            let verdict = match case.inapplicable(subject) {
                Some(Inapplicable::Way) => return None,
                Some(Inapplicable::Undeclared(feature)) => Verdict::Undeclared(feature),
                Some(Inapplicable::Unexported(function)) => Verdict::Unexported(function),
                None => verdict(case, &bench),
            };
            Some(Outcome {
                case,
                way: subject.way(),
                verdict,
                time: start.elapsed(),
            })
        })
}

/// Runs a case. A panic is a fault of the suite, which one conformer's author cannot do much about: it
/// fails that case, and says so.
fn verdict(case: &Case, bench: &Bench<'_>) -> Verdict {
    match catch_unwind(AssertUnwindSafe(|| case.run(bench))) {
        Ok(Ok(())) => Verdict::Passed,
        Ok(Err(violation)) => Verdict::Failed(Box::new(violation)),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no message");
            Verdict::Failed(Box::new(Violation {
                clause: case.clauses.first().copied().unwrap_or(Clause::H8),
                what: format!("the suite itself panicked: {message}"),
                listing: crate::listing::Listing::default(),
            }))
        }
    }
}
