//! Scopes that are spelled by saving the bump pointer in a local and setting it back.
//!
//! ```wat
//! global.get $heap  local.set $saved      =>    call $enter-scope  local.set $saved
//! …                                             …
//! local.get $saved  global.set $heap      =>    local.get $saved  call $exit-scope
//! ```
//!
//! That is right only if the saved pointer is nothing but a scope: it goes to a local (or stays on the stack),
//! and from there to `global.set`, or is the first argument of the functions that promote and that measure; and
//! on every path to a close the scope is open, that is, not closed before, nor by the close of an outer one. A
//! path that leaves without closing is fine: an outer scope's end closes it. Setting the pointer to what it was at
//! the beginning is `free-all`.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::Operator;

use super::{
    analysis::Analysis,
    flow::{Flow, Use, set_local},
    paths::forward,
    plan::{New, Target},
    profile::{Call, Role, Scopes},
    refuse::Forcible,
};

/// What a function keeps a saved pointer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Local(u32),
    /// The operand stack: the instruction that put it there.
    Stack(usize),
}

/// What an instruction does to a scope.
#[derive(Clone, Copy, Debug)]
pub(super) enum Does {
    Open(Scope),
    Close(Scope),
    CloseAll,
    Measure(Scope),
}

impl Analysis<'_, '_> {
    /// Turns saving and setting back the pointer in `function` into scopes, or says why that cannot be.
    pub(super) fn scopes(&mut self, function: u32, flow: &Flow<'_>, inert: &BTreeSet<usize>) {
        let Some(pointer) = self.roles.pointer else {
            return;
        };
        let touches = |operator: &Operator<'_>| {
            matches!(operator, Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index }
                if *global_index == pointer)
        };
        let ops = flow.ops.iter().enumerate();
        let touching: Vec<usize> = ops
            .filter(|(i, op)| touches(&op.operator) && !inert.contains(i))
            .map(|(i, _)| i)
            .collect();
        let does = self.recognised(function, flow, pointer, &touching);
        self.paths(function, flow, &does);
        for op in touching {
            let is_read = matches!(flow.ops[op].operator, Operator::GlobalGet { .. });
            let (name, new): (_, fn(Target) -> New) = match does.get(&op) {
                _ if is_read => ("scope/enter-scope", New::Call),
                Some(Does::CloseAll) => ("bulk/free-all", New::DropAndCall),
                _ => ("scope/exit-scope", New::Call),
            };
            self.plan.n_scopes += u32::from(is_read);
            if let Some(call) = Call::named(name) {
                self.edit(flow, op, new(Target::Call(call)));
            }
        }
    }

    /// What each instruction does to a scope, as far as it fits.
    fn recognised(
        &mut self,
        function: u32,
        flow: &Flow<'_>,
        pointer: u32,
        touching: &[usize],
    ) -> BTreeMap<usize, Does> {
        let mut does = BTreeMap::new();
        let by_scopes = self
            .roles
            .profile
            .pointer
            .as_ref()
            .map(|pointer| pointer.scopes);
        if by_scopes != Some(Scopes::SaveRestore) {
            for op in touching {
                let what = "it uses the bump pointer, and the profile has no scopes";
                self.refuse(
                    function,
                    flow,
                    *op,
                    what.into(),
                    Some(Forcible::SaveRestore),
                );
            }
            return does;
        }
        let mut locals = BTreeSet::new();
        let mut opens = BTreeSet::new();
        for &op in touching {
            if !matches!(flow.ops[op].operator, Operator::GlobalGet { .. }) {
                continue;
            }
            for used in &flow.ops[op].uses {
                match flow.ops[used.op].operator {
                    Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                        locals.insert(local_index);
                        opens.insert(used.op);
                        does.insert(used.op, Does::Open(Scope::Local(local_index)));
                    }
                    _ => {
                        does.insert(op, Does::Open(Scope::Stack(op)));
                        self.saved(function, flow, pointer, Scope::Stack(op), *used, &mut does);
                    }
                }
            }
        }
        let held = held(flow, &locals, &opens);
        for (i, op) in flow.ops.iter().enumerate() {
            let local = match op.operator {
                Operator::LocalGet { local_index } if locals.contains(&local_index) => {
                    match held[i].as_ref().and_then(|held| held.get(&local_index)) {
                        Some(Held::Scope) => local_index,
                        Some(Held::Either) => {
                            let what = format!(
                                "local {local_index} holds the saved bump pointer here, or something else"
                            );
                            self.refuse(function, flow, i, what, Some(Forcible::SaveRestore));
                            continue;
                        }
                        // What no path reaches is not read.
                        Some(Held::Other) | None => continue,
                    }
                }
                Operator::LocalTee { local_index } if opens.contains(&i) => local_index,
                _ => continue,
            };
            for used in &op.uses {
                let sets = |open: &usize| set_local(&flow.ops[*open].operator) == Some(local);
                if opens.range(i + 1..used.op.max(i + 1)).any(sets) {
                    let what = format!(
                        "local {local} is saved to again while its old value is on the stack"
                    );
                    self.refuse(function, flow, i, what, Some(Forcible::SaveRestore));
                }
                let scope = Scope::Local(local);
                self.saved(function, flow, pointer, scope, *used, &mut does);
            }
        }
        for &op in touching {
            // What no path reaches sets nothing; paths by way of handlers are not followed.
            if matches!(flow.ops[op].operator, Operator::GlobalGet { .. })
                || does.contains_key(&op)
                || held[op].is_none() && !flow.has_handlers
            {
                continue;
            }
            if self.is_heap_base(flow, flow.ops[op].operands.first().copied().flatten()) {
                does.insert(op, Does::CloseAll);
            } else {
                let what = "the bump pointer is set to something that this function did not save";
                self.refuse(function, flow, op, what.into(), Some(Forcible::SaveRestore));
            }
        }
        for (i, op) in flow.ops.iter().enumerate() {
            let (Operator::Call { function_index } | Operator::ReturnCall { function_index }) =
                op.operator
            else {
                continue;
            };
            if self.takes_a_scope(function_index)
                && !does.contains_key(&i)
                && (held[i].is_some() || flow.has_handlers)
            {
                let name = super::roles::called(self.program, function_index);
                let what =
                    format!("the first argument of {name} is no scope that this function saved");
                self.refuse(function, flow, i, what, Some(Forcible::SaveRestore));
            }
        }
        does
    }

    /// Whether `value` is what the bump pointer is at the beginning.
    fn is_heap_base(&self, flow: &Flow<'_>, value: Option<usize>) -> bool {
        value.is_some_and(|value| self.is_first_value(&flow.ops[value].operator))
    }

    /// Whether `maker` makes what the bump pointer is at the beginning.
    pub(super) fn is_first_value(&self, maker: &Operator<'_>) -> bool {
        let constant = match maker {
            Operator::I32Const { value } => Some(*value as u32),
            Operator::GlobalGet { global_index } => self.program.constant(*global_index),
            _ => None,
        };
        constant.is_some() && constant == self.roles.heap_base
    }

    /// Looks at a use of the saved pointer.
    fn saved(
        &mut self,
        function: u32,
        flow: &Flow<'_>,
        pointer: u32,
        scope: Scope,
        used: Use,
        does: &mut BTreeMap<usize, Does>,
    ) {
        let first_of_call = |callee: u32, name: &str| {
            used.operand == 0
                && matches!(self.roles.functions.get(&callee), Some(Role::Call(call)) if call.function.name == name)
        };
        match flow.ops[used.op].operator {
            Operator::GlobalSet { global_index } if global_index == pointer => {
                does.insert(used.op, Does::Close(scope));
            }
            Operator::Call { function_index } | Operator::ReturnCall { function_index }
                if first_of_call(function_index, "promote") =>
            {
                does.insert(used.op, Does::Close(scope));
            }
            Operator::Call { function_index } | Operator::ReturnCall { function_index }
                if first_of_call(function_index, "scope-used") =>
            {
                does.insert(used.op, Does::Measure(scope));
            }
            Operator::Drop => {}
            ref other => {
                let what = format!("the saved bump pointer is {}", self.described(other));
                self.refuse(function, flow, used.op, what, Some(Forcible::SaveRestore));
            }
        }
    }

    /// Whether the first argument of `function` is a scope.
    pub(super) fn takes_a_scope(&self, function: u32) -> bool {
        matches!(self.roles.functions.get(&function), Some(Role::Call(call))
            if ["promote", "scope-used"].contains(&call.function.name))
    }

    /// What `operator` does with a value, for messages.
    fn described(&self, operator: &Operator<'_>) -> String {
        match operator {
            Operator::I32Store { .. }
            | Operator::I32Store8 { .. }
            | Operator::I32Store16 { .. } => "stored to memory, or used as an address".into(),
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                let name = super::roles::called(self.program, *function_index);
                format!("passed to function {name}")
            }
            Operator::CallIndirect { .. } | Operator::CallRef { .. } => {
                "passed to a function".into()
            }
            Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                format!("copied to local {local_index}")
            }
            Operator::GlobalSet { .. } => "kept in another global".into(),
            Operator::End | Operator::Else | Operator::Return | Operator::Br { .. } => {
                "the result of a block or of the function".into()
            }
            Operator::I32Eqz
            | Operator::I32Eq
            | Operator::I32Ne
            | Operator::I32LtS
            | Operator::I32LtU
            | Operator::I32GtS
            | Operator::I32GtU
            | Operator::I32LeS
            | Operator::I32LeU
            | Operator::I32GeS
            | Operator::I32GeU => "compared".into(),
            Operator::I32Add | Operator::I32Sub | Operator::I32And => "used in arithmetic".into(),
            _ => "used as a number or an address".into(),
        }
    }
}

/// What a local holds that holds saved pointers at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Scope,
    Other,
    /// It depends on the path.
    Either,
}

/// For each instruction, what `locals` hold before it; `opens` are the instructions that save the pointer in one.
fn held(
    flow: &Flow<'_>,
    locals: &BTreeSet<u32>,
    opens: &BTreeSet<usize>,
) -> Vec<Option<BTreeMap<u32, Held>>> {
    let first = locals.iter().map(|local| (*local, Held::Other)).collect();
    let step = |op: usize, held: &mut BTreeMap<u32, Held>| {
        let local = set_local(&flow.ops[op].operator);
        if let Some(held) = local.and_then(|local| held.get_mut(&local)) {
            *held = if opens.contains(&op) {
                Held::Scope
            } else {
                Held::Other
            };
        }
    };
    let join = |a: &BTreeMap<u32, Held>, b: &BTreeMap<u32, Held>| {
        let both = a.iter().zip(b.values());
        let both = both.map(|((local, a), b)| (*local, if a == b { *a } else { Held::Either }));
        both.collect()
    };
    forward(flow, first, step, join)
}
