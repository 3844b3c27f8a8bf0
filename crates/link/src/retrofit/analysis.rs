//! Looks at every function that has to do with the old allocator, and decides what becomes of it.

use std::collections::BTreeSet;

use wasmparser::{FuncValidatorAllocations, Parser, ValidPayload, Validator, WasmFeatures};

use super::{
    flow::Flow,
    plan::{Body, New, Plan, Replaced},
    profile::Role,
    refuse::{Force, Forcible, Refusal},
    roles::{Roles, called},
    uses::{Uses, reached},
};
use crate::parse::Parsed;

/// The work on one program.
pub(super) struct Analysis<'a, 'p> {
    pub(super) program: &'a Parsed<'p>,
    pub(super) roles: &'a Roles<'a>,
    pub(super) force: Force,
    pub(super) plan: Plan,
    pub(super) refusals: Vec<Refusal>,
    /// Functions after which no scope of their caller is open.
    pub(super) resets: BTreeSet<u32>,
}

impl Analysis<'_, '_> {
    /// Looks at what can be reached of the program.
    pub(super) fn run(&mut self, uses: &[Uses], roots: &Uses) -> wasmparser::Result<()> {
        let program = self.program;
        let n_imported = program.n_imported_functions;
        let of = |function: u32| uses.get(function.checked_sub(n_imported)? as usize);
        self.replace_functions();
        // What only a replaced function uses goes with it.
        let replaced = &self.plan.replaced;
        let live = reached(roots.functions.iter().copied(), |function| {
            if replaced.contains_key(&function) {
                return Vec::new();
            }
            let functions = of(function).map(|uses| &uses.functions);
            functions.into_iter().flatten().copied().collect()
        });
        self.check_escapes(roots);
        self.resets = self.resets(uses)?;

        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut allocations = FuncValidatorAllocations::default();
        for payload in Parser::new(0).parse_all(program.input.bytes) {
            let ValidPayload::Func(to_validate, body) = validator.payload(&payload?)? else {
                continue;
            };
            let function = to_validate.index;
            if self.plan.replaced.contains_key(&function) || !live.contains(&function) {
                continue;
            }
            let is_helper = matches!(
                self.roles.functions.get(&function),
                Some(Role::Helper { .. })
            );
            if is_helper || of(function).is_some_and(|uses| self.is_about_the_pointer(uses)) {
                let flow = Flow::of(&body, to_validate.into_validator(allocations))?;
                allocations = FuncValidatorAllocations::default();
                let inert = self.heap_access(function, &flow);
                self.scopes(function, &flow, &inert);
                if is_helper {
                    self.sizes(&flow);
                }
            }
        }
        Ok(())
    }

    /// Decides what becomes of the functions that the profile names.
    fn replace_functions(&mut self) {
        for (function, role) in &self.roles.functions {
            let replaced = match role {
                Role::Call(call) => Replaced::By(*call),
                Role::C(function) => Replaced::Body(Body::C(*function)),
                Role::ReallocKeep => Replaced::Body(Body::Reallocate),
                Role::HeapGet => Replaced::Body(Body::Inert { returns: true }),
                Role::HeapSet => Replaced::Body(Body::Inert { returns: false }),
                Role::Helper { .. } | Role::AlignUp => continue,
            };
            self.plan.replaced.insert(*function, replaced);
        }
    }

    /// Refuses what reads and sets the pointer where somebody calls it who cannot be seen.
    fn check_escapes(&mut self, roots: &Uses) {
        // A reference in code needs a declaration, which is a root; calls are looked at one by one.
        let escapes = |function: &u32| roots.functions.contains(function);
        for (function, role) in &self.roles.functions {
            if !matches!(role, Role::HeapGet | Role::HeapSet) || !escapes(function) {
                continue;
            }
            let what =
                "it is exported or in a table, and whoever calls it cannot be seen".to_owned();
            let refusal = Refusal {
                function: Some(called(self.program, *function)),
                offset: None,
                what,
                force: Some(Forcible::HeapAccess),
            };
            self.insist(refusal);
        }
    }

    /// Whether a function that uses this reads or sets the pointer, by itself or by another.
    fn is_about_the_pointer(&self, uses: &Uses) -> bool {
        let is_about = |function: &u32| match self.roles.functions.get(function) {
            Some(Role::HeapGet | Role::HeapSet) => true,
            _ => self.takes_a_scope(*function),
        };
        self.roles
            .pointer
            .is_some_and(|pointer| uses.globals.contains(&pointer))
            || uses.functions.iter().any(is_about)
    }

    /// Puts `new` in the place of an instruction.
    pub(super) fn edit(&mut self, flow: &Flow<'_>, op: usize, new: New) {
        self.plan.edits.insert(flow.ops[op].at.start, new);
    }

    /// Notes that `op` of `function` does not fit.
    pub(super) fn refuse(
        &mut self,
        function: u32,
        flow: &Flow<'_>,
        op: usize,
        what: String,
        force: Option<Forcible>,
    ) {
        self.insist(Refusal {
            function: Some(called(self.program, function)),
            offset: flow.ops.get(op).map(|op| op.at.start),
            what,
            force,
        });
    }

    /// Takes `refusal` for a warning where the user insists.
    fn insist(&mut self, refusal: Refusal) {
        let forced = match refusal.force {
            Some(Forcible::SaveRestore) => self.force.save_restore,
            Some(Forcible::HeapAccess) => self.force.heap_access,
            None => false,
        };
        if forced {
            self.plan.warnings.push(format!("forced: {refusal}"));
        } else {
            self.refusals.push(refusal);
        }
    }
}
