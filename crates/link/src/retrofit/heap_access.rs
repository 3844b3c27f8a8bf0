//! Code that reads the bump pointer to align it: since every block of a conformer is aligned to 8, that has
//! nothing to do any more.
//!
//! ```wat
//! call $heap_get  i32.const 4  call $align_up  call $heap_set
//!     =>    i32.const 0  i32.const 4  call $align_up  drop
//! ```

use std::collections::BTreeSet;

use wasmparser::Operator;

use super::{analysis::Analysis, flow::Flow, plan::New, profile::Role, refuse::Forcible};

impl Analysis<'_, '_> {
    /// Makes `flow`'s reads and writes inert that only align the pointer, and refuses other calls of what reads
    /// and writes it. Returns the instructions that were made inert.
    pub(super) fn heap_access(&mut self, function: u32, flow: &Flow<'_>) -> BTreeSet<usize> {
        let mut inert = BTreeSet::new();
        for op in 0..flow.ops.len() {
            if self.reads(flow, op)
                && let Some(write) = self.aligned_into(flow, op)
                && self.is_all_arithmetic(flow, op + 1..write)
            {
                self.edit(flow, op, New::Const(0));
                self.edit(flow, write, New::Drop);
                inert.extend([op, write]);
            }
        }
        for (i, op) in flow.ops.iter().enumerate() {
            let (Operator::Call { function_index } | Operator::ReturnCall { function_index }) =
                op.operator
            else {
                continue;
            };
            let does = match self.roles.functions.get(&function_index) {
                Some(Role::HeapGet) => "reads",
                Some(Role::HeapSet) => "sets",
                _ => continue,
            };
            if !inert.contains(&i) {
                let name = super::roles::called(self.program, function_index);
                let what = format!(
                    "it {does} the bump pointer by {name}, other than to align it to 8 or less"
                );
                self.refuse(function, flow, i, what, Some(Forcible::HeapAccess));
            }
        }
        inert
    }

    /// Whether `op` reads the pointer.
    fn reads(&self, flow: &Flow<'_>, op: usize) -> bool {
        match flow.ops[op].operator {
            Operator::GlobalGet { global_index } => self.roles.pointer == Some(global_index),
            Operator::Call { function_index } => {
                matches!(
                    self.roles.functions.get(&function_index),
                    Some(Role::HeapGet)
                )
            }
            _ => false,
        }
    }

    /// The instruction that sets the pointer to the value of `read`, rounded up and used for nothing else.
    fn aligned_into(&self, flow: &Flow<'_>, read: usize) -> Option<usize> {
        let mut value = read;
        let mut rounding = Rounding::Not;
        loop {
            let used = flow.only_use(value)?;
            let op = &flow.ops[used.op];
            let other = || flow.constant(*op.operands.get(1 - used.operand.min(1))?);
            let is_first = used.operand == 0;
            rounding = match (&op.operator, rounding) {
                (Operator::I32Add, Rounding::Not) => Rounding::Added(other()?.checked_add(1)?),
                (Operator::I32And, Rounding::Added(align))
                    if other()? == align.checked_neg()? =>
                {
                    Rounding::To(align)
                }
                (Operator::I32DivU, Rounding::Added(align)) if is_first && other()? == align => {
                    Rounding::Divided(align)
                }
                (Operator::I32Mul, Rounding::Divided(align)) if other()? == align => {
                    Rounding::To(align)
                }
                (Operator::Call { function_index }, Rounding::Not)
                    if is_first && self.is_align_up(*function_index) =>
                {
                    Rounding::To(other()?)
                }
                (Operator::Call { function_index }, Rounding::To(align)) if is_free(align) => {
                    let sets = self.roles.functions.get(function_index);
                    return matches!(sets, Some(Role::HeapSet)).then_some(used.op);
                }
                (Operator::GlobalSet { global_index }, Rounding::To(align)) if is_free(align) => {
                    return (self.roles.pointer == Some(*global_index)).then_some(used.op);
                }
                _ => return None,
            };
            value = used.op;
        }
    }

    /// Whether nothing happens in `ops` that may allocate, or run them more or less often than what is around them:
    /// else setting the pointer back frees what was allocated in between.
    fn is_all_arithmetic(&self, flow: &Flow<'_>, ops: std::ops::Range<usize>) -> bool {
        !ops.is_empty()
            && flow.ops[ops].iter().all(|op| match op.operator {
                Operator::Call { function_index } => self.is_align_up(function_index),
                Operator::LocalGet { .. }
                | Operator::LocalSet { .. }
                | Operator::I32Const { .. }
                | Operator::I32Add
                | Operator::I32Sub
                | Operator::I32And
                | Operator::I32Xor
                | Operator::I32DivU
                | Operator::I32Mul => true,
                _ => false,
            })
    }

    fn is_align_up(&self, function: u32) -> bool {
        matches!(self.roles.functions.get(&function), Some(Role::AlignUp))
    }
}

/// How far a value is rounded up, by what.
#[derive(Clone, Copy)]
enum Rounding {
    Not,
    /// One less than the alignment was added.
    Added(i32),
    Divided(i32),
    To(i32),
}

/// Whether every block of a conformer is aligned so.
fn is_free(align: i32) -> bool {
    [1, 2, 4, 8].contains(&align)
}
