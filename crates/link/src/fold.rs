//! What an inlined function computes from constants, computed.
//!
//! Most programs know the sizes of what they allocate. Then the comparisons that choose among a function's paths are
//! constants, and only the path that is taken is copied.

use std::mem;

use crate::template::{Op, Plain};

/// Instructions, and how many of those before are not among them.
pub(crate) struct Folded {
    pub(crate) ops: Vec<Op>,
    pub(crate) folded: u32,
}

/// Folds `ops`, which have no loops, over `n_locals` locals of which nothing is known at the start.
pub(crate) fn fold(ops: Vec<Op>, n_locals: usize) -> Folded {
    let n_before = ops.len();
    let mut folder = Folder {
        reads: reads(&ops, n_locals),
        out: Vec::with_capacity(n_before),
        known: Some(vec![None; n_locals]),
        frames: Vec::new(),
        skipped: 0,
    };
    for op in ops {
        folder.add(op);
    }
    let ops = without_dead_stores(folder.out, n_locals);
    Folded {
        folded: n_before.saturating_sub(ops.len()) as u32,
        ops,
    }
}

/// The constants that locals are known to hold.
type Known = Vec<Option<i32>>;

/// A block, or an arm of an `if`, that is open.
struct Frame {
    /// What holds at its end on the paths that were seen; `None` before the first one.
    at_end: Option<Known>,
    /// What held at the start of an `if`.
    at_start: Option<Known>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// A block, or the second arm of an `if`.
    Plain,
    /// The first arm of an `if` that is written as one.
    If,
    /// The first arm, and the only one, because the condition is 1.
    Always,
    /// The first arm, which is left out, because the condition is 0.
    Never,
}

struct Folder {
    out: Vec<Op>,
    /// How often each local is read in what is being folded.
    reads: Vec<u32>,
    /// `None` where nothing gets.
    known: Option<Known>,
    frames: Vec<Frame>,
    /// How many blocks are open in what is left out.
    skipped: u32,
}

impl Folder {
    fn add(&mut self, op: Op) {
        let Some(known) = &mut self.known else {
            match op {
                Op::Block(_) | Op::If(_) => self.skipped += 1,
                Op::End if self.skipped > 0 => self.skipped -= 1,
                Op::Else if self.skipped > 0 => {}
                Op::End => self.end(),
                Op::Else => self.otherwise(),
                _ => {}
            }
            return;
        };
        match op {
            Op::Get(local) => match (known[local as usize], &self.out[..]) {
                (Some(value), _) => self.out.push(Op::Const(value)),
                // It stays on the stack.
                (None, [.., Op::Set(set)]) if *set == local => {
                    self.out.pop();
                    if self.reads[local as usize] > 1 {
                        self.out.push(Op::Tee(local));
                    }
                }
                _ => self.out.push(op),
            },
            Op::Set(local) => {
                known[local as usize] = constant(&self.out);
                self.out.push(op);
            }
            Op::Tee(local) => {
                known[local as usize] = constant(&self.out);
                if let Some(value) = known[local as usize] {
                    self.out.extend([Op::Set(local), Op::Const(value)]);
                } else {
                    self.out.push(op);
                }
            }
            Op::Plain(plain) => self.plain(plain),
            Op::Block(_) => self.open(op, Kind::Plain),
            Op::If(ty) => match constant(&self.out) {
                None => self.open(op, Kind::If),
                Some(condition) => {
                    self.out.pop();
                    let kind = if condition == 0 {
                        Kind::Never
                    } else {
                        Kind::Always
                    };
                    self.open(Op::Block(ty), kind);
                    if kind == Kind::Never {
                        self.known = None;
                    }
                }
            },
            Op::Else => self.otherwise(),
            Op::End => self.end(),
            Op::Br(depth) => {
                self.branch(depth);
                self.out.push(op);
                self.known = None;
            }
            Op::BrIf(depth) => match constant(&self.out) {
                None => {
                    self.branch(depth);
                    self.out.push(op);
                }
                Some(0) => {
                    self.out.pop();
                }
                Some(_) => {
                    self.out.pop();
                    self.add(Op::Br(depth));
                }
            },
            Op::Const(_) | Op::Again => self.out.push(op),
            // A template has none of these any more.
            Op::Return | Op::Slow | Op::Loop => {
                self.out.push(op);
                self.known = None;
            }
        }
    }

    fn open(&mut self, op: Op, kind: Kind) {
        self.frames.push(Frame {
            at_end: None,
            at_start: self.known.clone(),
            kind,
        });
        self.out.push(op);
    }

    /// The second arm of an `if` begins.
    fn otherwise(&mut self) {
        let known = self.known.take();
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        meet(&mut frame.at_end, known);
        match frame.kind {
            Kind::Never => self.known.clone_from(&frame.at_start),
            Kind::Always => {}
            Kind::If | Kind::Plain => {
                self.known.clone_from(&frame.at_start);
                self.out.push(Op::Else);
            }
        }
        frame.kind = Kind::Plain;
    }

    fn end(&mut self) {
        let known = self.known.take();
        let Some(mut frame) = self.frames.pop() else {
            return;
        };
        meet(&mut frame.at_end, known);
        if matches!(frame.kind, Kind::If | Kind::Never) {
            meet(&mut frame.at_end, frame.at_start);
        }
        self.known = frame.at_end;
        // A branch to here stays, though nothing is jumped over: it also drops what lies below the result.
        self.out.push(Op::End);
        if self.known.is_none() {
            // Nothing gets here, which validation cannot know.
            self.out.push(Op::Plain(Plain::unreachable()));
        }
    }

    fn branch(&mut self, depth: u32) {
        let target = self.frames.len().checked_sub(1 + depth as usize);
        if let Some(target) = target {
            meet(&mut self.frames[target].at_end, self.known.clone());
        }
    }

    fn plain(&mut self, plain: Plain) {
        if let ([.., Op::Const(0)], [opcode]) = (&self.out[..], &plain.bytes[..])
            && plain.pops == 2
            && is_neutral(*opcode)
        {
            self.out.pop();
            return;
        }
        let value = match (&self.out[..], &plain.bytes[..]) {
            ([.., Op::Const(a), Op::Const(b)], [opcode]) if plain.pops == 2 => {
                binary(*opcode, *a, *b)
            }
            ([.., Op::Const(a)], [opcode]) if plain.pops == 1 => unary(*opcode, *a),
            _ => None,
        };
        match value {
            Some(value) => {
                self.out.truncate(self.out.len() - plain.pops as usize);
                self.out.push(Op::Const(value));
            }
            None => self.out.push(Op::Plain(plain)),
        }
    }
}

/// What is on top of the stack, where that is a constant.
fn constant(out: &[Op]) -> Option<i32> {
    match out {
        [.., Op::Const(value)] => Some(*value),
        _ => None,
    }
}

/// What holds on either path.
fn meet(at: &mut Option<Known>, with: Option<Known>) {
    match (&mut *at, with) {
        (_, None) => {}
        (None, with) => *at = with,
        (Some(at), Some(with)) => {
            for (a, b) in at.iter_mut().zip(with) {
                *a = a.filter(|a| Some(*a) == b);
            }
        }
    }
}

fn reads(ops: &[Op], n_locals: usize) -> Vec<u32> {
    let mut reads = vec![0u32; n_locals];
    for op in ops {
        if let Op::Get(local) = op {
            reads[*local as usize] += 1;
        }
    }
    reads
}

/// Leaves out constants that are put into a local which is not read before it is written again.
fn without_dead_stores(mut ops: Vec<Op>, n_locals: usize) -> Vec<Op> {
    let reads = reads(&ops, n_locals);
    let mut out = Vec::with_capacity(ops.len());
    for i in 0..ops.len() {
        if let (Op::Set(local), [.., Op::Const(_)]) = (&ops[i], &out[..])
            && (reads[*local as usize] == 0 || is_overwritten(&ops[i + 1..], *local))
        {
            out.pop();
            continue;
        }
        if let Op::Tee(local) = &ops[i]
            && reads[*local as usize] == 0
        {
            continue;
        }
        // Only what comes behind it is looked at again.
        out.push(mem::replace(&mut ops[i], Op::Again));
    }
    out
}

/// Whether the local is written before anything reads it, or branches.
fn is_overwritten(ops: &[Op], local: u32) -> bool {
    for op in ops {
        match op {
            Op::Set(other) | Op::Tee(other) if *other == local => return true,
            Op::Get(other) if *other == local => return false,
            Op::Get(_) | Op::Set(_) | Op::Tee(_) | Op::Const(_) | Op::Plain(_) => {}
            _ => return false,
        }
    }
    false
}

/// The result of a binary instruction, for those that allocators choose and compute sizes with.
fn binary(opcode: u8, a: i32, b: i32) -> Option<i32> {
    let (unsigned_a, unsigned_b) = (a as u32, b as u32);
    Some(match opcode {
        0x46 => i32::from(a == b),
        0x47 => i32::from(a != b),
        0x48 => i32::from(a < b),
        0x49 => i32::from(unsigned_a < unsigned_b),
        0x4a => i32::from(a > b),
        0x4b => i32::from(unsigned_a > unsigned_b),
        0x4c => i32::from(a <= b),
        0x4d => i32::from(unsigned_a <= unsigned_b),
        0x4e => i32::from(a >= b),
        0x4f => i32::from(unsigned_a >= unsigned_b),
        0x6a => a.wrapping_add(b),
        0x6b => a.wrapping_sub(b),
        0x6c => a.wrapping_mul(b),
        0x71 => a & b,
        0x72 => a | b,
        0x73 => a ^ b,
        0x74 => a.wrapping_shl(unsigned_b),
        0x75 => a.wrapping_shr(unsigned_b),
        0x76 => unsigned_a.wrapping_shr(unsigned_b) as i32,
        _ => return None,
    })
}

/// Whether a binary instruction yields its first operand where the second is 0: sums, shifts, `or` and `xor`.
fn is_neutral(opcode: u8) -> bool {
    matches!(opcode, 0x6a | 0x6b | 0x72..=0x76)
}

/// The result of a unary one.
fn unary(opcode: u8, a: i32) -> Option<i32> {
    Some(match opcode {
        0x45 => i32::from(a == 0),
        0x67 => a.leading_zeros() as i32,
        0x68 => a.trailing_zeros() as i32,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(opcode: u8, pops: u32) -> Op {
        Op::Plain(Plain {
            bytes: vec![opcode],
            pops,
            pushes: 1,
            writes: false,
        })
    }

    /// `local 0` is `argument`; a block whose first path is for less than 256, and adds 1 to local 1.
    fn paths(argument: i32) -> Vec<Op> {
        fold(
            vec![
                Op::Const(argument),
                Op::Set(0),
                Op::Block(None),
                Op::Get(0),
                Op::Const(-1),
                plain(0x6a, 2),
                Op::Tee(1),
                Op::Const(256),
                plain(0x4f, 2),
                Op::BrIf(0),
                Op::Get(1),
                Op::Again,
                Op::End,
                Op::Get(1),
            ],
            2,
        )
        .ops
    }

    #[test]
    fn only_the_path_that_is_taken_is_left() {
        assert_eq!(
            paths(16),
            [
                Op::Block(None),
                Op::Const(15),
                Op::Again,
                Op::End,
                Op::Const(15)
            ]
        );
        let skipped = |value| [Op::Block(None), Op::Br(0), Op::End, Op::Const(value)];
        assert_eq!(paths(1000), skipped(999));
        // Unsigned, as sizes are.
        assert_eq!(paths(0), skipped(-1));
    }

    #[test]
    fn what_two_paths_know_differently_is_not_known() {
        let ops = |other| {
            vec![
                Op::Block(None),
                Op::Const(1),
                Op::Set(0),
                Op::Get(1),
                Op::BrIf(0),
                Op::Const(other),
                Op::Set(0),
                Op::End,
                Op::Get(0),
            ]
        };
        assert_eq!(fold(ops(2), 2).ops, ops(2));
        assert_eq!(fold(ops(1), 2).ops.last(), Some(&Op::Const(1)));
    }

    #[test]
    fn an_if_with_a_constant_keeps_one_arm() {
        let arms = |condition| {
            fold(
                vec![
                    Op::Const(condition),
                    Op::If(None),
                    Op::Get(0),
                    Op::Br(0),
                    Op::Else,
                    Op::Block(None),
                    Op::Get(1),
                    Op::End,
                    Op::End,
                    Op::Get(2),
                ],
                3,
            )
            .ops
        };
        let first = [Op::Block(None), Op::Get(0), Op::Br(0), Op::End, Op::Get(2)];
        assert_eq!(arms(1), first);
        let second = [
            Op::Block(None),
            Op::Block(None),
            Op::Get(1),
            Op::End,
            Op::End,
            Op::Get(2),
        ];
        assert_eq!(arms(0), second);
    }

    #[test]
    fn behind_a_block_that_is_always_left_for_another_one_nothing_is_expected() {
        let ops = vec![
            Op::Block(None),
            Op::Block(None),
            Op::Const(1),
            Op::BrIf(1),
            Op::End,
            Op::Get(0),
            Op::Set(1),
            Op::End,
        ];
        let expected = [
            Op::Block(None),
            Op::Block(None),
            Op::Br(1),
            Op::End,
            Op::Plain(Plain::unreachable()),
            Op::End,
        ];
        assert_eq!(fold(ops, 2).ops, expected);
    }

    #[test]
    fn what_adds_nothing_is_left_out() {
        for opcode in [0x6a, 0x6b, 0x72, 0x73, 0x74, 0x75, 0x76] {
            let ops = vec![Op::Get(0), Op::Const(0), plain(opcode, 2)];
            assert_eq!(fold(ops, 1).ops, [Op::Get(0)]);
        }
        for opcode in [0x46, 0x6c, 0x71] {
            let ops = vec![Op::Get(0), Op::Const(0), plain(opcode, 2)];
            assert_eq!(fold(ops.clone(), 1).ops, ops);
        }
    }

    #[test]
    fn a_value_that_is_put_away_and_fetched_stays_on_the_stack() {
        let ops = vec![Op::Get(1), Op::Set(0), Op::Get(0), Op::Get(0)];
        let folded = fold(ops, 2);
        assert_eq!(folded.ops, [Op::Get(1), Op::Tee(0), Op::Get(0)]);
        assert_eq!(folded.folded, 1);
    }
}
