//! The suite is tested with conformers that are broken on purpose.

use std::collections::BTreeSet;

use sigil_conformance::{
    cases,
    mutants::{self, Mutant},
};

#[test]
fn every_mutant_is_caught_and_every_case_catches_one() {
    let fates = mutants::fates().expect("every mutant links");
    let survivors: Vec<_> = fates
        .iter()
        .filter(|fate| !fate.is_caught())
        .map(|fate| (fate.mutant.name, &fate.also))
        .collect();
    assert!(
        survivors.is_empty(),
        "no case of their clause catches {survivors:#?}"
    );

    let catching: BTreeSet<_> = fates
        .iter()
        .flat_map(|fate| fate.caught_by.iter().chain(&fate.also))
        .copied()
        .collect();
    let idle: Vec<_> = cases::all()
        .map(|case| case.id)
        .filter(|id| !catching.contains(id) && !CATCH_NONE.contains(id))
        .collect();
    assert!(idle.is_empty(), "these cases catch no mutant: {idle:#?}");
}

/// Cases that no change of the handwritten conformer can fail, each with the reason.
const CATCH_NONE: &[&str] = &[
    // It is about a feature that the handwritten conformer does not have.
    "core/realloc-leaves-room",
];

#[test]
fn there_are_at_least_thirty_and_their_names_differ() {
    let names: BTreeSet<_> = mutants::all()
        .into_iter()
        .map(|mutant: &Mutant| mutant.name)
        .collect();
    assert_eq!(names.len(), mutants::all().len());
    assert!(names.len() >= 30, "{}", names.len());
}
