//! A test, run by the interfaces that the crate has: for text, for bytes, and for sets of patterns.

use alloc::vec::Vec;
use core::{ops::Range, str};

use crate::{
    Digest, Outcome,
    case::{Case, Span},
};

/// What was found.
enum Found {
    /// Which patterns of a set match.
    Set(Vec<usize>),
    /// Whether the one pattern matches, and where: as a whole, and with all groups.
    Matches {
        is_match: bool,
        whole: Vec<Span>,
        groups: Vec<Vec<Span>>,
    },
}

/// Runs a test, and adds what was found to the digest.
pub(crate) fn run(case: &Case, digest: &mut Digest) -> Outcome {
    let is_leftmost = case.match_kind == "leftmost-first" && case.search_kind == "leftmost";
    let has_interface = case.finds_all || is_leftmost && case.patterns.len() == 1;
    let is_in_part = case.bounded || case.anchored && case.most_matches != Some(1);
    if !has_interface || is_in_part {
        return Outcome::DoesNotApply;
    }
    let found = match (case.utf8, str::from_utf8(&case.haystack)) {
        (true, Ok(text)) => text::search(case, text),
        (true, Err(_)) => return Outcome::DoesNotApply,
        (false, _) => bytes::search(case, &case.haystack),
    };
    let agrees = match found {
        None => !case.compiles,
        Some(found) => {
            found.add_to(digest);
            case.compiles && found.agrees(case)
        }
    };
    if agrees {
        Outcome::Agrees
    } else {
        Outcome::Differs
    }
}

impl Found {
    fn agrees(&self, case: &Case) -> bool {
        match self {
            Self::Set(patterns) => {
                let mut expected: Vec<usize> = case.matches.iter().map(|one| one.pattern).collect();
                expected.sort_unstable();
                expected.dedup();
                *patterns == expected
            }
            Self::Matches {
                is_match,
                whole,
                groups,
            } => {
                let is_same = |(at, groups): (usize, &Vec<Span>)| {
                    let expected = &case.matches[at].groups;
                    // A test that says nothing of the groups is about the whole match.
                    let is_as_long = expected.len() == 1 || expected.len() == groups.len();
                    is_as_long && groups.starts_with(expected) && whole[at] == expected[0]
                };
                let n_matches = case.matches.len();
                *is_match == (n_matches > 0)
                    && [whole.len(), groups.len()] == [n_matches; 2]
                    && groups.iter().enumerate().all(is_same)
            }
        }
    }

    fn add_to(&self, digest: &mut Digest) {
        match self {
            Self::Set(patterns) => patterns.iter().for_each(|pattern| digest.add(*pattern)),
            Self::Matches { groups, .. } => {
                for span in groups.iter().flatten() {
                    let (start, end) = span.unwrap_or((usize::MAX, usize::MAX));
                    digest.add(start);
                    digest.add(end);
                }
            }
        }
    }
}

fn span(range: Range<usize>) -> (usize, usize) {
    (range.start, range.end)
}

/// The crate has its interface twice, with the same names: for text and for bytes.
macro_rules! interface {
    ($module:ident, $haystack:ty, $($path:tt)+) => {
        mod $module {
            use $($path)+::{RegexBuilder, RegexSetBuilder};

            use super::{Case, Found, span};

            /// `None` where a pattern does not compile.
            pub(super) fn search(case: &Case, haystack: &$haystack) -> Option<Found> {
                if case.finds_all {
                    let set = RegexSetBuilder::new(&case.patterns)
                        .case_insensitive(case.case_insensitive)
                        .unicode(case.unicode)
                        .line_terminator(case.line_terminator)
                        .build()
                        .ok()?;
                    return Some(Found::Set(set.matches(haystack).iter().collect()));
                }
                let regex = RegexBuilder::new(&case.patterns[0])
                    .case_insensitive(case.case_insensitive)
                    .unicode(case.unicode)
                    .line_terminator(case.line_terminator)
                    .build()
                    .ok()?;
                let most = case.most_matches.unwrap_or(usize::MAX);
                let whole = regex.find_iter(haystack).map(|found| Some(span(found.range())));
                let groups = regex.captures_iter(haystack).map(|found| {
                    let groups = found.iter();
                    groups.map(|group| Some(span(group?.range()))).collect()
                });
                Some(Found::Matches {
                    is_match: regex.is_match(haystack),
                    whole: whole.take(most).collect(),
                    groups: groups.take(most).collect(),
                })
            }
        }
    };
}

interface!(text, str, regex_alloc);
interface!(bytes, [u8], regex_alloc::bytes);
