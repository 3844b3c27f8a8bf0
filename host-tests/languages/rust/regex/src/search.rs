//! A test, run by the interfaces that the crate has: for text, for bytes, and for sets of patterns.

use alloc::vec::Vec;

use regex_alloc::{
    Regex, RegexBuilder, RegexSet, RegexSetBuilder,
    bytes::{self, Regex as BytesRegex},
};

use crate::{
    Digest, Outcome,
    case::{Case, Match, Span},
};

/// Runs a test by all that applies to it, and adds what was found to the digest.
pub(crate) fn run(case: &Case, digest: &mut Digest) -> Outcome {
    if case.bounded || case.anchored && case.most_matches != Some(1) {
        return Outcome::DoesNotApply;
    }
    let text = core::str::from_utf8(&case.haystack).ok();
    let agrees = if case.finds_all {
        match (case.utf8, text) {
            (true, Some(text)) => set(
                set_of_text(case),
                |set| set.matches(text).iter().collect(),
                case,
            ),
            (true, None) => return Outcome::DoesNotApply,
            (false, _) => set(
                set_of_bytes(case),
                |set| set.matches(&case.haystack).iter().collect(),
                case,
            ),
        }
    } else {
        let [pattern] = &case.patterns[..] else {
            return Outcome::DoesNotApply;
        };
        if case.match_kind != "leftmost-first" || case.search_kind != "leftmost" {
            return Outcome::DoesNotApply;
        }
        let found = match (case.utf8, text) {
            (true, Some(text)) => of_text(case, pattern).map(|regex| {
                (
                    regex.is_match(text),
                    take(case, regex.find_iter(text).map(|one| one.range())),
                    take(
                        case,
                        regex.captures_iter(text).map(|one| {
                            groups(one.iter().map(|group| group.map(|group| group.range())))
                        }),
                    ),
                )
            }),
            (true, None) => return Outcome::DoesNotApply,
            (false, _) => of_bytes(case, pattern).map(|regex| {
                let text = &case.haystack[..];
                (
                    regex.is_match(text),
                    take(case, regex.find_iter(text).map(|one| one.range())),
                    take(
                        case,
                        regex.captures_iter(text).map(|one| {
                            groups(one.iter().map(|group| group.map(|group| group.range())))
                        }),
                    ),
                )
            }),
        };
        match found {
            None => !case.compiles,
            Some((is_match, whole, captured)) => {
                captured
                    .iter()
                    .flatten()
                    .for_each(|span| add(digest, *span));
                let is_same = |(expected, (whole, captured)): (&Match, (_, &Vec<Span>))| {
                    // Where a test says nothing of the groups, it means the whole match.
                    expected.groups[0] == Some(whole)
                        && captured.starts_with(&expected.groups)
                        && [1, captured.len()].contains(&expected.groups.len())
                };
                let spans = whole.iter().map(|range| (range.start, range.end));
                case.compiles
                    && is_match != case.matches.is_empty()
                    && whole.len() == case.matches.len()
                    && captured.len() == whole.len()
                    && case.matches.iter().zip(spans.zip(&captured)).all(is_same)
            }
        }
    };
    if agrees {
        Outcome::Agrees
    } else {
        Outcome::Differs
    }
}

/// Whether a set finds those patterns that the test names; one that does not compile is as the test says, or is not.
fn set<S>(set: Option<S>, matches: impl FnOnce(&S) -> Vec<usize>, case: &Case) -> bool {
    let Some(set) = set else {
        return !case.compiles;
    };
    let mut expected: Vec<usize> = case.matches.iter().map(|one| one.pattern).collect();
    expected.sort_unstable();
    expected.dedup();
    case.compiles && matches(&set) == expected
}

fn take<T>(case: &Case, matches: impl Iterator<Item = T>) -> Vec<T> {
    matches
        .take(case.most_matches.unwrap_or(usize::MAX))
        .collect()
}

fn groups(groups: impl Iterator<Item = Option<core::ops::Range<usize>>>) -> Vec<Span> {
    let spans = groups.map(|group| group.map(|range| (range.start, range.end)));
    spans.collect()
}

fn add(digest: &mut Digest, span: Span) {
    let (start, end) = span.unwrap_or((usize::MAX, usize::MAX));
    digest.add(start);
    digest.add(end);
}

fn of_text(case: &Case, pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern)
        .case_insensitive(case.case_insensitive)
        .unicode(case.unicode)
        .line_terminator(case.line_terminator)
        .build()
        .ok()
}

fn of_bytes(case: &Case, pattern: &str) -> Option<BytesRegex> {
    bytes::RegexBuilder::new(pattern)
        .case_insensitive(case.case_insensitive)
        .unicode(case.unicode)
        .line_terminator(case.line_terminator)
        .build()
        .ok()
}

fn set_of_text(case: &Case) -> Option<RegexSet> {
    RegexSetBuilder::new(&case.patterns)
        .case_insensitive(case.case_insensitive)
        .unicode(case.unicode)
        .line_terminator(case.line_terminator)
        .build()
        .ok()
}

fn set_of_bytes(case: &Case) -> Option<bytes::RegexSet> {
    bytes::RegexSetBuilder::new(&case.patterns)
        .case_insensitive(case.case_insensitive)
        .unicode(case.unicode)
        .line_terminator(case.line_terminator)
        .build()
        .ok()
}
