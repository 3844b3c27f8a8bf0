//! The values of constant expressions: what a global or a segment's offset is before anything runs.

use wasmparser::{ConstExpr, Operator};

use crate::parse::Parsed;

/// Globals that are defined by others are followed this far.
const MAX_DEPTH: usize = 64;

impl Parsed<'_> {
    /// The value of global `index`, where it is an immutable `i32` that the module itself decides.
    pub(crate) fn constant(&self, index: u32) -> Option<u32> {
        self.global_value(index, MAX_DEPTH)
    }

    /// The value of `init`, where it is an `i32` that the module itself decides.
    pub(crate) fn value(&self, init: &ConstExpr<'_>) -> Option<u32> {
        self.value_within(init, MAX_DEPTH)
    }

    fn global_value(&self, index: u32, depth: usize) -> Option<u32> {
        let (ty, init) = self.globals.get(index as usize)?;
        if ty.mutable {
            return None;
        }
        self.value_within(init.as_ref()?, depth.checked_sub(1)?)
    }

    fn value_within(&self, init: &ConstExpr<'_>, depth: usize) -> Option<u32> {
        let mut stack: Vec<u32> = Vec::new();
        let mut operators = init.get_operators_reader();
        loop {
            let mut both = |combine: fn(u32, u32) -> u32| {
                let (right, left) = (stack.pop()?, stack.pop()?);
                Some(combine(left, right))
            };
            let value = match operators.read().ok()? {
                Operator::I32Const { value } => value as u32,
                Operator::GlobalGet { global_index } => self.global_value(global_index, depth)?,
                Operator::I32Add => both(u32::wrapping_add)?,
                Operator::I32Sub => both(u32::wrapping_sub)?,
                Operator::I32Mul => both(u32::wrapping_mul)?,
                Operator::End => return stack.pop(),
                _ => return None,
            };
            stack.push(value);
        }
    }
}
