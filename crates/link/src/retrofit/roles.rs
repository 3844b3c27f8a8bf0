//! Which of the program's functions are what the profile names, and which global is the bump pointer.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{ExternalKind, FuncType, Operator, ValType};

use super::{
    profile::{CFunction, Pointer, Profile, Role},
    refuse::Refusal,
    shape::name_by_shape,
    uses::Uses,
};
use crate::{
    parse::{Parsed, is_function_kind},
    resolve::{Signature, promised_type},
};

/// What was recognised. Functions and globals by their indices in the program.
pub(crate) struct Roles<'p> {
    pub(crate) profile: &'p Profile,
    pub(crate) functions: BTreeMap<u32, &'p Role>,
    /// The bump pointer.
    pub(crate) pointer: Option<u32>,
    /// What the bump pointer is at the beginning.
    pub(crate) heap_base: Option<u32>,
    /// Helpers that the profile names and the program has not, under that name.
    pub(crate) absent_helpers: Vec<&'p str>,
    /// Functions that nothing may reach afterwards.
    pub(crate) gone: BTreeSet<u32>,
}

/// What a function is called in messages.
pub(crate) fn called(program: &Parsed<'_>, function: u32) -> String {
    let mut names = program.function_names.iter();
    let named = names.find(|named| named.0 == function).map(|named| named.1);
    let exported = || {
        let mut exports = program.exports.iter();
        let export =
            exports.find(|export| is_function_kind(export.kind) && export.index == function);
        export.map(|export| export.name)
    };
    match named.or_else(exported) {
        Some(name) => format!("`{name}`"),
        None => function.to_string(),
    }
}

/// Finds what `profile` names in `program`.
///
/// Errors: all that is missing or of another shape.
pub(crate) fn find<'p>(
    program: &Parsed<'_>,
    profile: &'p Profile,
    uses: &[Uses],
) -> Result<Roles<'p>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut roles = Roles {
        profile,
        functions: BTreeMap::new(),
        pointer: None,
        heap_base: None,
        absent_helpers: Vec::new(),
        gone: BTreeSet::new(),
    };
    for (name, role) in &profile.functions {
        match named(program, name) {
            Ok(None) if matches!(role, Role::Helper { .. }) => roles.absent_helpers.push(name),
            Ok(None) => {}
            Ok(Some(function)) => match fits(program, function, role) {
                Ok(()) => {
                    roles.functions.insert(function, role);
                }
                Err(what) => refusals.push(Refusal {
                    function: Some(format!("`{name}`")),
                    offset: None,
                    what,
                    force: None,
                }),
            },
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !roles.functions.values().any(|role| allocates(role)) && refusals.is_empty() {
        let wanted = profile.functions.iter().filter(|(_, role)| allocates(role));
        let wanted: Vec<_> = wanted.map(|(name, _)| format!("`{name}`")).collect();
        refusals.push(Refusal::of_module(format!(
            "no function is exported or named {}{}",
            wanted.join(" or "),
            if program.function_names.is_empty() {
                "; the module has no names but its exports"
            } else {
                ""
            }
        )));
    }
    for name in &profile.gone {
        if let Ok(Some(function)) = named(program, name) {
            roles.gone.insert(function);
        }
    }
    if let (Some(pointer), true) = (&profile.pointer, refusals.is_empty()) {
        match bump_pointer(program, pointer, uses) {
            Ok(global) => {
                roles.pointer = Some(global);
                let init = program.globals[global as usize].1.as_ref();
                // 0 is no heap base: something sets the pointer before the first call.
                let value = init.and_then(|init| program.value(init));
                roles.heap_base = value.filter(|base| *base != 0);
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() {
        name_by_shape(program, &mut roles);
        Ok(roles)
    } else {
        Err(refusals)
    }
}

/// How many functions of `program` have a name that `profile` has. What is imported does not count: a
/// program that calls `sigil:allocator` by these names has no allocator to replace.
pub(crate) fn n_named(program: &Parsed<'_>, profile: &Profile) -> usize {
    let names = profile.functions.keys();
    names
        .filter(|name| match named(program, name) {
            Ok(found) => found.is_some_and(|function| function >= program.n_imported_functions),
            Err(_) => true,
        })
        .count()
}

/// Whether a program that has `role` allocates by it.
fn allocates(role: &Role) -> bool {
    match role {
        Role::Call(call) => ["alloc", "try-alloc", "alloc-zeroed"].contains(&call.function.name),
        Role::C(function) => matches!(
            function,
            CFunction::Malloc | CFunction::Calloc | CFunction::Realloc
        ),
        _ => false,
    }
}

/// The function that is exported as `name`, or else named so.
fn named(program: &Parsed<'_>, name: &str) -> Result<Option<u32>, Refusal> {
    let mut exports = program.exports.iter();
    let exported = exports.find(|export| is_function_kind(export.kind) && export.name == name);
    if let Some(export) = exported {
        return Ok(Some(export.index));
    }
    let named: Vec<u32> = program
        .function_names
        .iter()
        .filter(|named| named.1 == name)
        .map(|named| named.0)
        .filter(|function| *function < program.functions.len() as u32)
        .collect();
    match named[..] {
        [] => Ok(None),
        [function] => Ok(Some(function)),
        _ => Err(Refusal::of_module(format!(
            "{} functions are named `{name}`, and none is exported under that name",
            named.len()
        ))),
    }
}

/// Whether `function` can be what the profile says; why not.
pub(super) fn fits(program: &Parsed<'_>, function: u32, role: &Role) -> Result<(), String> {
    if function < program.n_imported_functions {
        return Err("it is imported, and so not part of the program".into());
    }
    let Some(ty) = program.function_type(function) else {
        return Err("its type is no plain function type".into());
    };
    let wanted = match role {
        Role::Call(call) => promised_type(call.function),
        Role::Helper { sizes } => {
            let is_size = |size: &u32| ty.params().get(*size as usize) == Some(&ValType::I32);
            return match sizes.iter().find(|size| !is_size(size)) {
                Some(size) => Err(format!(
                    "parameter {size} is no i32, and the profile says it is a size"
                )),
                None => Ok(()),
            };
        }
        Role::ReallocKeep => numbers(3, 1),
        Role::HeapGet => numbers(0, 1),
        Role::HeapSet => numbers(1, 0),
        Role::AlignUp => {
            if !is_arithmetic(program, function) {
                return Err(
                    "it does more than arithmetic, and the profile says that it rounds up".into(),
                );
            }
            numbers(2, 1)
        }
        Role::C(function) => match function {
            CFunction::Malloc | CFunction::UsableSize => numbers(1, 1),
            CFunction::Free => numbers(1, 0),
            CFunction::Calloc | CFunction::Realloc | CFunction::AlignedAlloc => numbers(2, 1),
            CFunction::PosixMemalign => numbers(3, 1),
        },
    };
    if *ty == wanted {
        return Ok(());
    }
    Err(format!(
        "expected {}, found {}",
        Signature(Some(&wanted)),
        Signature(Some(ty))
    ))
}

/// The type of a function over `i32` alone.
pub(crate) fn numbers(n_params: usize, n_results: usize) -> FuncType {
    FuncType::new(vec![ValType::I32; n_params], vec![ValType::I32; n_results])
}

/// Whether `function` computes its result from its parameters alone, without a loop.
fn is_arithmetic(program: &Parsed<'_>, function: u32) -> bool {
    let body = &program.bodies[(function - program.n_imported_functions) as usize];
    let Ok(operators) = body.get_operators_reader() else {
        return false;
    };
    operators.into_iter().all(|operator| {
        matches!(
            operator,
            Ok(Operator::LocalGet { .. }
                | Operator::LocalSet { .. }
                | Operator::LocalTee { .. }
                | Operator::I32Const { .. }
                | Operator::I32Add
                | Operator::I32Sub
                | Operator::I32Mul
                | Operator::I32And
                | Operator::I32Or
                | Operator::I32Xor
                | Operator::I32RemU
                | Operator::I32DivU
                | Operator::Select
                | Operator::Return
                | Operator::End)
        )
    })
}

/// The one mutable `i32` global that the function which gives it away both reads and writes.
pub(crate) fn bump_pointer(
    program: &Parsed<'_>,
    pointer: &Pointer,
    uses: &[Uses],
) -> Result<u32, Refusal> {
    let name = &pointer.found_in;
    let function = named(program, name)?.and_then(|function| {
        let defined = function.checked_sub(program.n_imported_functions)?;
        Some((function, defined as usize))
    });
    let Some((function, defined)) = function else {
        return Err(Refusal::of_module(format!(
            "no function of the program is exported or named `{name}`, which would show the bump pointer"
        )));
    };
    let refused = |what: String| Refusal {
        function: Some(called(program, function)),
        offset: None,
        what,
        force: None,
    };
    let (mut read, mut written) = (BTreeSet::new(), BTreeSet::new());
    let operators = program.bodies[defined].get_operators_reader();
    for operator in operators.into_iter().flatten().map_while(Result::ok) {
        match operator {
            Operator::GlobalGet { global_index } => _ = read.insert(global_index),
            Operator::GlobalSet { global_index } => _ = written.insert(global_index),
            _ => {}
        }
    }
    let is_number = |global: &&u32| {
        let ty = program.globals.get(**global as usize).map(|(ty, _)| ty);
        ty.is_some_and(|ty| ty.mutable && ty.content_type == ValType::I32)
    };
    let both: Vec<u32> = read
        .intersection(&written)
        .filter(is_number)
        .copied()
        .collect();
    let [global] = both[..] else {
        return Err(refused(format!(
            "expected one global that it reads and writes, the bump pointer, found {}",
            both.len()
        )));
    };
    if global < program.n_imported_globals {
        return Err(refused(
            "the bump pointer is imported: somebody else may set it".into(),
        ));
    }
    let exported = program
        .exports
        .iter()
        .find(|export| export.kind == ExternalKind::Global && export.index == global);
    if let Some(export) = exported {
        return Err(refused(format!(
            "the bump pointer is exported as `{}`: the host may set it",
            export.name
        )));
    }
    if uses.iter().any(|uses| uses.has_atomic_globals) {
        return Err(refused("the program uses globals atomically".into()));
    }
    Ok(global)
}
