//! Writes the program anew by a plan: the allocator's functions imported, bodies spliced, what is dead left out.
//!
//! ```text
//! functions: │ the program's imports │ the allocator's │ the program's that are in use │ gained │
//! ```

mod sections;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use wasm_encoder::{
    CodeSection, Encode, Instruction, Module,
    reencode::{Error as Reencoding, Reencode},
};
use wasmparser::{FunctionBody, Operator};

use super::{
    plan::{Added, New, Plan, Replaced, Target},
    profile::Call,
    uses::{Uses, reached},
};
use crate::{
    code::leb_size,
    moves::Moves,
    offsets,
    parse::Parsed,
    renumber::{Functions, Types},
};

type Result2<T> = Result<T, Reencoding<String>>;

/// A program that is being written.
pub(super) struct Rewriter<'a, 'p> {
    program: &'a Parsed<'p>,
    plan: &'a Plan,
    /// What is in use afterwards.
    live: BTreeSet<Target>,
    /// The new index of each function of the program; see [`Functions::GONE`].
    functions: Functions,
    calls: BTreeMap<Call, u32>,
    added: BTreeMap<Added, u32>,
    /// The new index of each global.
    globals: Vec<Option<u32>>,
    types: Types,
    code: CodeSection,
    rewritten: BTreeMap<&'p str, Vec<u8>>,
    /// Sections that are left out, because they point into code that has moved.
    dropped: Vec<String>,
    has_imports: bool,
}

/// What came of it.
pub(super) struct Rewritten {
    pub(super) wasm: Vec<u8>,
    pub(super) live: BTreeSet<Target>,
}

/// What can be reached by `plan`, and which globals that uses.
fn live(
    program: &Parsed<'_>,
    plan: &Plan,
    roots: &Uses,
) -> wasmparser::Result<(BTreeSet<Target>, BTreeSet<u32>)> {
    let mut globals = roots.globals.clone();
    let mut malformed = None;
    let roots = roots
        .functions
        .iter()
        .map(|function| resolved(plan, *function));
    let mut edges = |target: Target| -> wasmparser::Result<Vec<Target>> {
        let function = match target {
            Target::Program(function) => function,
            Target::Call(_) => return Ok(Vec::new()),
            Target::Added(added) => return Ok(added.calls()),
        };
        if let Some(Replaced::Body(body)) = plan.replaced.get(&function) {
            return Ok(body.calls());
        }
        let Some(defined) = function.checked_sub(program.n_imported_functions) else {
            return Ok(Vec::new());
        };
        let mut targets = Vec::new();
        let mut operators = program.bodies[defined as usize].get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            let operator = operators.read()?;
            match plan.edits.get(&at) {
                Some(New::Call(target) | New::DropAndCall(target)) => targets.push(*target),
                Some(_) => {}
                None => {
                    let mut uses = Uses::default();
                    uses.add(&operator);
                    globals.extend(uses.globals);
                    targets.extend(
                        uses.functions
                            .iter()
                            .map(|function| resolved(plan, *function)),
                    );
                }
            }
        }
        Ok(targets)
    };
    let live = reached(roots, |target| {
        edges(target).unwrap_or_else(|error| {
            malformed.get_or_insert(error);
            Vec::new()
        })
    });
    malformed.map_or(Ok((live, globals)), Err)
}

/// What `function` of the program is by `plan`.
fn resolved(plan: &Plan, function: u32) -> Target {
    match plan.replaced.get(&function) {
        Some(Replaced::By(call)) => Target::Call(*call),
        _ => Target::Program(function),
    }
}

/// Writes `program` anew.
pub(super) fn rewrite(
    program: &Parsed<'_>,
    plan: &Plan,
    uses: &[Uses],
    roots: &Uses,
    warnings: &mut Vec<String>,
) -> Result2<Rewritten> {
    let (live, live_globals) = live(program, plan, roots)?;
    let n_imported = program.n_imported_functions;
    let calls: BTreeMap<Call, u32> = live
        .iter()
        .filter_map(|target| match target {
            Target::Call(call) => Some(*call),
            _ => None,
        })
        .zip(n_imported..)
        .collect();
    let mut next = n_imported + calls.len() as u32..;
    let mut next = || next.next().unwrap_or_default();
    let functions: Vec<u32> = (0..program.functions.len() as u32)
        .map(|old| match resolved(plan, old) {
            _ if old < n_imported => old,
            Target::Call(call) => calls.get(&call).copied().unwrap_or(Functions::GONE),
            target if live.contains(&target) => next(),
            _ => Functions::GONE,
        })
        .collect();
    let added: BTreeMap<Added, u32> = live
        .iter()
        .filter_map(|target| match target {
            Target::Added(added) => Some((*added, next())),
            _ => None,
        })
        .collect();
    // A global that was never used stays: its name may say something, as that of `__heap_base` does.
    let used_before = |global: u32| uses.iter().any(|uses| uses.globals.contains(&global));
    let mut next_global = 0..;
    let globals = (0..program.globals.len() as u32)
        .map(|old| {
            let stays = old < program.n_imported_globals
                || live_globals.contains(&old)
                || !used_before(old);
            if stays { next_global.next() } else { None }
        })
        .collect();
    let mut rewriter = Rewriter {
        program,
        plan,
        live,
        functions: Functions {
            program: functions,
            conformer: BTreeMap::new(),
            len: next(),
        },
        calls,
        added,
        globals,
        types: Types::new(program),
        code: CodeSection::new(),
        rewritten: BTreeMap::new(),
        dropped: Vec::new(),
        has_imports: false,
    };
    rewriter.write_code(warnings)?;
    let mut module = Module::new();
    rewriter.parse_core_module(&mut module, wasmparser::Parser::new(0), program.input.bytes)?;
    if !rewriter.dropped.is_empty() {
        warnings.push(format!(
            "dropped from `{}`, because its code has moved: {}",
            program.input.name,
            rewriter.dropped.join(", ")
        ));
    }
    Ok(Rewritten {
        wasm: module.finish(),
        live: rewriter.live,
    })
}

impl Rewriter<'_, '_> {
    fn index(&self, target: Target) -> u32 {
        let index = match target {
            Target::Program(old) => self.functions.program.get(old as usize),
            Target::Call(call) => self.calls.get(&call),
            Target::Added(added) => self.added.get(&added),
        };
        index.copied().unwrap_or(Functions::GONE)
    }

    /// Whether `old` has a body of its own afterwards.
    fn stays(&self, old: u32) -> bool {
        self.live.contains(&Target::Program(old))
            && resolved(self.plan, old) == Target::Program(old)
    }

    /// The bodies of the new code section, and the sections that point into it.
    fn write_code(&mut self, warnings: &mut Vec<String>) -> Result2<()> {
        let program = self.program;
        let defined = || program.bodies.iter().zip(program.n_imported_functions..);
        let n_bodies = defined().filter(|(_, old)| self.stays(*old)).count() + self.added.len();
        let first = leb_size(n_bodies);
        let mut moves =
            offsets::needs_moves(program).then(|| Moves::new(program.code_range.start, first));
        let mut code = CodeSection::new();
        for (body, old) in defined().filter(|(_, old)| self.stays(*old)) {
            let mut bytes = Vec::new();
            let range = body.range();
            if let Some(moves) = &mut moves {
                moves.begin(range.start);
            }
            if let Some(Replaced::Body(new)) = self.plan.replaced.get(&old) {
                bytes = new.function(&|target| self.index(target)).into_raw_body();
                if let Some(moves) = &mut moves {
                    moves.splice(range.clone(), 0..bytes.len());
                }
            } else {
                self.splice(body, &mut bytes, |old, new| {
                    if let Some(moves) = &mut moves {
                        moves.splice(old, new);
                    }
                })?;
            }
            if let Some(moves) = &mut moves {
                let start = first + code.byte_len() + leb_size(bytes.len());
                moves.place(range.end, start..start + bytes.len());
            }
            code.raw(&bytes);
        }
        for added in self.added.keys() {
            code.function(&added.body(&|target| self.index(target)));
        }
        self.code = code;
        if let Some(moves) = &moves {
            self.rewritten = offsets::kept(program, moves, &self.same_bodies(), warnings);
        }
        Ok(())
    }

    /// The functions that have the body they had, as far as that is not edited.
    fn same_bodies(&self) -> Functions {
        let all = (0..).zip(&self.functions.program);
        let program = all.map(|(old, new)| match self.plan.replaced.contains_key(&old) {
            true => Functions::GONE,
            false => *new,
        });
        Functions {
            program: program.collect(),
            conformer: BTreeMap::new(),
            len: self.functions.len,
        }
    }

    /// Copies `body` with its edits, and with other numbers where functions and globals have them. Tells
    /// `moved` what went where.
    fn splice(
        &self,
        body: &FunctionBody<'_>,
        out: &mut Vec<u8>,
        mut moved: impl FnMut(Range<usize>, Range<usize>),
    ) -> Result2<()> {
        let (start, bytes) = (body.range().start, body.as_bytes());
        let mut copied = start;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            let operator = operators.read()?;
            let end = operators.original_position();
            let new = self.new_instructions(at, &operator)?;
            if new.is_empty() {
                continue;
            }
            out.extend_from_slice(&bytes[copied - start..at - start]);
            let new_start = out.len();
            new.iter().for_each(|new| new.encode(out));
            moved(at..end, new_start..out.len());
            copied = end;
        }
        out.extend_from_slice(&bytes[copied - start..]);
        Ok(())
    }

    /// What takes the place of `operator` at `at`, where something does.
    fn new_instructions(
        &self,
        at: usize,
        operator: &Operator<'_>,
    ) -> Result2<Vec<Instruction<'static>>> {
        let function = |old: u32| self.index(resolved(self.plan, old));
        let global = |old: u32| {
            let new = self.globals.get(old as usize).copied().flatten();
            new.ok_or_else(|| Reencoding::UserError(format!("global {old} is gone")))
        };
        let call = |target| Instruction::Call(self.index(target));
        Ok(match (self.plan.edits.get(&at), operator) {
            (Some(New::Call(target)), _) => vec![call(*target)],
            (Some(New::Const(value)), _) => vec![Instruction::I32Const(*value)],
            (Some(New::Drop), _) => vec![Instruction::Drop],
            (Some(New::DropAndCall(target)), _) => vec![Instruction::Drop, call(*target)],
            (None, Operator::Call { function_index }) => {
                vec![Instruction::Call(function(*function_index))]
            }
            (None, Operator::ReturnCall { function_index }) => {
                vec![Instruction::ReturnCall(function(*function_index))]
            }
            (None, Operator::RefFunc { function_index }) => {
                vec![Instruction::RefFunc(function(*function_index))]
            }
            (None, Operator::GlobalGet { global_index }) => {
                vec![Instruction::GlobalGet(global(*global_index)?)]
            }
            (None, Operator::GlobalSet { global_index }) => {
                vec![Instruction::GlobalSet(global(*global_index)?)]
            }
            _ => Vec::new(),
        })
    }
}
