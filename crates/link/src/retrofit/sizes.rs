//! The arithmetic by which a helper computes the size that it asks for: what would wrap is 2^32 - 1 instead,
//! which no heap has, so that the request exhausts the heap.
//!
//! ```wat
//! local.get $count  local.get $elem_bytes  i32.mul    =>    … call $multiply
//! i32.const 8  i32.add                                       … call $add
//! call $alloc
//! ```
//!
//! Followed back from the size are additions, multiplications and shifts to the left, through locals, masks,
//! choices and the ends of blocks. What was stored in memory or comes from another function is not seen.

use std::collections::BTreeSet;

use wasmparser::Operator;

use super::{
    analysis::Analysis,
    flow::Flow,
    plan::{Added, New, Target},
    profile::{CFunction, Role},
    uses::reached,
};

impl Analysis<'_, '_> {
    /// Makes the arithmetic of the helper `flow` end at 2^32 - 1.
    pub(super) fn sizes(&mut self, flow: &Flow<'_>) {
        let mut queue: Vec<usize> = Vec::new();
        for op in &flow.ops {
            let (Operator::Call { function_index } | Operator::ReturnCall { function_index }) =
                op.operator
            else {
                continue;
            };
            for size in self.sizes_of(function_index) {
                queue.extend(op.operands.get(size as usize).copied().flatten());
            }
        }
        let mut seen = BTreeSet::new();
        while let Some(op) = queue.pop() {
            if !seen.insert(op) {
                continue;
            }
            let found = &flow.ops[op];
            let operands = found.operands.iter().copied().flatten();
            let added = match found.operator {
                // Of numbers that may be negative on the way: `(n - 1) * size + header` is right where n is 0.
                Operator::I32Add | Operator::I32Mul | Operator::I32Shl
                    if operands.clone().any(|operand| is_signed(flow, operand)) =>
                {
                    None
                }
                Operator::I32Add => Some(Added::Add),
                Operator::I32Mul => Some(Added::Multiply),
                Operator::I32Shl => Some(Added::ShiftLeft),
                Operator::LocalGet { local_index } => {
                    queue.extend(flow.set_to(local_index));
                    continue;
                }
                Operator::Select | Operator::TypedSelect { .. } => {
                    queue.extend(operands.take(2));
                    continue;
                }
                Operator::LocalTee { .. }
                | Operator::I32And
                | Operator::I32Or
                | Operator::I32Sub
                | Operator::I32ShrU
                | Operator::I32DivU
                | Operator::End
                | Operator::BrIf { .. } => None,
                _ => continue,
            };
            queue.extend(operands);
            if let Some(added) = added {
                self.plan.n_checked += 1;
                self.edit(flow, op, New::Call(Target::Added(added)));
            }
        }
    }

    /// Which parameters of `function` are sizes.
    fn sizes_of(&self, function: u32) -> Vec<u32> {
        match self.roles.functions.get(&function) {
            Some(Role::Call(call)) => call.function.request.into_iter().collect(),
            Some(Role::Helper { sizes }) => sizes.clone(),
            Some(Role::ReallocKeep) => vec![2],
            Some(Role::C(CFunction::Malloc)) => vec![0],
            Some(Role::C(CFunction::Realloc | CFunction::AlignedAlloc)) => vec![1],
            Some(Role::C(CFunction::PosixMemalign)) => vec![2],
            _ => Vec::new(),
        }
    }
}

/// Whether what `op` makes may be meant as less than zero: a difference, or something that a negative constant
/// went into.
fn is_signed(flow: &Flow<'_>, op: usize) -> bool {
    let makers = reached([op], |op| match flow.ops[op].operator {
        Operator::I32Add | Operator::I32Mul | Operator::I32Shl | Operator::LocalTee { .. } => {
            flow.ops[op].operands.iter().copied().flatten().collect()
        }
        Operator::LocalGet { local_index } => flow.set_to(local_index).collect(),
        _ => Vec::new(),
    });
    makers.iter().any(|op| {
        matches!(
            flow.ops[*op].operator,
            Operator::I32Sub | Operator::I32Const { value: ..0 }
        )
    })
}
