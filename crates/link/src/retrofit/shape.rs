//! Functions that have no name, by what they do with the bump pointer.

use std::collections::BTreeSet;

use wasmparser::{FunctionBody, Operator};

use super::{
    profile::{Call, Role},
    roles::{Roles, fits},
};
use crate::parse::Parsed;

/// Finds functions that have no name by what they do with the bump pointer, where they do nothing else.
pub(super) fn name_by_shape(program: &Parsed<'_>, roles: &mut Roles<'_>) {
    let (Some(pointer), Some(heap_base)) = (roles.pointer, roles.heap_base) else {
        return;
    };
    let has_name: BTreeSet<u32> = program.function_names.iter().map(|named| named.0).collect();
    for (body, function) in program.bodies.iter().zip(program.n_imported_functions..) {
        // One with a name of its own was not meant.
        if has_name.contains(&function) {
            continue;
        }
        let Some(role) = shape(program, body, pointer, heap_base) else {
            continue;
        };
        let mut known = roles.profile.functions.values();
        let Some(role) = known.find(|known| **known == role) else {
            continue;
        };
        if fits(program, function, role).is_ok() {
            roles.functions.entry(function).or_insert(role);
        }
    }
}

/// What a function does that only reads or sets the pointer, or subtracts something from it.
fn shape(
    program: &Parsed<'_>,
    body: &FunctionBody<'_>,
    pointer: u32,
    heap_base: u32,
) -> Option<Role> {
    let is_pointer = |operator: &Operator<'_>| matches!(operator, Operator::GlobalGet { global_index } if *global_index == pointer);
    let is_base = |operator: &Operator<'_>| match operator {
        Operator::GlobalGet { global_index } => program.constant(*global_index) == Some(heap_base),
        Operator::I32Const { value } => *value as u32 == heap_base,
        _ => false,
    };
    // The longest of these has four.
    let operators = body.get_operators_reader().ok()?.into_iter().take(5);
    let operators: Vec<_> = operators.collect::<Result<_, _>>().ok()?;
    match &operators[..] {
        [read, Operator::End] if is_pointer(read) => Some(Role::HeapGet),
        [
            Operator::LocalGet { local_index: 0 },
            Operator::GlobalSet { global_index },
            Operator::End,
        ] if *global_index == pointer => Some(Role::HeapSet),
        [read, base, Operator::I32Sub, Operator::End] if is_pointer(read) && is_base(base) => {
            Call::named("stats/heap-used").map(Role::Call)
        }
        [
            read,
            Operator::LocalGet { local_index: 0 },
            Operator::I32Sub,
            Operator::End,
        ] if is_pointer(read) => Call::named("stats/scope-used").map(Role::Call),
        _ => None,
    }
}
