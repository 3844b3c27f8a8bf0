//! Follows every path through a function, and refuses to end a scope that may not be open.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::Operator;

use super::{
    analysis::Analysis,
    flow::Flow,
    refuse::Forcible,
    scopes::{Does, Scope},
};

/// The scopes that are open for certain at some point, each with those that it may be inside of.
type Open = BTreeMap<Scope, BTreeSet<Scope>>;

/// What is known before each instruction, by all the paths that lead there: `first` at the beginning, changed by `step`,
/// put together by `join` where paths meet. `None` where no path leads.
pub(super) fn forward<K: Clone + PartialEq>(
    flow: &Flow<'_>,
    first: K,
    step: impl Fn(usize, &mut K),
    join: impl Fn(&K, &K) -> K,
) -> Vec<Option<K>> {
    let mut before: Vec<Option<K>> = vec![None; flow.ops.len()];
    let mut queue = vec![0];
    if let Some(beginning) = before.first_mut() {
        *beginning = Some(first);
    }
    while let Some(op) = queue.pop() {
        let Some(mut known) = before.get(op).cloned().flatten() else {
            continue;
        };
        step(op, &mut known);
        for &next in &flow.ops[op].next {
            let Some(there) = before.get_mut(next) else {
                continue;
            };
            let joined = match there {
                None => known.clone(),
                Some(there) => join(there, &known),
            };
            if there.as_ref() != Some(&joined) {
                *there = Some(joined);
                queue.push(next);
            }
        }
    }
    before
}

impl Analysis<'_, '_> {
    /// Follows every path through `flow` and refuses to close what may not be open.
    pub(super) fn paths(&mut self, function: u32, flow: &Flow<'_>, does: &BTreeMap<usize, Does>) {
        if does.is_empty() {
            return;
        }
        if flow.has_handlers {
            let what = "it catches exceptions, which may leave a scope on a path that is not followed here";
            self.refuse(function, flow, 0, what.into(), Some(Forcible::SaveRestore));
            return;
        }
        let step = |op: usize, open: &mut Open| match does.get(&op) {
            Some(Does::Open(scope)) => enter(open, *scope),
            Some(Does::Close(scope)) => exit(open, *scope),
            Some(Does::CloseAll) => open.clear(),
            Some(Does::Measure(_)) | None => {
                if let Operator::Call { function_index } = flow.ops[op].operator
                    && self.resets.contains(&function_index)
                {
                    open.clear();
                }
            }
        };
        let before = forward(flow, Open::new(), step, join);
        for (op, does) in does {
            let (Does::Close(scope) | Does::Measure(scope)) = does else {
                continue;
            };
            // What no path reaches does nothing.
            if before[*op]
                .as_ref()
                .is_some_and(|open| !open.contains_key(scope))
            {
                let what = "it ends or measures a scope that may not be open here: on some path it was closed \
                            before, or by the end of an outer one, or never opened";
                self.refuse(
                    function,
                    flow,
                    *op,
                    what.into(),
                    Some(Forcible::SaveRestore),
                );
            }
        }
    }
}

fn enter(open: &mut Open, scope: Scope) {
    // What was inside an older scope of that name is not inside the new one.
    open.remove(&scope);
    for outer in open.values_mut() {
        outer.remove(&scope);
    }
    let outer = open.keys().copied().collect();
    open.insert(scope, outer);
}

fn exit(open: &mut Open, scope: Scope) {
    open.remove(&scope);
    open.retain(|_, outer| !outer.contains(&scope));
}

/// What is open on both paths; each scope inside of whatever it is inside of on either.
fn join(a: &Open, b: &Open) -> Open {
    let both = a.iter().filter_map(|(scope, outer)| {
        let other = b.get(scope)?;
        Some((*scope, outer.union(other).copied().collect()))
    });
    both.collect()
}
