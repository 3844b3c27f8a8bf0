//! Functions that free all: whoever calls them has no scope open any more.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::Operator;

use super::{
    analysis::Analysis,
    profile::Role,
    uses::{Uses, reached},
};

impl Analysis<'_, '_> {
    /// Functions after which no scope of their caller is open: those that free all, by their role or by setting the
    /// pointer to its first value, and whoever calls them.
    pub(super) fn resets(&self, uses: &[Uses]) -> wasmparser::Result<BTreeSet<u32>> {
        let Some(pointer) = self.roles.pointer else {
            return Ok(BTreeSet::new());
        };
        let mut resets: BTreeSet<u32> = self
            .roles
            .functions
            .iter()
            .filter(
                |(_, role)| matches!(role, Role::Call(call) if call.function.name == "free-all"),
            )
            .map(|(function, _)| *function)
            .collect();
        let mut callers: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        let bodies = self.program.bodies.iter().zip(uses);
        for ((body, uses), function) in bodies.zip(self.program.n_imported_functions..) {
            if self.plan.replaced.contains_key(&function) {
                continue;
            }
            for callee in &uses.functions {
                callers.entry(*callee).or_default().push(function);
            }
            if !uses.globals.contains(&pointer) {
                continue;
            }
            let mut before = None;
            for operator in body.get_operators_reader()? {
                let operator = operator?;
                if matches!(operator, Operator::GlobalSet { global_index } if global_index == pointer)
                    && let Some(value) = before
                    && self.is_first_value(&value)
                {
                    resets.insert(function);
                }
                before = Some(operator);
            }
        }
        Ok(reached(resets, |function| {
            callers.get(&function).cloned().unwrap_or_default()
        }))
    }
}
