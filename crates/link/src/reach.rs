//! What of the conformer is kept: the functions in use, what they call, the globals they touch.

use std::collections::{BTreeMap, BTreeSet};

use sigil_abi::STACK_POINTER;
use wasmparser::Operator;

use crate::{Error, parse::Parsed};

/// What is reachable, as indices of the conformer.
pub(crate) struct Reached {
    /// Its own functions; imported ones are never among them.
    pub(crate) functions: BTreeSet<u32>,
    /// Those of them that may grow memory, themselves or by what they call.
    pub(crate) growing: BTreeSet<u32>,
    pub(crate) globals: BTreeSet<u32>,
    /// The global of the shadow stack's top, where kept code uses one.
    pub(crate) stack_pointer: Option<u32>,
}

/// Follows calls from `roots`, and refuses what cannot be merged.
pub(crate) fn reach(
    conformer: &Parsed<'_>,
    roots: impl Iterator<Item = u32>,
) -> Result<Reached, Error> {
    if conformer.start.is_some() {
        return Err(unsupported(
            conformer,
            "the conformer has a start function",
            "the contract asks for a first call that works by itself (H8); initialise in the globals",
        ));
    }
    let mut reached = Reached {
        functions: BTreeSet::new(),
        growing: BTreeSet::new(),
        globals: BTreeSet::new(),
        stack_pointer: None,
    };
    let mut queue: Vec<u32> = roots.collect();
    let mut callers: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    while let Some(function) = queue.pop() {
        if !reached.functions.insert(function) {
            continue;
        }
        let Some(defined) = function.checked_sub(conformer.n_imported_functions) else {
            return Err(imported_function(conformer, function));
        };
        let malformed = |source| Error::Malformed {
            input: conformer.input.name.into(),
            source,
        };
        let Some(body) = conformer.bodies.get(defined as usize) else {
            return Err(Error::Invalid {
                input: conformer.input.name.into(),
                message: format!("function {function} does not exist"),
                offset: conformer.code_range.start as u64,
            });
        };
        for operator in body.get_operators_reader().map_err(malformed)? {
            match operator.map_err(malformed)? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    queue.push(function_index);
                    callers.entry(function_index).or_default().push(function);
                }
                Operator::MemoryGrow { mem: 0 } => {
                    reached.growing.insert(function);
                }
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    reached.globals.insert(global_index);
                }
                Operator::MemorySize { mem: 0 }
                | Operator::MemoryFill { mem: 0 }
                | Operator::MemoryCopy {
                    dst_mem: 0,
                    src_mem: 0,
                } => {}
                other => {
                    if let Some(what) = unmergeable(&other) {
                        return Err(unsupported(
                            conformer,
                            &format!("function {function} of the conformer uses {what}"),
                            "a conformer uses functions, globals and memory 0, and nothing else",
                        ));
                    }
                }
            }
        }
    }
    let mut queue: Vec<u32> = reached.growing.iter().copied().collect();
    while let Some(growing) = queue.pop() {
        for &caller in callers.get(&growing).into_iter().flatten() {
            if reached.growing.insert(caller) {
                queue.push(caller);
            }
        }
    }
    reached.stack_pointer = conformer
        .global_called(STACK_POINTER)
        .filter(|global| reached.globals.contains(global));
    Ok(reached)
}

/// What `operator` needs of the module besides functions, globals and memory 0, if anything.
fn unmergeable(operator: &Operator<'_>) -> Option<&'static str> {
    Some(match operator {
        Operator::CallIndirect { .. }
        | Operator::ReturnCallIndirect { .. }
        | Operator::RefFunc { .. }
        | Operator::TableGet { .. }
        | Operator::TableSet { .. }
        | Operator::TableSize { .. }
        | Operator::TableGrow { .. }
        | Operator::TableFill { .. }
        | Operator::TableCopy { .. }
        | Operator::TableInit { .. }
        | Operator::ElemDrop { .. } => "a table or a function reference",
        Operator::MemoryInit { .. } | Operator::DataDrop { .. } => "a passive data segment",
        Operator::MemorySize { .. }
        | Operator::MemoryGrow { .. }
        | Operator::MemoryFill { .. }
        | Operator::MemoryCopy { .. } => "a second memory",
        Operator::Throw { .. } | Operator::TryTable { .. } | Operator::Try { .. } => "exceptions",
        _ => return None,
    })
}

fn imported_function(conformer: &Parsed<'_>, function: u32) -> Error {
    let import = conformer
        .imports
        .iter()
        .filter(|import| matches!(import.ty, wasmparser::TypeRef::Func(_)))
        .nth(function as usize);
    let what = match import {
        Some(import) => format!(
            "the conformer calls an import, `{}` `{}`",
            import.module, import.name
        ),
        None => "the conformer calls an import".to_string(),
    };
    unsupported(
        conformer,
        &what,
        "a conformer imports nothing: `world allocator` has no functions",
    )
}

fn unsupported(conformer: &Parsed<'_>, what: &str, help: &str) -> Error {
    Error::Unsupported {
        input: conformer.input.name.into(),
        what: what.into(),
        help: help.into(),
    }
}
