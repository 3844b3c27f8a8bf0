//! Promises beyond the contract, which a conformer declares and is then held to.
//!
//! A strategy may be able to do more than the contract asks of everyone: grow a block where it stands,
//! recognise each stale handle. It says so itself, in a custom section of its core module named
//! [`SECTION`] whose content is text, feature names with commas between:
//!
//! ```wat
//! (@custom "sigil:features" "in-place-grow,shrink-in-place")
//! ```
//!
//! `sigil conform --features` adds to what the file says. A conformer that declares nothing is held to
//! what is portable, and no case is failed for a promise that was never made.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::Clause;

/// The custom section that declares features.
pub const SECTION: &str = "sigil:features";

/// A promise that a conformer may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// The newest block of the innermost scope grows where it stands while memory continues there.
    InPlaceGrow,
    /// A block that shrinks never moves.
    ShrinkInPlace,
    /// Every handle that is not open traps, in `exit-scope` and in `promote`.
    ExactHandles,
    /// The place that a `realloc` left is allocated again without any scope being closed.
    ReuseAfterRealloc,
    /// A block of an older scope stays that scope's when it is reallocated in a newer one.
    OwnerPreserving,
    /// What `free` took back is handed out again while its scope is open.
    Reuse,
    /// Blocks stand one behind the other, padded to 8 and no more, and memory grows by no page more
    /// than that takes.
    Dense,
}

impl Feature {
    /// Every feature.
    pub const ALL: &[Self] = &[
        Self::InPlaceGrow,
        Self::ShrinkInPlace,
        Self::ExactHandles,
        Self::ReuseAfterRealloc,
        Self::OwnerPreserving,
        Self::Reuse,
        Self::Dense,
    ];

    /// The name by which a conformer declares it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InPlaceGrow => "in-place-grow",
            Self::ShrinkInPlace => "shrink-in-place",
            Self::ExactHandles => "exact-handles",
            Self::ReuseAfterRealloc => "reuse-after-realloc",
            Self::OwnerPreserving => "owner-preserving",
            Self::Reuse => "reuse",
            Self::Dense => "dense",
        }
    }

    /// The promise in one line.
    pub const fn promise(self) -> &'static str {
        match self {
            Self::InPlaceGrow => "the newest block grows where it stands",
            Self::ShrinkInPlace => "a block that shrinks never moves",
            Self::ExactHandles => "every handle that is not open traps",
            Self::ReuseAfterRealloc => "what a `realloc` left is allocated again",
            Self::OwnerPreserving => "a block stays its scope's, whichever scope reallocates it",
            Self::Reuse => "what was freed is allocated again",
            Self::Dense => "blocks stand side by side, and no page is grown in vain",
        }
    }

    /// The clause that the promise belongs to.
    pub const fn clause(self) -> Clause {
        match self {
            Self::InPlaceGrow | Self::ShrinkInPlace => Clause::R3,
            Self::ExactHandles => Clause::S7,
            Self::ReuseAfterRealloc => Clause::R2,
            Self::OwnerPreserving => Clause::S6,
            Self::Reuse => Clause::F1,
            Self::Dense => Clause::H2,
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Feature {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .iter()
            .find(|feature| feature.name() == text)
            .copied()
            .ok_or_else(|| {
                let known: Vec<_> = Self::ALL.iter().map(|feature| feature.name()).collect();
                format!("no feature `{text}`; there are: {}", known.join(", "))
            })
    }
}

/// What a conformer declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Features(BTreeSet<Feature>);

impl Features {
    /// The features named in `text`, with commas or white space between.
    ///
    /// # Errors
    ///
    /// Where a name is not a feature's.
    pub fn parse(text: &str) -> Result<Self, String> {
        let names = text
            .split([',', ' ', '\n', '\t'])
            .filter(|name| !name.is_empty());
        names.map(str::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `feature` is declared.
    pub fn contains(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }

    /// Declares what `other` declares, too.
    pub fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// The declared features.
    pub fn iter(&self) -> impl Iterator<Item = Feature> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<Feature> for Features {
    fn from_iter<I: IntoIterator<Item = Feature>>(features: I) -> Self {
        Self(features.into_iter().collect())
    }
}

impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Feature::name).collect();
        f.pad(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_prints() {
        let all: Features = Feature::ALL.iter().copied().collect();
        assert_eq!(Features::parse(&all.to_string()), Ok(all));
        assert_eq!(Features::parse(""), Ok(Features::default()));
    }

    #[test]
    fn an_unknown_name_is_an_error_that_lists_the_known() {
        let error = Features::parse("dense,tense").unwrap_err();
        assert!(
            error.starts_with("no feature `tense`") && error.contains("exact-handles"),
            "{error}"
        );
    }
}
