//! The program's custom sections that point into its code: they are kept where their contents are known.
//!
//! | section | what becomes of it |
//! |---|---|
//! | `.debug_*` | [`debug`] |
//! | `metadata.code.branch_hint` | function indices and offsets are those of the merged module |
//! | `sourceMappingURL`, `external_debug_info` | dropped: what they name is another file |
//! | `linking`, `reloc.*` | dropped: the module is linked |
//! | other `metadata.code.*`, `llvm.func_attr.*` | dropped: they name functions and offsets in ways of their own |

use std::collections::BTreeMap;

use wasm_encoder::Encode;
use wasmparser::{BranchHintSectionReader, CustomSectionReader, KnownCustom};

use crate::{
    debug::{self, Sections},
    moves::Moves,
    parse::Parsed,
    renumber::Functions,
};

const BRANCH_HINTS: &str = "metadata.code.branch_hint";
const DEBUG: &str = ".debug_";

/// Whether a custom section of this name names functions or places in their code.
pub(crate) fn points_into_code(name: &str) -> bool {
    name.starts_with(DEBUG)
        || name.starts_with("reloc.")
        || name.starts_with("metadata.code.")
        || name.starts_with("llvm.func_attr.")
        || matches!(name, "linking" | "sourceMappingURL" | "external_debug_info")
}

/// Whether `program` has a section that is kept if it is known where the code went.
pub(crate) fn needs_moves(program: &Parsed<'_>) -> bool {
    let is_kept =
        |section: &CustomSectionReader<'_>| section.name().starts_with(DEBUG) || is_hints(section);
    program.customs.iter().any(|(_, section)| is_kept(section))
}

fn is_hints(section: &CustomSectionReader<'_>) -> bool {
    section.name() == BRANCH_HINTS
}

/// The contents of those sections of `program` that can be kept, by name.
pub(crate) fn kept<'a>(
    program: &Parsed<'a>,
    moves: &Moves,
    functions: &Functions,
    warnings: &mut Vec<String>,
) -> BTreeMap<&'a str, Vec<u8>> {
    let mut kept = BTreeMap::new();
    match sections(program).and_then(|sections| debug::rewrite(&sections, moves)) {
        Ok(sections) => kept.extend(sections),
        Err(reason) => warnings.push(format!(
            "`{}` loses its debug information, which cannot be moved along: {reason}",
            program.input.name
        )),
    }
    for (_, section) in &program.customs {
        if let KnownCustom::BranchHints(hints) = section.as_known()
            && let Ok(hints) = branch_hints(hints, program, moves, functions)
        {
            kept.insert(section.name(), hints);
        }
    }
    kept
}

fn sections<'a>(program: &Parsed<'a>) -> Result<Sections<'a>, debug::Reason> {
    let mut sections = Sections::new();
    for (_, section) in &program.customs {
        if section.name().starts_with(DEBUG)
            && sections.insert(section.name(), section.data()).is_some()
        {
            return Err("there are two sections of one name".into());
        }
    }
    Ok(sections)
}

/// The hints with the indices and offsets of the merged module. Offsets count from the start of the body.
fn branch_hints(
    hints: BranchHintSectionReader<'_>,
    program: &Parsed<'_>,
    moves: &Moves,
    functions: &Functions,
) -> wasmparser::Result<Vec<u8>> {
    let mut moved = BTreeMap::new();
    for function in hints {
        let function = function?;
        let Some(body) = function
            .func
            .checked_sub(program.n_imported_functions)
            .and_then(|index| program.bodies.get(index as usize))
        else {
            continue;
        };
        let start = (body.range().start - program.code_range.start) as u64;
        let mut kept = Vec::new();
        for hint in function.hints {
            let hint = hint?;
            let at = moves.at(start + u64::from(hint.func_offset));
            if let (Some(new), Some(at)) = (moves.at(start), at) {
                kept.push(((at - new) as u32, hint.taken));
            }
        }
        match functions.program[function.func as usize] {
            Functions::GONE => {}
            new => _ = moved.insert(new, kept),
        }
    }
    let mut section = Vec::new();
    (moved.len() as u32).encode(&mut section);
    for (function, hints) in moved {
        function.encode(&mut section);
        (hints.len() as u32).encode(&mut section);
        for (at, is_taken) in hints {
            at.encode(&mut section);
            // The size of the hint, and the hint.
            section.extend_from_slice(&[1, u8::from(is_taken)]);
        }
    }
    Ok(section)
}
