//! A function of the conformer as it can be inlined: its fast path.
//!
//! What is slow is not copied. On a path that has changed nothing yet, a call (of `memory.grow`, of a slow
//! path) is replaced by the call of the whole function *again*, with the same arguments, and that is
//! where the slow path lies once for all sites. It is also what a backtrace then shows: whoever runs out
//! of memory does so in `alloc`, called by the program, as without inlining.
//!
//! ```wat
//! (func $alloc (param $n i32) (result i32) (local $at i32)     local.tee $n
//!   block                                                       global.get $end
//!     local.get $n                                              global.get $ptr
//!     global.get $end                                           local.tee $at
//!     global.get $ptr                                           i32.sub
//!     local.tee $at                                             i32.gt_u
//!     i32.sub                                                   if (result i32)
//!     i32.gt_u                                            =>      local.get $n
//!     br_if 0                                                     call $alloc
//!     …take it: global.set $ptr…                                else
//!     local.get $at                                               …take it…
//!     return                                                      local.get $at
//!   end                                                         end
//!   local.get $at  local.get $n  call $place)
//! ```
//!
//! Inlined is a function whose hot path then has no call, where the hot path is the one that falls
//! through each `br_if`: compilers and people put the likely case there, but where what follows is the slow path.

use wasm_encoder::{BlockType, Encode, Instruction, ValType};

/// The longest fast path, in instructions.
const MAX_OPS: usize = 112;

/// The most branches whose two arms are both tried as the hot one.
const MAX_IFS: usize = 6;

/// An instruction of a template, by what inlining has to know of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Get(u32),
    Set(u32),
    Tee(u32),
    Const(i32),
    /// With the type of its result, if any.
    Block(Option<ValType>),
    If(Option<ValType>),
    Loop,
    Else,
    End,
    Br(u32),
    BrIf(u32),
    Return,
    /// The call of the function itself, with its arguments.
    Again,
    /// Anything that touches neither locals nor control.
    Plain(Plain),
    /// What is not copied besides loops: calls, growth, traps.
    Slow,
}

/// An instruction that is copied as it is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Plain {
    pub(crate) bytes: Vec<u8>,
    pub(crate) pops: u32,
    pub(crate) pushes: u32,
    /// Whether it changes memory or a global.
    pub(crate) writes: bool,
}

/// A fast path with the function's parameters as locals 0.., and its other locals after them.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) params: Vec<ValType>,
    pub(crate) locals: Vec<ValType>,
    pub(crate) result: Option<ValType>,
    pub(crate) ops: Vec<Op>,
    /// Whether `ops` are a body that `Return`s, or else an expression without labels of its own to leave.
    pub(crate) is_body: bool,
    /// The locals that are read before they are written, and so start at 0.
    pub(crate) zeroed: Vec<u32>,
}

impl Template {
    /// The fast path of a function, `None` where it has none. `body` ends with the function's `end`.
    pub(crate) fn new(
        params: Vec<ValType>,
        results: &[ValType],
        locals: Vec<ValType>,
        body: &[Instruction<'_>],
    ) -> Option<Self> {
        let result = match results {
            [] => None,
            [result] => Some(*result),
            _ => return None,
        };
        let ops: Option<Vec<Op>> = body.iter().map(Op::new).collect();
        let mut ops = ops?;
        // The function's own `end` is put back by whoever needs one.
        ops.pop()?;
        let ops = cut(&ops, params.len() as u32)?;
        let n_ifs = ops.iter().filter(|op| matches!(op, Op::If(_))).count();
        if ops.len() > MAX_OPS || n_ifs > MAX_IFS {
            return None;
        }
        if !is_hot_path_free(&ops, 0) {
            return None;
        }
        let expression = as_expression(&ops, result);
        let is_body = expression.is_none();
        let ops = expression.unwrap_or(ops);
        Some(Self {
            zeroed: zeroed(&ops, params.len() as u32),
            params,
            locals,
            result,
            ops,
            is_body,
        })
    }

    /// The type of local `index`, parameters first.
    pub(crate) fn local_type(&self, index: u32) -> ValType {
        let index = index as usize;
        match self.params.get(index) {
            Some(ty) => *ty,
            None => self.locals[index - self.params.len()],
        }
    }
}

impl Op {
    /// `None` for what no template can hold.
    fn new(instruction: &Instruction<'_>) -> Option<Self> {
        Some(match instruction {
            Instruction::LocalGet(local) => Self::Get(*local),
            Instruction::LocalSet(local) => Self::Set(*local),
            Instruction::LocalTee(local) => Self::Tee(*local),
            Instruction::I32Const(value) => Self::Const(*value),
            Instruction::Block(ty) => Self::Block(block_type(*ty)?),
            Instruction::If(ty) => Self::If(block_type(*ty)?),
            Instruction::Else => Self::Else,
            Instruction::End => Self::End,
            Instruction::Br(depth) => Self::Br(*depth),
            Instruction::BrIf(depth) => Self::BrIf(*depth),
            Instruction::Return => Self::Return,
            Instruction::Call(_)
            | Instruction::ReturnCall(_)
            | Instruction::MemoryGrow(_)
            | Instruction::MemoryCopy { .. }
            | Instruction::MemoryFill(_)
            | Instruction::Unreachable
            | Instruction::BrTable(..) => Self::Slow,
            Instruction::Loop(_) => Self::Loop,
            other => {
                let mut bytes = Vec::new();
                other.encode(&mut bytes);
                Self::Plain(Plain::new(bytes)?)
            }
        })
    }

    /// How many operands it takes and leaves; `None` for control.
    pub(crate) fn arity(&self) -> Option<(u32, u32)> {
        Some(match self {
            Self::Get(_) | Self::Const(_) => (0, 1),
            Self::Set(_) => (1, 0),
            Self::Tee(_) => (1, 1),
            Self::Plain(plain) => (plain.pops, plain.pushes),
            _ => return None,
        })
    }
}

impl Plain {
    /// The instruction `unreachable`.
    pub(crate) fn unreachable() -> Self {
        Self {
            bytes: vec![0x00],
            pops: 0,
            pushes: 0,
            writes: false,
        }
    }

    /// By the opcodes of the core specification; `None` for those that are not here.
    fn new(bytes: Vec<u8>) -> Option<Self> {
        let (pops, pushes) = match *bytes.first()? {
            0x01 => (0, 0),                             // nop
            0x1a => (1, 0),                             // drop
            0x1b => (3, 1),                             // select
            0x23 | 0x3f | 0x41..=0x44 => (0, 1),        // global.get, memory.size, constants
            0x24 => (1, 0),                             // global.set
            0x28..=0x35 => (1, 1),                      // loads
            0x36..=0x3e => (2, 0),                      // stores
            0x45 | 0x50 => (1, 1),                      // eqz
            0x46..=0x4f | 0x51..=0x66 => (2, 1),        // comparisons
            0x67..=0x69 | 0x79..=0x7b => (1, 1),        // clz, ctz, popcnt
            0x6a..=0x6c | 0x71..=0x78 => (2, 1),        // i32 arithmetic that cannot trap
            0x7c..=0x7e | 0x83..=0x8a => (2, 1),        // and i64
            0xa7 | 0xac | 0xad | 0xc0..=0xc4 => (1, 1), // between integers
            _ => return None,
        };
        let writes = matches!(bytes[0], 0x24 | 0x36..=0x3e);
        Some(Self {
            bytes,
            pops,
            pushes,
            writes,
        })
    }
}

/// The result of a block without parameters, if it has one; `None` for a block of another type.
fn block_type(ty: BlockType) -> Option<Option<ValType>> {
    match ty {
        BlockType::Empty => Some(None),
        BlockType::Result(result) => Some(Some(result)),
        BlockType::FunctionType(_) => None,
    }
}

/// What an open block knows while its body is read.
struct Frame {
    is_if: bool,
    /// Whether nothing was written on every path to its end; `None` before the first path.
    at_end: Option<bool>,
    at_start: Option<bool>,
}

/// Replaces what is slow by [`Op::Again`], and leaves out what is never reached.
///
/// Walks forward with one fact for each point: whether nothing was written on any path to it (and the
/// parameters are still the arguments). `None` where something slow comes after a write.
fn cut(ops: &[Op], n_params: u32) -> Option<Vec<Op>> {
    let mut out = Vec::new();
    let mut frames: Vec<Frame> = Vec::new();
    // `None`: not reachable.
    let mut clean = Some(true);
    // Where in `out` the straight run of code began that we are in.
    let mut run = 0;
    let join = |at: &mut Option<bool>, with: Option<bool>| {
        *at = match (*at, with) {
            (Some(a), Some(b)) => Some(a && b),
            (a, b) => a.or(b),
        };
    };
    let mut dead_depth = 0;
    for op in ops {
        if clean.is_none() {
            match op {
                Op::End | Op::Else if dead_depth == 0 => {}
                Op::End => {
                    dead_depth -= 1;
                    continue;
                }
                Op::Block(_) | Op::If(_) | Op::Loop => {
                    dead_depth += 1;
                    continue;
                }
                _ => continue,
            }
        }
        match op {
            Op::Slow | Op::Loop => {
                if clean != Some(true) {
                    return None;
                }
                out.truncate(run);
                out.extend([Op::Again, Op::Return]);
                clean = None;
                dead_depth = u32::from(*op == Op::Loop);
                continue;
            }
            Op::Block(_) | Op::If(_) => frames.push(Frame {
                is_if: matches!(op, Op::If(_)),
                at_end: None,
                at_start: clean,
            }),
            Op::Else => {
                let frame = frames.last_mut()?;
                join(&mut frame.at_end, clean);
                clean = frame.at_start;
                frame.is_if = false;
            }
            Op::End => {
                let mut frame = frames.pop()?;
                join(&mut frame.at_end, clean);
                if frame.is_if {
                    join(&mut frame.at_end, frame.at_start);
                }
                clean = frame.at_end;
            }
            Op::Br(depth) | Op::BrIf(depth) => {
                // A branch to the function's own label returns.
                let target = frames.len().checked_sub(1 + *depth as usize);
                if let Some(target) = target {
                    join(&mut frames[target].at_end, clean);
                }
                if matches!(op, Op::Br(_)) {
                    clean = None;
                }
            }
            Op::Return => clean = None,
            Op::Set(local) | Op::Tee(local) if *local < n_params => clean = clean.map(|_| false),
            Op::Plain(plain) if plain.writes => clean = clean.map(|_| false),
            _ => {}
        }
        out.push(op.clone());
        if op.arity().is_none() {
            run = out.len();
        }
    }
    Some(out)
}

/// Whether a path from `at` that falls through each `br_if`, unless that is the way to the slow path and nothing else,
/// and takes either arm of an `if`, ends without a call.
fn is_hot_path_free(ops: &[Op], mut at: usize) -> bool {
    while let Some(op) = ops.get(at) {
        match op {
            Op::Again => return false,
            Op::Return => return true,
            Op::BrIf(_) if !is_slow_next(ops, at + 1) => {}
            Op::Br(depth) | Op::BrIf(depth) => match end_of(ops, at, *depth) {
                Some(end) => at = end,
                None => return true,
            },
            Op::If(_) => {
                let other = else_of(ops, at + 1);
                return is_hot_path_free(ops, at + 1) || is_hot_path_free(ops, other);
            }
            // The end of the arm that was taken.
            Op::Else => match end_of(ops, at, 0) {
                Some(end) => at = end,
                None => return true,
            },
            _ => {}
        }
        at += 1;
    }
    true
}

/// Whether nothing but arguments is between `at` and a call.
fn is_slow_next(ops: &[Op], at: usize) -> bool {
    let is_argument = |op: &&Op| matches!(op, Op::Get(_) | Op::Const(_) | Op::End);
    matches!(
        ops[at..].iter().find(|op| !is_argument(op)),
        Some(Op::Again)
    )
}

/// The position of the `end` of the `depth`-th block around `at`, `None` for the function's own.
fn end_of(ops: &[Op], at: usize, depth: u32) -> Option<usize> {
    let mut open = i64::from(depth) + 1;
    ops.iter().enumerate().skip(at + 1).find_map(|(i, op)| {
        open += match op {
            Op::Block(_) | Op::If(_) => 1,
            Op::End => -1,
            _ => 0,
        };
        (open == 0).then_some(i)
    })
}

/// What comes after the first arm of the `if` whose body starts at `start`: its `else` arm, or its end.
fn else_of(ops: &[Op], start: usize) -> usize {
    let mut open = 1;
    for (i, op) in ops.iter().enumerate().skip(start) {
        match op {
            Op::Block(_) | Op::If(_) => open += 1,
            Op::Else if open == 1 => return i + 1,
            Op::End => open -= 1,
            _ => {}
        }
        if open == 0 {
            return i + 1;
        }
    }
    ops.len()
}

/// The function as an expression that needs no label to leave through, where it has one of these forms:
///
/// ```wat
/// block …a… br_if 0 …b… return end  again        =>  …a… if (result) again else …b… end
/// …a… if again return end …b…                    =>  the same
/// …a…                                            =>  …a…
/// ```
fn as_expression(ops: &[Op], result: Option<ValType>) -> Option<Vec<Op>> {
    let straight = |ops: &[Op]| {
        let mut height = 0u32;
        for op in ops {
            let (pops, pushes) = op.arity()?;
            height = height.checked_sub(pops)? + pushes;
        }
        Some(height)
    };
    let results = u32::from(result.is_some());
    if straight(ops) == Some(results) {
        return Some(ops.to_vec());
    }
    let (condition, fast) = match ops {
        [
            Op::Block(None),
            inner @ ..,
            Op::Return,
            Op::End,
            Op::Again,
            Op::Return,
        ] => {
            let branch = inner.iter().position(|op| *op == Op::BrIf(0))?;
            (&inner[..branch], &inner[branch + 1..])
        }
        inner => {
            let branch = inner.iter().position(|op| *op == Op::If(None))?;
            let [Op::Again, Op::Return, Op::End, fast @ ..] = &inner[branch + 1..] else {
                return None;
            };
            let fast = match fast {
                [fast @ .., Op::Return] => fast,
                fast => fast,
            };
            (&inner[..branch], fast)
        }
    };
    // Only the condition may be on the stack, so that nothing is passed into the arms.
    if straight(condition) != Some(1) || straight(fast) != Some(results) {
        return None;
    }
    let mut expression = condition.to_vec();
    expression.extend([Op::If(result), Op::Again, Op::Else]);
    expression.extend_from_slice(fast);
    expression.push(Op::End);
    Some(expression)
}

/// The locals that some path may read before it has written them.
fn zeroed(ops: &[Op], n_params: u32) -> Vec<u32> {
    // Written for certain: what was written in the blocks that are open.
    let mut written = vec![Vec::new()];
    let mut zeroed = Vec::new();
    for op in ops {
        match op {
            Op::Get(local)
                if *local >= n_params
                    && !zeroed.contains(local)
                    && !written.iter().any(|block| block.contains(local)) =>
            {
                zeroed.push(*local);
            }
            Op::Set(local) | Op::Tee(local) => written.last_mut().expect("a block").push(*local),
            Op::Block(_) | Op::If(_) => written.push(Vec::new()),
            Op::Else => *written.last_mut().expect("a block") = Vec::new(),
            Op::End => _ = written.pop(),
            _ => {}
        }
    }
    zeroed
}
