//! Where the values of a function come from and go to, instruction by instruction.
//!
//! The operand stack of a body is followed once, beside wasmparser's validator, which knows what each
//! instruction takes and leaves. A value is named by the instruction that made it.

use std::ops::Range;

use wasmparser::{FuncValidator, FunctionBody, Operator, WasmModuleResources};

/// A body as a graph.
pub(crate) struct Flow<'a> {
    pub(crate) ops: Vec<Op<'a>>,
    /// Whether control may leave a block by an exception.
    pub(crate) has_handlers: bool,
}

/// An instruction.
pub(crate) struct Op<'a> {
    /// Its place in the file.
    pub(crate) at: Range<usize>,
    pub(crate) operator: Operator<'a>,
    /// Who made its operands, the first one pushed first; `None` in code that cannot be reached. Those of an
    /// `end` are all that leave the block there.
    pub(crate) operands: Vec<Option<usize>>,
    /// Who takes its results.
    pub(crate) uses: Vec<Use>,
    /// What may come after it.
    pub(crate) next: Vec<usize>,
}

/// The operand `operand` of instruction `op`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) op: usize,
    pub(crate) operand: usize,
}

/// How far a value is followed from instruction to instruction.
const MOST_STEPS: u32 = 8;

/// A block that is open.
struct Frame {
    start: usize,
    height: usize,
    /// What was on the stack where a branch left the block.
    leaving: Vec<Option<usize>>,
    /// The instructions that branch to its end.
    branches: Vec<usize>,
    /// The `if` that has had no `else` yet.
    pending_if: Option<usize>,
}

impl<'a> Flow<'a> {
    /// Follows `body`, which `validator` was made for.
    pub(crate) fn of<R: WasmModuleResources>(
        body: &FunctionBody<'a>,
        mut validator: FuncValidator<R>,
    ) -> wasmparser::Result<Self> {
        let mut locals = body.get_binary_reader();
        validator.read_locals(&mut locals)?;
        let mut builder = Builder {
            flow: Flow {
                ops: Vec::new(),
                has_handlers: false,
            },
            stack: Vec::new(),
            frames: vec![Frame::new(0, 0)],
        };
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let start = operators.original_position();
            let operator = operators.read()?;
            let end = operators.original_position();
            let arity = operator.operator_arity(&validator).unwrap_or((0, 0));
            validator.op(start, &operator)?;
            let height = validator.operand_stack_height() as usize;
            builder.step(start..end, operator, arity, height);
        }
        let mut flow = builder.flow;
        for op in 0..flow.ops.len() {
            for operand in 0..flow.ops[op].operands.len() {
                if let Some(maker) = flow.ops[op].operands[operand] {
                    flow.ops[maker].uses.push(Use { op, operand });
                }
            }
        }
        Ok(flow)
    }

    /// The constant that `value` is, or is computed from constants in a few steps.
    pub(crate) fn constant(&self, value: Option<usize>) -> Option<i32> {
        self.constant_within(value, MOST_STEPS)
    }

    fn constant_within(&self, value: Option<usize>, n_steps: u32) -> Option<i32> {
        let op = &self.ops[value?];
        let n_steps = n_steps.checked_sub(1)?;
        let operand = |n: usize| self.constant_within(*op.operands.get(n)?, n_steps);
        match op.operator {
            Operator::I32Const { value } => Some(value),
            Operator::I32Add => Some(operand(0)?.wrapping_add(operand(1)?)),
            Operator::I32Sub => Some(operand(0)?.wrapping_sub(operand(1)?)),
            Operator::I32Xor => Some(operand(0)? ^ operand(1)?),
            _ => None,
        }
    }

    /// The instructions that make what `local` is set to.
    pub(crate) fn set_to(&self, local: u32) -> impl Iterator<Item = usize> {
        let sets = self
            .ops
            .iter()
            .filter(move |op| set_local(&op.operator) == Some(local));
        sets.filter_map(|op| *op.operands.first()?)
    }

    /// Who alone takes the value of `op`, also by way of locals that hold nothing else.
    pub(crate) fn only_use(&self, mut op: usize) -> Option<Use> {
        for _ in 0..MOST_STEPS {
            let [used] = self.ops[op].uses[..] else {
                return None;
            };
            let Operator::LocalSet { local_index } = self.ops[used.op].operator else {
                return Some(used);
            };
            op = self.only_read(used.op, local_index)?;
        }
        None
    }

    /// The instruction that alone reads `local`, which `set` alone sets.
    fn only_read(&self, set: usize, local: u32) -> Option<usize> {
        let (mut read, mut n_reads) = (None, 0);
        for (i, op) in self.ops.iter().enumerate() {
            match op.operator {
                Operator::LocalGet { local_index } if local_index == local => {
                    read = Some(i);
                    n_reads += 1;
                }
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index }
                    if local_index == local && i != set =>
                {
                    return None;
                }
                _ => {}
            }
        }
        read.filter(|_| n_reads == 1)
    }
}

/// The local that `operator` sets.
pub(crate) fn set_local(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
            Some(*local_index)
        }
        _ => None,
    }
}

impl Frame {
    fn new(start: usize, height: usize) -> Self {
        Self {
            start,
            height,
            leaving: Vec::new(),
            branches: Vec::new(),
            pending_if: None,
        }
    }
}

struct Builder<'a> {
    flow: Flow<'a>,
    stack: Vec<Option<usize>>,
    frames: Vec<Frame>,
}

impl<'a> Builder<'a> {
    /// Adds an instruction that takes and leaves `arity` values, after which the stack is `height` high.
    fn step(
        &mut self,
        at: Range<usize>,
        operator: Operator<'a>,
        (n_params, n_results): (u32, u32),
        height: usize,
    ) {
        let index = self.flow.ops.len();
        let mut operands: Vec<_> = (0..n_params).map(|_| self.pop()).collect();
        operands.reverse();
        let mut next = vec![index + 1];
        match &operator {
            Operator::Block { .. } | Operator::Loop { .. } => self.open(index),
            Operator::If { .. } => {
                self.open(index);
                if let Some(frame) = self.frames.last_mut() {
                    frame.pending_if = Some(index);
                }
            }
            Operator::Else => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.leaving.append(&mut operands);
                    frame.branches.push(index);
                    if let Some(condition) = frame.pending_if.take() {
                        self.flow.ops[condition].next.push(index + 1);
                    }
                    let height = frame.height;
                    self.stack.truncate(height);
                }
                next.clear();
            }
            Operator::End => {
                if let Some(mut frame) = self.frames.pop() {
                    operands.append(&mut frame.leaving);
                    let from = frame.branches.into_iter().chain(frame.pending_if);
                    for branch in from {
                        self.flow.ops[branch].next.push(index);
                    }
                    self.stack.truncate(frame.height);
                }
                if self.frames.is_empty() {
                    next.clear();
                }
            }
            Operator::Br { relative_depth } => {
                self.branch(index, *relative_depth, &operands, &mut next);
                next.remove(0);
            }
            Operator::BrIf { relative_depth } => {
                let values = operands.split_last().map_or(&[][..], |(_, values)| values);
                self.branch(index, *relative_depth, values, &mut next);
            }
            Operator::BrTable { targets } => {
                let values = operands.split_last().map_or(&[][..], |(_, values)| values);
                let all = targets.targets().filter_map(Result::ok);
                for depth in all.chain([targets.default()]) {
                    self.branch(index, depth, values, &mut next);
                }
                next.remove(0);
            }
            Operator::BrOnNull { relative_depth }
            | Operator::BrOnNonNull { relative_depth }
            | Operator::BrOnCast { relative_depth, .. }
            | Operator::BrOnCastFail { relative_depth, .. } => {
                self.branch(index, *relative_depth, &operands, &mut next);
            }
            Operator::Return
            | Operator::Unreachable
            | Operator::ReturnCall { .. }
            | Operator::ReturnCallIndirect { .. }
            | Operator::ReturnCallRef { .. }
            | Operator::Throw { .. }
            | Operator::ThrowRef
            | Operator::Rethrow { .. } => next.clear(),
            Operator::Try { .. } | Operator::TryTable { .. } => {
                self.flow.has_handlers = true;
                self.open(index);
            }
            Operator::Catch { .. } | Operator::CatchAll | Operator::Delegate { .. } => {
                self.flow.has_handlers = true;
                if matches!(operator, Operator::Delegate { .. }) {
                    self.frames.pop();
                }
            }
            _ => {}
        }
        self.flow.ops.push(Op {
            at,
            operator,
            operands,
            uses: Vec::new(),
            next,
        });
        self.stack.extend((0..n_results).map(|_| Some(index)));
        // In code that cannot be reached the validator's stack is what counts.
        self.stack.resize(height, None);
    }

    fn pop(&mut self) -> Option<usize> {
        let floor = self.frames.last().map_or(0, |frame| frame.height);
        if self.stack.len() > floor {
            self.stack.pop().flatten()
        } else {
            None
        }
    }

    fn open(&mut self, index: usize) {
        self.frames.push(Frame::new(index, self.stack.len()));
    }

    /// Notes that `index` may branch to the label at `depth` with `values`.
    fn branch(
        &mut self,
        index: usize,
        depth: u32,
        values: &[Option<usize>],
        next: &mut Vec<usize>,
    ) {
        let Some(at) = self.frames.len().checked_sub(1 + depth as usize) else {
            return;
        };
        let frame = &mut self.frames[at];
        let is_loop =
            at > 0 && matches!(self.flow.ops[frame.start].operator, Operator::Loop { .. });
        if is_loop {
            next.push(frame.start);
        } else {
            frame.branches.push(index);
            frame.leaving.extend_from_slice(values);
        }
    }
}
