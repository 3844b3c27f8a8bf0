//! The merged module's functions: the program's with their calls renumbered or inlined, the conformer's
//! after them.

use std::{collections::BTreeMap, rc::Rc};

use wasm_encoder::{
    CodeSection, FunctionSection,
    reencode::{Error as Reencoding, Reencode},
};

use crate::{
    Report,
    bodies::{Caller, Calls, Gained, Templates},
    inline::Inliner,
    merge::{Merger, Result2},
    moves::Moves,
    offsets,
    renumber::ConformerIndices,
    template::Template,
};

/// A function with this many locals has no fast path that is worth copying.
const MAX_LOCALS: u32 = 32;

/// The merged code section, and what is known from writing it.
pub(crate) struct Code {
    pub(crate) section: CodeSection,
    pub(crate) labels: BTreeMap<u32, Vec<Gained>>,
    /// What `-O` did.
    pub(crate) report: Option<Report>,
    /// Where the program's code went, where a section of it needs to know.
    pub(crate) moves: Option<Moves>,
}

impl Merger<'_, '_> {
    /// The types of the bodies.
    pub(crate) fn function_section(
        &self,
        ours: &mut ConformerIndices<'_>,
    ) -> Result2<FunctionSection> {
        let mut section = FunctionSection::new();
        let program = self.program;
        for ty in &program.functions[program.n_imported_functions as usize..] {
            section.function(*ty);
        }
        for old in &self.reached.functions {
            section.function(ours.type_of(*old)?);
        }
        Ok(section)
    }

    /// The program's bodies, then what is kept of the conformer's.
    pub(crate) fn code(&self, ours: &mut ConformerIndices<'_>) -> Result2<Code> {
        let program = self.program;
        let templates = self.templates(ours)?;
        let name = |index: u32| {
            let entry = self
                .fusion
                .entries
                .iter()
                .find(|(old, _)| self.functions.conformer[*old] == index);
            entry.map_or_else(String::new, |(_, name)| name.to_string())
        };
        let mut inliner = self
            .options
            .optimize
            .then(|| Inliner::new(&templates, program.code_range.len(), name));
        let n_bodies = program.bodies.len() + self.reached.functions.len();
        let first = leb_size(n_bodies);
        let mut calls = Calls {
            functions: &self.functions.program,
            inliner: inliner.as_mut(),
            labels: BTreeMap::new(),
            moves: offsets::needs_moves(program)
                .then(|| Moves::new(program.code_range.start, first)),
        };
        let mut code = CodeSection::new();
        let mut bytes = Vec::new();
        for (body, old) in program.bodies.iter().zip(program.n_imported_functions..) {
            let caller = Caller {
                index: self.functions.program[old as usize],
                n_params: program
                    .function_type(old)
                    .map(|ty| ty.params().len() as u32),
            };
            bytes.clear();
            calls
                .body(body, caller, &mut bytes)
                .map_err(Reencoding::UserError)?;
            if let Some(moves) = &mut calls.moves {
                let start = first + code.byte_len() + leb_size(bytes.len());
                moves.place(body.range().end, start..start + bytes.len());
            }
            code.raw(&bytes);
        }
        let (labels, moves) = (calls.labels, calls.moves);
        let report = inliner.map(|inliner| {
            let globals = self.scalars.words.iter().map(|word| word.name.clone());
            let names = self.program_names();
            inliner.report(globals.collect(), |new| names.get(&new).cloned())
        });
        for old in &self.reached.functions {
            let request = self.fusion.entries.get(old).and_then(|name| {
                let interface = name.interface;
                sigil_abi::interface(interface.package, interface.interface)?
                    .function(name.function)?
                    .request
            });
            ours.body(&mut code, *old, request)?;
        }
        Ok(Code {
            section: code,
            labels,
            report,
            moves,
        })
    }

    /// The names of the program's functions, by their new indices.
    fn program_names(&self) -> BTreeMap<u32, String> {
        let names = self.program.function_names.iter();
        names
            .filter_map(|(old, name)| {
                let new = self.functions.program.get(*old as usize)?;
                Some((*new, (*name).to_string()))
            })
            .collect()
    }

    fn conformer_body(&self, old: u32) -> &wasmparser::FunctionBody<'_> {
        &self.conformer.bodies[(old - self.conformer.n_imported_functions) as usize]
    }

    /// The fast paths of the functions that the program imports, where they have one.
    fn templates(&self, ours: &mut ConformerIndices<'_>) -> Result2<Templates> {
        let mut templates = Templates::new();
        if !self.options.optimize {
            return Ok(templates);
        }
        for (import, old) in &self.fusion.imports {
            let Some(ty) = self.conformer.function_type(*old) else {
                continue;
            };
            let body = self.conformer_body(*old);
            let mut locals = Vec::new();
            for group in body.get_locals_reader()? {
                let (n, ty) = group?;
                locals.extend(vec![ours.val_type(ty)?; n.min(MAX_LOCALS) as usize]);
            }
            if locals.len() >= MAX_LOCALS as usize {
                continue;
            }
            let types = |ours: &mut ConformerIndices<'_>, types: &[wasmparser::ValType]| {
                let types = types.iter().map(|ty| ours.val_type(*ty));
                types.collect::<Result2<Vec<_>>>()
            };
            let params = types(ours, ty.params())?;
            let results = types(ours, ty.results())?;
            let instructions = ours.instructions(body)?;
            if let Some(template) = Template::new(params, &results, locals, &instructions) {
                templates.insert(*import, (Rc::new(template), self.functions.conformer[old]));
            }
        }
        Ok(templates)
    }
}

/// The size of `n` in LEB128.
pub(crate) fn leb_size(n: usize) -> usize {
    n.max(1).ilog2() as usize / 7 + 1
}
