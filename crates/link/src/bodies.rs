//! The program's function bodies: copied as they are but for the functions that they name.
//!
//! Removing imports shifts the index of every function, and nothing else: a body is its old bytes with
//! other numbers in `call`, `return_call` and `ref.func`, and with code in the place of inlined calls.
//! Locals and labels keep their numbers, because what is inlined brings locals that come after the
//! function's own and blocks that it leaves again.

use std::{collections::BTreeMap, ops::Range};

use wasm_encoder::{Encode, ValType};
use wasmparser::{BinaryReader, FunctionBody};

use crate::{
    inline::Inliner,
    moves::Moves,
    scan::{Found, Scanner},
    site::{self, Locals},
};

/// With more locals than this, nothing is inlined: engines refuse functions of more than 50,000.
const MOST_LOCALS: u32 = 49_000;

/// What happens to the calls of a body.
pub(crate) struct Calls<'i, 'r> {
    /// The new index of each function of the program.
    pub(crate) functions: &'i [u32],
    pub(crate) inliner: Option<&'i mut Inliner<'r>>,
    /// For each function that gained blocks, by its new index: see [`Gained`].
    pub(crate) labels: BTreeMap<u32, Vec<Gained>>,
    /// Where everything went, for a program that needs to know.
    pub(crate) moves: Option<Moves>,
}

/// Blocks that inlining opens in a function. Labels are numbered in the order of their blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gained {
    /// How many blocks of the function's own come before.
    pub(crate) before: u32,
    /// How many are new.
    pub(crate) n: u32,
}

/// A function of the program whose body is copied.
#[derive(Clone, Copy)]
pub(crate) struct Caller {
    /// Its new index.
    pub(crate) index: u32,
    /// How many parameters it has, where its type says so plainly; nothing is inlined otherwise.
    pub(crate) n_params: Option<u32>,
}

/// A part of the old body and what stands in its place.
struct Splice {
    old: Range<usize>,
    new: New,
}

/// What stands in the place of a part of the old body.
enum New {
    /// The same instruction with another function.
    Index(Opcode, u32),
    /// What a call became.
    Code(Vec<u8>),
}

/// The instructions that name a function.
#[derive(Clone, Copy)]
enum Opcode {
    Call = 0x10,
    ReturnCall = 0x12,
    RefFunc = 0xd2,
}

impl New {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Index(opcode, index) => {
                out.push(*opcode as u8);
                index.encode(out);
            }
            Self::Code(code) => out.extend_from_slice(code),
        }
    }
}

impl Calls<'_, '_> {
    /// Writes the new body, without its size, to `out`, which is empty.
    pub(crate) fn body(
        &mut self,
        body: &FunctionBody<'_>,
        caller: Caller,
        out: &mut Vec<u8>,
    ) -> Result<(), String> {
        let mut locals = None;
        if let (Some(_), Some(n_params)) = (&self.inliner, caller.n_params) {
            let own = n_locals(body).map_err(|error| error.to_string())?;
            let own = n_params.saturating_add(own);
            locals = (own <= MOST_LOCALS).then(|| Locals::new(own));
        }
        let splices = self.splices(body, caller, &mut locals)?;
        let reader = body.get_binary_reader();
        let (start, bytes) = (reader.original_position(), body.as_bytes());
        let mut at = start;
        if let Some(moves) = &mut self.moves {
            moves.begin(start);
        }
        if let Some(locals) = locals.filter(|locals| !locals.added.is_empty()) {
            at = append_locals(body, &locals.added, out).map_err(|error| error.to_string())?;
            if let Some(moves) = &mut self.moves {
                moves.splice(start..at, 0..out.len());
            }
        }
        for splice in splices {
            out.extend_from_slice(&bytes[at - start..splice.old.start - start]);
            let new = out.len();
            splice.new.encode(out);
            at = splice.old.end;
            if let Some(moves) = &mut self.moves {
                moves.splice(splice.old, new..out.len());
            }
        }
        out.extend_from_slice(&bytes[at - start..]);
        Ok(())
    }

    fn splices(
        &mut self,
        body: &FunctionBody<'_>,
        caller: Caller,
        locals: &mut Option<Locals>,
    ) -> Result<Vec<Splice>, String> {
        let malformed = |error: wasmparser::BinaryReaderError| error.to_string();
        let mut splices = Vec::new();
        // The constants that the last instructions have pushed, each with where it is.
        let mut constants: Vec<(Range<usize>, i32)> = Vec::new();
        let mut n_blocks = 0;
        let code = body.get_binary_reader_for_operators().map_err(malformed)?;
        let mut scanner = Scanner::new(&code);
        while let Some((place, found)) = scanner.next().map_err(malformed)? {
            // Between two instructions that are no neighbours is one that is not looked for.
            if constants
                .last()
                .is_some_and(|(last, _)| last.end != place.start)
            {
                constants.clear();
            }
            let (function, opcode) = match found {
                Found::Const(value) => {
                    constants.push((place, value));
                    continue;
                }
                Found::Block => {
                    n_blocks += 1;
                    continue;
                }
                Found::Call(function) => (function, Opcode::Call),
                Found::ReturnCall(function) => (function, Opcode::ReturnCall),
                Found::RefFunc(function) => (function, Opcode::RefFunc),
            };
            if let (Some(inliner), Some(locals), Opcode::Call) =
                (&mut self.inliner, locals.as_mut(), opcode)
                && let Some((splice, n)) =
                    inlined(inliner, function, place.clone(), &constants, caller, locals)
            {
                let before = n_blocks;
                let labels = self.labels.entry(caller.index).or_default();
                labels.push(Gained { before, n });
                splices.push(splice);
                constants.clear();
                continue;
            }
            let Some(new) = self.functions.get(function as usize) else {
                return Err(format!("function {function} does not exist"));
            };
            if *new != function {
                splices.push(Splice {
                    old: place,
                    new: New::Index(opcode, *new),
                });
            }
        }
        Ok(splices)
    }
}

/// The call at `old` inlined, where it can and may be, and how many blocks that opens.
fn inlined(
    inliner: &mut Inliner<'_>,
    callee: u32,
    old: Range<usize>,
    constants: &[(Range<usize>, i32)],
    caller: Caller,
    locals: &mut Locals,
) -> Option<(Splice, u32)> {
    let (template, index) = inliner.template(callee)?;
    let n_known = constants.len().min(template.params.len());
    let known = &constants[constants.len() - n_known..];
    let old = known.first().map_or(old.start, |(at, _)| at.start)..old.end;
    let values: Vec<i32> = known.iter().map(|(_, value)| *value).collect();
    let n_added = locals.added.len();
    let site = site::inline(&template, index, &values, locals);
    if !inliner.accept(callee, caller.index, &site, old.len()) {
        locals.added.truncate(n_added);
        return None;
    }
    let new = New::Code(site.bytes);
    Some((Splice { old, new }, site.n_blocks))
}

/// How many locals a body declares.
fn n_locals(body: &FunctionBody<'_>) -> wasmparser::Result<u32> {
    let mut n = 0u32;
    for group in body.get_locals_reader()? {
        n = n.saturating_add(group?.0);
    }
    Ok(n)
}

/// Writes the body's declarations with `added` after them; returns where its code begins.
fn append_locals(
    body: &FunctionBody<'_>,
    added: &[ValType],
    out: &mut Vec<u8>,
) -> wasmparser::Result<usize> {
    let mut groups: Vec<(u32, ValType)> = Vec::new();
    for ty in added {
        match groups.last_mut() {
            Some((n, last)) if last == ty => *n += 1,
            _ => groups.push((1, *ty)),
        }
    }
    let reader = body.get_locals_reader()?;
    let own = reader.get_count();
    let code = body.get_binary_reader_for_operators()?.original_position();
    let start = body.get_binary_reader().original_position();
    let mut count = BinaryReader::new(body.as_bytes(), start as _);
    count.read_var_u32()?;
    (own + groups.len() as u32).encode(out);
    out.extend_from_slice(&body.as_bytes()[count.original_position() - start..code - start]);
    for (n, ty) in groups {
        n.encode(out);
        ty.encode(out);
    }
    Ok(code)
}

/// The templates by the program's index of the import, each with the new index of the function.
pub(crate) type Templates = BTreeMap<u32, (std::rc::Rc<crate::template::Template>, u32)>;
