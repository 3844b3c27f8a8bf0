//! The values of constant expressions: what a global or a segment's offset is before anything runs.

use wasmparser::{ConstExpr, GlobalType, Operator};

use crate::parse::Parsed;

impl Parsed<'_> {
    /// The value of global `index`, where it is an immutable `i32` that the module itself decides.
    pub(crate) fn constant(&self, index: u32) -> Option<u32> {
        *self.constants.get(index as usize)?
    }

    /// The value of `init`, where it is an `i32` that the module itself decides.
    pub(crate) fn value(&self, init: &ConstExpr<'_>) -> Option<u32> {
        value(init, &self.constants)
    }
}

/// The value of each of `globals`, where it has one.
pub(crate) fn values(globals: &[(GlobalType, Option<ConstExpr<'_>>)]) -> Vec<Option<u32>> {
    let mut values = Vec::with_capacity(globals.len());
    for (ty, init) in globals {
        // An initialiser names earlier globals alone.
        let init = init.as_ref().filter(|_| !ty.mutable);
        let known = init.and_then(|init| value(init, &values));
        values.push(known);
    }
    values
}

fn value(init: &ConstExpr<'_>, globals: &[Option<u32>]) -> Option<u32> {
    let mut stack: Vec<u32> = Vec::new();
    let mut operators = init.get_operators_reader();
    loop {
        let mut both = |combine: fn(u32, u32) -> u32| {
            let (right, left) = (stack.pop()?, stack.pop()?);
            Some(combine(left, right))
        };
        let value = match operators.read().ok()? {
            Operator::I32Const { value } => value as u32,
            Operator::GlobalGet { global_index } => (*globals.get(global_index as usize)?)?,
            Operator::I32Add => both(u32::wrapping_add)?,
            Operator::I32Sub => both(u32::wrapping_sub)?,
            Operator::I32Mul => both(u32::wrapping_mul)?,
            Operator::End => return stack.pop(),
            _ => return None,
        };
        stack.push(value);
    }
}
