//! A template at a call site: its locals become the caller's, its constant arguments are folded in.

use wasm_encoder::{BlockType, Encode, Instruction, ValType};

use crate::{
    fold::fold,
    template::{Op, Template},
};

/// The locals that a function gains. All its sites share them: no value lives from one to the next.
#[derive(Debug)]
pub(crate) struct Locals {
    /// How many the function has by itself, parameters included.
    first: u32,
    pub(crate) added: Vec<ValType>,
}

impl Locals {
    pub(crate) fn new(first: u32) -> Self {
        Self {
            first,
            added: Vec::new(),
        }
    }

    /// One local for each of `types`.
    fn allot(&mut self, types: impl Iterator<Item = ValType>) -> Vec<u32> {
        let mut taken = vec![false; self.added.len()];
        types
            .map(|ty| {
                let free = (0..taken.len()).find(|&i| !taken[i] && self.added[i] == ty);
                let i = free.unwrap_or_else(|| {
                    self.added.push(ty);
                    taken.push(false);
                    taken.len() - 1
                });
                taken[i] = true;
                self.first + i as u32
            })
            .collect()
    }
}

/// What a site becomes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inlined {
    pub(crate) bytes: Vec<u8>,
    /// How many instructions were computed instead of copied.
    pub(crate) folded: u32,
    /// How many blocks it opens.
    pub(crate) n_blocks: u32,
}

/// The code for a call of the function `index` whose last arguments are `constants`: they are not on
/// the stack any more.
pub(crate) fn inline(
    template: &Template,
    index: u32,
    constants: &[i32],
    locals: &mut Locals,
) -> Inlined {
    let n_params = template.params.len();
    let n_stacked = n_params - constants.len();
    let n_locals = n_params + template.locals.len();
    // Only locals that the code mentions need a place; which that is, folding decides.
    let body = fold(body(template, constants, n_stacked as u32), n_locals);
    let used: Vec<u32> = (0..n_locals as u32)
        .filter(|local| {
            body.ops
                .iter()
                .any(|op| matches!(op, Op::Get(l) | Op::Set(l) | Op::Tee(l) if l == local))
        })
        .collect();
    let places = locals.allot(used.iter().map(|local| template.local_type(*local)));
    let place = |local: u32| places[used.binary_search(&local).expect("it is used")];
    let mut bytes = Vec::new();
    for op in &body.ops {
        encode(op, index, &place, &mut bytes);
    }
    Inlined {
        bytes,
        folded: body.folded,
        n_blocks: body
            .ops
            .iter()
            .filter(|op| matches!(op, Op::Block(_) | Op::If(_)))
            .count() as u32,
    }
}

/// The template with its arguments taken from the stack and from `constants`, and with the block around it that a body
/// needs.
fn body(template: &Template, constants: &[i32], n_stacked: u32) -> Vec<Op> {
    let mut ops: Vec<Op> = (0..n_stacked).rev().map(Op::Set).collect();
    for (i, value) in (n_stacked..).zip(constants) {
        ops.extend([Op::Const(*value), Op::Set(i)]);
    }
    for local in &template.zeroed {
        ops.extend([zero(template.local_type(*local)), Op::Set(*local)]);
    }
    if template.is_body {
        ops.push(Op::Block(template.result));
    }
    let mut depth = 0;
    for op in &template.ops {
        match op {
            Op::Again => {
                ops.extend((0..template.params.len() as u32).map(Op::Get));
                ops.push(Op::Again);
            }
            Op::Return => ops.push(Op::Br(depth)),
            Op::Block(_) | Op::If(_) => {
                depth += 1;
                ops.push(op.clone());
            }
            Op::End => {
                depth -= 1;
                ops.push(Op::End);
            }
            _ => ops.push(op.clone()),
        }
    }
    if template.is_body {
        ops.push(Op::End);
    }
    ops
}

/// A constant 0 of type `ty`.
fn zero(ty: ValType) -> Op {
    let mut bytes = Vec::new();
    match ty {
        ValType::I64 => Instruction::I64Const(0).encode(&mut bytes),
        ValType::F32 => Instruction::F32Const(0f32.into()).encode(&mut bytes),
        ValType::F64 => Instruction::F64Const(0f64.into()).encode(&mut bytes),
        _ => return Op::Const(0),
    }
    Op::Plain(crate::template::Plain {
        bytes,
        pops: 0,
        pushes: 1,
        writes: false,
    })
}

fn encode(op: &Op, index: u32, place: &dyn Fn(u32) -> u32, bytes: &mut Vec<u8>) {
    match op {
        Op::Get(local) => Instruction::LocalGet(place(*local)).encode(bytes),
        Op::Set(local) => Instruction::LocalSet(place(*local)).encode(bytes),
        Op::Tee(local) => Instruction::LocalTee(place(*local)).encode(bytes),
        Op::Const(value) => Instruction::I32Const(*value).encode(bytes),
        Op::Block(ty) => Instruction::Block(block_type(*ty)).encode(bytes),
        Op::If(ty) => Instruction::If(block_type(*ty)).encode(bytes),
        Op::Else => Instruction::Else.encode(bytes),
        Op::End => Instruction::End.encode(bytes),
        Op::Br(depth) => Instruction::Br(*depth).encode(bytes),
        Op::BrIf(depth) => Instruction::BrIf(*depth).encode(bytes),
        Op::Again => Instruction::Call(index).encode(bytes),
        Op::Plain(plain) => bytes.extend_from_slice(&plain.bytes),
        Op::Return | Op::Slow | Op::Loop => {
            unreachable!("replaced when the template was instantiated")
        }
    }
}

fn block_type(result: Option<ValType>) -> BlockType {
    result.map_or(BlockType::Empty, BlockType::Result)
}
