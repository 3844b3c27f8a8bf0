//! The index spaces of the merged module, as seen from each of the two that went into it.
//!
//! The program comes first in every space. Taking a function import away shifts every function after it;
//! all else of the program keeps its index, and the conformer's is appended.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{
    CodeSection, Function, Instruction, MemArg, MemoryType,
    reencode::{Error as Reencoding, Reencode, utils},
};
use wasmparser::{FuncType, FunctionBody, Operator, OperatorsReader, ValType};

use crate::{
    layout::Layout,
    parse::Parsed,
    reach::Reached,
    resolve::Fusion,
    scalars::{Edit, Scalars},
};

/// What the two modules' function indices become.
pub(crate) struct Functions {
    /// For each of the program's.
    pub(crate) program: Vec<u32>,
    /// For each that is kept of the conformer's.
    pub(crate) conformer: BTreeMap<u32, u32>,
    /// How many it has in all.
    pub(crate) len: u32,
}

impl Functions {
    /// In the place of the new index of a function that is left out.
    pub(crate) const GONE: u32 = u32::MAX;

    pub(crate) fn new(program: &Parsed<'_>, fusion: &Fusion<'_>, reached: &Reached) -> Self {
        let n_program = (program.functions.len() - fusion.imports.len()) as u32;
        let conformer: BTreeMap<u32, u32> =
            reached.functions.iter().copied().zip(n_program..).collect();
        let mut next = 0..;
        let program_functions = (0..program.functions.len() as u32)
            .map(|old| match fusion.imports.get(&old) {
                Some(served_by) => conformer[served_by],
                None => next.next().unwrap_or_default(),
            })
            .collect();
        Self {
            program: program_functions,
            len: n_program + conformer.len() as u32,
            conformer,
        }
    }
}

/// Reencodes the program: functions renumbered, memory 0 within its new limits.
pub(crate) struct ProgramIndices<'a> {
    pub(crate) functions: &'a Functions,
    pub(crate) min_pages: u64,
    pub(crate) max_pages: Option<u64>,
    pub(crate) added_segments: u32,
    /// Memories are met in the order of their indices; the first one is the allocator's.
    pub(crate) n_memories_seen: u32,
}

impl Reencode for ProgramIndices<'_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Result<u32, Reencoding<String>> {
        self.functions
            .program
            .get(function as usize)
            .copied()
            .ok_or_else(|| Reencoding::UserError(format!("function {function} does not exist")))
    }

    fn memory_type(
        &mut self,
        memory: wasmparser::MemoryType,
    ) -> Result<MemoryType, Reencoding<String>> {
        let mut memory = utils::memory_type(self, memory);
        if self.n_memories_seen == 0 {
            memory.minimum = self.min_pages;
            memory.maximum = self.max_pages;
        }
        self.n_memories_seen += 1;
        Ok(memory)
    }

    fn data_count(&mut self, count: u32) -> Result<u32, Reencoding<String>> {
        Ok(count + self.added_segments)
    }
}

/// The merged module's types: the program's, then what the conformer has besides.
pub(crate) struct Types {
    /// The program's, by index; those that are no plain function types are `None`.
    program: Vec<Option<FuncType>>,
    added: Vec<FuncType>,
}

impl Types {
    pub(crate) fn new(program: &Parsed<'_>) -> Self {
        Self {
            program: program.types.clone(),
            added: Vec::new(),
        }
    }

    /// The index of `ty`, which is added where there is none like it.
    pub(crate) fn index_of(&mut self, ty: &FuncType) -> u32 {
        let n_program = self.program.len();
        let known = self
            .program
            .iter()
            .position(|known| known.as_ref() == Some(ty));
        let added = || {
            self.added
                .iter()
                .position(|known| known == ty)
                .map(|i| n_program + i)
        };
        let index = known.or_else(added).unwrap_or_else(|| {
            self.added.push(ty.clone());
            n_program + self.added.len() - 1
        });
        index as u32
    }

    /// What was added, in the order of the indices.
    pub(crate) fn added(&self) -> &[FuncType] {
        &self.added
    }
}

/// What a global of the conformer becomes.
pub(crate) enum Global {
    /// The linker knows its value: an imported `__heap_base` or `__heap_end`.
    Constant(u32),
    /// A global of the merged module.
    Index(u32),
}

/// Reencodes the conformer's functions and globals into the merged module.
pub(crate) struct ConformerIndices<'a> {
    pub(crate) conformer: &'a Parsed<'a>,
    pub(crate) functions: &'a Functions,
    pub(crate) types: Types,
    pub(crate) globals: BTreeMap<u32, Global>,
    pub(crate) layout: &'a Layout,
    /// The new indices of those that may grow memory.
    pub(crate) growing: BTreeSet<u32>,
    /// The statics that become globals, from index `first_scalar` on.
    pub(crate) scalars: &'a Scalars,
    pub(crate) first_scalar: u32,
}

impl ConformerIndices<'_> {
    /// The index of the type of the conformer's function `index`.
    pub(crate) fn type_of(&mut self, index: u32) -> Result<u32, Reencoding<String>> {
        self.type_index(self.conformer.functions[index as usize])
    }

    /// The instructions of `body` as the merged module spells them, its last `end` included.
    pub(crate) fn instructions<'b>(
        &mut self,
        body: &FunctionBody<'b>,
    ) -> Result<Vec<Instruction<'b>>, Reencoding<String>> {
        let mut instructions = Vec::new();
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            let scalar = |word: &u32| self.first_scalar + word;
            let edited = match self.scalars.edits.get(&at) {
                None => None,
                Some(Edit::Drop) => {
                    operators.read()?;
                    continue;
                }
                Some(Edit::Get(word)) => Some(Instruction::GlobalGet(scalar(word))),
                Some(Edit::Set(word)) => Some(Instruction::GlobalSet(scalar(word))),
            };
            instructions.push(match edited {
                Some(instruction) => {
                    operators.read()?;
                    instruction
                }
                None => self.parse_instruction(&mut operators)?,
            });
        }
        Ok(instructions)
    }

    /// Encodes the conformer's function `index`. Where it is entered with the size of a request in parameter
    /// `request`, that size is noted in memory before the function leaves its fast path: before it grows memory, or
    /// calls who may.
    ///
    /// ```wat
    /// call $place    =>    i32.const REQUEST  local.get $size  i32.store  call $place
    /// ```
    pub(crate) fn body(
        &mut self,
        code: &mut CodeSection,
        index: u32,
        request: Option<u32>,
    ) -> Result<(), Reencoding<String>> {
        let conformer = self.conformer;
        let body = &conformer.bodies[(index - conformer.n_imported_functions) as usize];
        let instructions = self.instructions(body)?;
        let note = self.layout.request.zip(request);
        let mut locals = Vec::new();
        for pair in body.get_locals_reader()? {
            let (count, ty) = pair?;
            locals.push((count, self.val_type(ty)?));
        }
        // A parameter that is assigned to is gone by then: a copy in a local of its own stays.
        let copy = note
            .filter(|(_, size)| assigns(&instructions, *size))
            .map(|(_, size)| {
                let n_params = conformer
                    .function_type(index)
                    .map_or(0, |ty| ty.params().len());
                let copy = locals.iter().map(|(count, _)| count).sum::<u32>() + n_params as u32;
                locals.push((1, wasm_encoder::ValType::I32));
                (size, copy)
            });
        let mut function = Function::new(locals);
        if let Some((size, copy)) = copy {
            function
                .instruction(&Instruction::LocalGet(size))
                .instruction(&Instruction::LocalSet(copy));
        }
        for instruction in &instructions {
            let leaves = match instruction {
                Instruction::Call(callee) | Instruction::ReturnCall(callee) => {
                    self.growing.contains(callee)
                }
                other => matches!(other, Instruction::MemoryGrow(_)),
            };
            if let (true, Some((address, size))) = (leaves, note) {
                function
                    .instruction(&Instruction::I32Const(address as i32))
                    .instruction(&Instruction::LocalGet(copy.map_or(size, |(_, copy)| copy)))
                    .instruction(&Instruction::I32Store(MemArg {
                        offset: 0,
                        align: 2,
                        memory_index: 0,
                    }));
            }
            function.instruction(instruction);
        }
        code.function(&function);
        Ok(())
    }
}

/// Whether one of `instructions` assigns to `local`.
fn assigns(instructions: &[Instruction<'_>], local: u32) -> bool {
    instructions.iter().any(|instruction| {
        matches!(instruction, Instruction::LocalSet(index) | Instruction::LocalTee(index)
            if *index == local)
    })
}

impl Reencode for ConformerIndices<'_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Result<u32, Reencoding<String>> {
        self.functions
            .conformer
            .get(&function)
            .copied()
            .ok_or_else(|| Reencoding::UserError(format!("function {function} was not kept")))
    }

    fn type_index(&mut self, ty: u32) -> Result<u32, Reencoding<String>> {
        let is_number = |ty: &ValType| {
            matches!(
                ty,
                ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64
            )
        };
        match self.conformer.types.get(ty as usize) {
            Some(Some(ty)) if ty.params().iter().chain(ty.results()).all(is_number) => {
                Ok(self.types.index_of(ty))
            }
            _ => Err(Reencoding::UserError(format!(
                "type {ty} is no function type over numbers"
            ))),
        }
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Reencoding<String>> {
        match self.globals.get(&global) {
            Some(Global::Index(index)) => Ok(*index),
            _ => Err(Reencoding::UserError(format!(
                "global {global} was not kept"
            ))),
        }
    }

    fn parse_instruction<'a>(
        &mut self,
        reader: &mut OperatorsReader<'a>,
    ) -> Result<Instruction<'a>, Reencoding<String>> {
        match reader.read()? {
            Operator::GlobalGet { global_index }
                if let Some(Global::Constant(value)) = self.globals.get(&global_index) =>
            {
                Ok(Instruction::I32Const(*value as i32))
            }
            operator => self.instruction(operator),
        }
    }
}
