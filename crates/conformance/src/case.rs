//! What a case is: an id, the clauses it proves, what it needs, and the calls.

use crate::{Clause, Driver, Feature, Layout, Player, Subject, Violation, Way, listing::Listing};

/// A case of the suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// `interface/name`, unique and stable.
    pub id: &'static str,
    /// The clauses that it proves; the first one is what it is about.
    pub clauses: &'static [Clause],
    /// What is done and expected, in one line.
    pub about: &'static str,
    /// Whether it needs a program around the conformer: a memory to see and to lay out, or somebody
    /// else who grows it.
    pub in_program: bool,
    /// Whether it needs calls to be metered.
    pub metered: bool,
    /// What the conformer must have declared.
    pub features: &'static [Feature],
    /// The functions of `sigil:allocator-ext` that it calls.
    pub functions: &'static [&'static str],
    run: fn(&Bench<'_>) -> Result<(), Violation>,
}

impl Case {
    /// A case that runs in every way.
    pub const fn new(
        id: &'static str,
        clauses: &'static [Clause],
        about: &'static str,
        run: fn(&Bench<'_>) -> Result<(), Violation>,
    ) -> Self {
        Self {
            id,
            clauses,
            about,
            in_program: false,
            metered: false,
            features: &[],
            functions: &[],
            run,
        }
    }

    /// It needs a program around the conformer.
    pub const fn in_program(self) -> Self {
        Self {
            in_program: true,
            ..self
        }
    }

    /// It needs calls to be metered.
    pub const fn metered(self) -> Self {
        Self {
            metered: true,
            ..self
        }
    }

    /// It is about a promise that not every conformer makes.
    pub const fn promised(self, features: &'static [Feature]) -> Self {
        Self { features, ..self }
    }

    /// It calls functions that not every conformer exports.
    pub const fn calls(self, functions: &'static [&'static str]) -> Self {
        Self { functions, ..self }
    }

    /// The interface that the case belongs to: what stands before the slash of its id.
    pub fn group(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(group, _)| group)
    }

    /// Why the case does not apply to `subject`, if it does not.
    pub fn inapplicable(&self, subject: &dyn Subject) -> Option<Inapplicable> {
        let way = subject.way();
        if (self.in_program && way == Way::Component) || (self.metered && way != Way::Linked) {
            return Some(Inapplicable::Way);
        }
        if let Some(function) = self.functions.iter().find(|name| !subject.exports(name)) {
            return Some(Inapplicable::Unexported(function));
        }
        let missing = |feature: &&Feature| !subject.features().contains(**feature);
        self.features
            .iter()
            .find(missing)
            .map(|&feature| Inapplicable::Undeclared(feature))
    }

    /// Runs the case.
    ///
    /// # Errors
    ///
    /// The first violation.
    pub fn run(&self, bench: &Bench<'_>) -> Result<(), Violation> {
        (self.run)(bench)
    }
}

/// Why a case does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inapplicable {
    /// It cannot be run in that way.
    Way,
    /// The conformer does not promise it.
    Undeclared(Feature),
    /// The conformer does not export this function.
    Unexported(&'static str),
}

/// How much of what has no natural end is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// How many random programs are run.
    pub programs: u32,
    /// How many ops each of them has.
    pub ops: usize,
    /// How long the sequences are of which every one is run.
    pub depth: usize,
    /// How many shorter programs are tried in the place of one that fails.
    pub shrink: usize,
}

impl Effort {
    /// A few seconds for a conformer in wasm, in a development build.
    pub const USUAL: Self = Self {
        programs: 1000,
        ops: 120,
        depth: 3,
        shrink: 2000,
    };
    /// What runs natively.
    pub const NATIVE: Self = Self {
        programs: 2000,
        ops: 150,
        depth: 4,
        shrink: 5000,
    };
}

/// What a case works on: a conformer to instantiate, and a seed.
pub struct Bench<'a> {
    subject: &'a dyn Subject,
    /// Where random programs begin.
    pub seed: u64,
    /// How much is done.
    pub effort: Effort,
}

impl<'a> Bench<'a> {
    /// A bench for `subject`.
    pub const fn new(subject: &'a dyn Subject, seed: u64, effort: Effort) -> Self {
        Self {
            subject,
            seed,
            effort,
        }
    }

    /// Whether there is a program around the conformer.
    pub fn in_program(&self) -> bool {
        self.subject.way() != Way::Component
    }

    /// Whether the conformer declares `feature`.
    pub fn promises(&self, feature: Feature) -> bool {
        self.subject.features().contains(feature)
    }

    /// Whether the conformer exports `function` of `sigil:allocator-ext`.
    pub fn exports(&self, function: &str) -> bool {
        self.subject.exports(function)
    }

    /// A fresh instance in a program with that memory.
    ///
    /// # Errors
    ///
    /// Where it cannot be had: H8, because nothing more than instantiation may be needed.
    pub fn open(&self, layout: Layout) -> Result<Player<'a>, Violation> {
        let driver: Box<dyn Driver + 'a> = self.subject.open(layout).map_err(|what| Violation {
            clause: Clause::H8,
            what,
            listing: Listing::default(),
        })?;
        let owner_preserving = self.promises(Feature::OwnerPreserving);
        Ok(Player::new(driver, layout, owner_preserving))
    }

    /// A fresh instance in a small program.
    ///
    /// # Errors
    ///
    /// As [`Bench::open`].
    pub fn small(&self) -> Result<Player<'a>, Violation> {
        self.open(Layout::SMALL)
    }
}
