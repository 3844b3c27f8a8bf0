//! Every case, by interface.
//!
//! A case opens fresh instances and makes calls; the [`Player`](crate::Player) under it holds every call
//! to the whole model, so that a case says only what is special about it. None knows a conformer by
//! name.

mod bulk;
mod core;
mod exhaustion;
mod handles;
mod heap;
mod model;
mod neighbours;
mod page_ends;
mod page_states;
mod pages;
mod promote;
mod resize;
mod scope;
mod sized;
mod stats;

use crate::Case;

/// Every case, in the order in which they are run.
pub fn all() -> impl Iterator<Item = &'static Case> {
    [
        heap::CASES,
        neighbours::CASES,
        exhaustion::CASES,
        core::CASES,
        scope::CASES,
        handles::CASES,
        promote::CASES,
        bulk::CASES,
        sized::CASES,
        resize::CASES,
        stats::CASES,
        pages::CASES,
        page_states::CASES,
        page_ends::CASES,
        model::CASES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;
    use crate::Clause;

    #[test]
    fn ids_are_unique_and_name_their_group() {
        let ids: BTreeSet<_> = all().map(|case| case.id).collect();
        assert_eq!(ids.len(), all().count());
        assert!(all().all(|case| {
            [
                "heap", "core", "scope", "bulk", "sized", "stats", "pages", "model",
            ]
            .contains(&case.group())
        }));
    }

    #[test]
    fn every_clause_has_a_case_and_every_case_a_clause() {
        assert!(all().all(|case| !case.clauses.is_empty()));
        let proven: BTreeSet<_> = all().flat_map(|case| case.clauses).collect();
        let open: Vec<_> = Clause::ALL
            .iter()
            .filter(|clause| !proven.contains(clause))
            .collect();
        assert!(open.is_empty(), "no case proves {open:?}");
    }
}
