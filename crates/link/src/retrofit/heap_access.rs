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
                let what = format!("it {does} the bump pointer by {name}, other than to align it");
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
        // What was added, and must be masked away.
        let mut added = None;
        let mut n_rounded = 0;
        loop {
            let [used] = flow.ops[value].uses[..] else {
                return None;
            };
            let op = &flow.ops[used.op];
            let other = || flow.constant(*op.operands.get(1 - used.operand.min(1))?);
            match op.operator {
                Operator::I32Add if added.is_none() => {
                    let low = other()?;
                    if low <= 0 || (low as u32 + 1).count_ones() != 1 {
                        return None;
                    }
                    added = Some(low);
                }
                Operator::I32And if other()? == !added.take()? => n_rounded += 1,
                Operator::Call { function_index }
                    if used.operand == 0 && self.is_align_up(function_index) =>
                {
                    n_rounded += 1;
                }
                Operator::Call { function_index } if n_rounded > 0 && added.is_none() => {
                    let sets = self.roles.functions.get(&function_index);
                    return matches!(sets, Some(Role::HeapSet)).then_some(used.op);
                }
                Operator::GlobalSet { global_index } if n_rounded > 0 && added.is_none() => {
                    return (self.roles.pointer == Some(global_index)).then_some(used.op);
                }
                _ => return None,
            }
            value = used.op;
        }
    }

    fn is_align_up(&self, function: u32) -> bool {
        matches!(self.roles.functions.get(&function), Some(Role::AlignUp))
    }
}
