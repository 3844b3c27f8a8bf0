//! `docs/contract.md` and the suite say the same: every clause, its cases, and the features.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::PathBuf};

use sigil_conformance::{Clause, Feature, cases};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/contract.md")
}

/// The line that lists a clause's cases.
fn line(clause: Clause) -> String {
    let ids: Vec<_> = cases::all()
        .filter(|case| case.clauses.contains(&clause))
        .map(|case| format!("`{}`", case.id))
        .collect();
    format!("Cases: {}", ids.join(", "))
}

/// The clause that a heading is about, and what the heading says of it.
fn heading(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("### ")?.split_once(": ")
}

#[test]
fn each_clause_lists_exactly_the_cases_that_prove_it() {
    let page = fs::read_to_string(path()).expect("the page is there");
    let mut clause = None;
    let mut rewritten = String::new();
    for text in page.lines() {
        if let Some((number, rule)) = heading(text) {
            let known: Clause = number.parse().expect("a heading names a clause");
            assert_eq!(rule, known.rule(), "the heading of {known}");
            clause = Some(known);
        }
        if text.starts_with("Cases:") {
            let clause = clause.take().expect("cases stand below a clause, once");
            writeln!(rewritten, "{}", line(clause)).expect("strings take text");
        } else {
            writeln!(rewritten, "{text}").expect("strings take text");
        }
    }
    if env::var_os("BLESS").is_some() {
        // In one step: the other tests read the page meanwhile.
        let new = path().with_extension("new");
        fs::write(&new, rewritten).expect("the page can be written");
        fs::rename(new, path()).expect("the page can be replaced");
    } else {
        let stale = page
            .lines()
            .zip(rewritten.lines())
            .find(|(old, new)| old != new);
        assert!(
            page == rewritten,
            "docs/contract.md is stale: {stale:#?}\nhelp: BLESS=1 cargo test -p sigil-conformance --test contract"
        );
    }
}

#[test]
fn every_clause_stands_there_once_in_order() {
    let page = fs::read_to_string(path()).expect("the page is there");
    let found: Vec<_> = page
        .lines()
        .filter_map(heading)
        .map(|(number, _)| number)
        .collect();
    let expected: Vec<_> = Clause::ALL.iter().map(|clause| clause.number()).collect();
    assert_eq!(found, expected);
    assert_eq!(
        page.lines()
            .filter(|line| line.starts_with("Cases:"))
            .count(),
        expected.len()
    );
}

#[test]
fn the_table_of_features_is_complete() {
    let page = fs::read_to_string(path()).expect("the page is there");
    let rows: BTreeMap<_, _> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once("` | "))
        .collect();
    let expected: BTreeMap<_, _> = Feature::ALL
        .iter()
        .map(|feature| {
            (
                feature.name(),
                format!("{} | {} |", feature.clause(), feature.promise()),
            )
        })
        .collect();
    assert_eq!(rows.len(), expected.len());
    for (name, row) in expected {
        assert_eq!(rows.get(name).copied(), Some(&*row), "the row of `{name}`");
    }
}
