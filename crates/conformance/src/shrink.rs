//! Makes a failing program short.
//!
//! Delta debugging over ops: take out ever smaller pieces as long as the rest still fails, then make
//! each size and count as small as it can be, and start over until nothing helps. Ops name what they
//! work on, so that any subset is a program; the outcome depends on the program and nothing else.

use crate::{Op, Size, Source};

/// A program that still `fails`; where `max_tries` are enough, one that no longer does without any one of its
/// ops.
pub fn shrink(
    mut program: Vec<Op>,
    max_tries: usize,
    mut fails: impl FnMut(&[Op]) -> bool,
) -> Vec<Op> {
    let mut tries = 0;
    let mut fails = |candidate: &[Op]| {
        tries += 1;
        tries <= max_tries && fails(candidate)
    };
    loop {
        let before = program.clone();
        program = fewer(program, &mut fails);
        program = smaller(program, &mut fails);
        if program == before {
            return program;
        }
    }
}

/// Takes out runs of ops: halves first, single ops last.
fn fewer(mut program: Vec<Op>, fails: &mut impl FnMut(&[Op]) -> bool) -> Vec<Op> {
    let mut len = program.len().div_ceil(2);
    while len > 0 {
        let mut start = 0;
        while start < program.len() {
            let end = (start + len).min(program.len());
            let candidate = [&program[..start], &program[end..]].concat();
            if fails(&candidate) {
                program = candidate;
            } else {
                start = end;
            }
        }
        len /= 2;
    }
    program
}

/// Puts a simpler op in the place of each.
fn smaller(mut program: Vec<Op>, fails: &mut impl FnMut(&[Op]) -> bool) -> Vec<Op> {
    for at in 0..program.len() {
        while let Some(simpler) = simpler(program[at]).into_iter().find(|&op| {
            let mut candidate = program.clone();
            candidate[at] = op;
            fails(&candidate)
        }) {
            program[at] = simpler;
        }
    }
    program
}

/// Ops like this one, but simpler; following them ends.
fn simpler(op: Op) -> Vec<Op> {
    match op {
        Op::Alloc { block, size } => sizes(size)
            .into_iter()
            .map(|size| Op::Alloc { block, size })
            .collect(),
        Op::ReallocNull { block, size, .. } => vec![Op::Alloc { block, size }],
        Op::Realloc { block, size } => sizes(size)
            .into_iter()
            .map(|size| Op::Realloc { block, size })
            .collect(),
        Op::AllocAligned {
            block,
            size,
            align_log2,
        } => {
            let aligned = |size, align_log2| Op::AllocAligned {
                block,
                size,
                align_log2,
            };
            let plain = [Op::Alloc { block, size }].into_iter();
            plain
                .chain(
                    sizes(size)
                        .into_iter()
                        .map(|size| aligned(size, align_log2)),
                )
                .chain(numbers(align_log2).map(|log2| aligned(size, log2)))
                .collect()
        }
        Op::AllocZeroed { block, size } => sizes(size)
            .into_iter()
            .map(|size| Op::AllocZeroed { block, size })
            .collect(),
        Op::TryAlloc { block, size } => sizes(size)
            .into_iter()
            .map(|size| Op::TryAlloc { block, size })
            .collect(),
        Op::ResizeInPlace { block, size } => sizes(size)
            .into_iter()
            .map(|size| Op::ResizeInPlace { block, size })
            .collect(),
        Op::MemCopy {
            to,
            to_offset,
            from,
            from_offset,
            n,
        } => numbers(n)
            .map(|n| Op::MemCopy {
                to,
                to_offset,
                from,
                from_offset,
                n,
            })
            .chain(numbers(to_offset).map(|to_offset| Op::MemCopy {
                to,
                to_offset,
                from,
                from_offset,
                n,
            }))
            .chain(numbers(from_offset).map(|from_offset| Op::MemCopy {
                to,
                to_offset,
                from,
                from_offset,
                n,
            }))
            .collect(),
        Op::Promote {
            block,
            scope,
            source,
            size,
        } => {
            let offset = match source {
                Source::Block { offset, .. } | Source::Static { offset } => offset,
            };
            let moved = numbers(offset).map(|offset| match source {
                Source::Block { block, .. } => Source::Block { block, offset },
                Source::Static { .. } => Source::Static { offset },
            });
            numbers(size)
                .map(|size| Op::Promote {
                    block,
                    scope,
                    source,
                    size,
                })
                .chain(moved.map(|source| Op::Promote {
                    block,
                    scope,
                    source,
                    size,
                }))
                .collect()
        }
        Op::ForeignGrow { pages } => numbers(pages)
            .filter(|&pages| pages > 0)
            .map(|pages| Op::ForeignGrow { pages })
            .collect(),
        Op::LimitGrowth { pages } => numbers(pages)
            .map(|pages| Op::LimitGrowth { pages })
            .collect(),
        Op::Enter { .. }
        | Op::Exit { .. }
        | Op::ExitClosed { .. }
        | Op::FreeAll
        | Op::Free { .. }
        | Op::LiftLimit => vec![],
    }
}

fn sizes(size: Size) -> Vec<Size> {
    match size {
        Size::Bytes(n) => numbers(n).map(Size::Bytes).collect(),
        Size::Room(more) => {
            let simple = [8, 65_536].map(Size::Bytes).into_iter();
            simple.chain((more != 0).then_some(Size::Room(0))).collect()
        }
    }
}

/// Numbers below `n`, the smallest first.
fn numbers(n: u32) -> impl Iterator<Item = u32> {
    let candidates = [0, 1, 8, n / 2, n.saturating_sub(n % 8), n.saturating_sub(1)];
    candidates
        .into_iter()
        .filter(move |&candidate| candidate < n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        BlockName,
        generate::{Dialect, Extensions, program},
    };

    /// Programs "fail" where they allocate 100 bytes or more after a foreign growth.
    fn fails(ops: &[Op]) -> bool {
        let growth = ops
            .iter()
            .position(|op| matches!(op, Op::ForeignGrow { .. }));
        growth.is_some_and(|at| {
            ops[at..].iter().any(|op| {
                matches!(
                    op,
                    Op::Alloc {
                        size: Size::Bytes(100..,),
                        ..
                    }
                )
            })
        })
    }

    #[test]
    fn leaves_what_the_failure_needs_and_nothing_else() {
        let long = program(
            5,
            500,
            Dialect {
                in_program: true,
                exact_handles: true,
                extensions: Extensions::NONE,
            },
        );
        assert!(fails(&long));
        let short = shrink(long, 3000, fails);
        assert!(
            matches!(
                short[..],
                [
                    Op::ForeignGrow { pages: 1 },
                    Op::Alloc {
                        block: BlockName(_),
                        size: Size::Bytes(100)
                    }
                ]
            ),
            "{short:?}"
        );
    }
}
