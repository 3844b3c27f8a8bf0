//! Random programs: the same seed, the same program, on every machine.
//!
//! The generator keeps rough book of which blocks and scopes will be alive, so that most ops mean
//! something. Sizes are small as a rule, now and then what just fits or just does not, and rarely one
//! of the edges of a `u32`.

use crate::{BlockName, Op, ScopeName, Size, Source};

/// What a program may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// Calls that need a program around the conformer: copies, static data, foreign growth.
    pub in_program: bool,
    /// Exits of closed scopes.
    pub exact_handles: bool,
    /// Calls beyond the contract.
    pub extensions: Extensions,
}

/// Which functions of `sized` there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the interface's")]
pub struct Extensions {
    pub free: bool,
    pub alloc_aligned: bool,
    pub alloc_zeroed: bool,
    pub try_alloc: bool,
    pub resize_in_place: bool,
}

impl Extensions {
    /// None of them.
    pub const NONE: Self = Self {
        free: false,
        alloc_aligned: false,
        alloc_zeroed: false,
        try_alloc: false,
        resize_in_place: false,
    };

    /// Those of which `exports` says that they are there.
    pub fn of(exports: impl Fn(&str) -> bool) -> Self {
        Self {
            free: exports("free"),
            alloc_aligned: exports("alloc-aligned"),
            alloc_zeroed: exports("alloc-zeroed"),
            try_alloc: exports("try-alloc"),
            resize_in_place: exports("resize-in-place"),
        }
    }
}

/// A small generator of random numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers that follow from `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `n`, which is not 0.
    pub const fn below(&mut self, n: u32) -> u32 {
        (self.next_u64() % n as u64) as u32
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() {
            None
        } else {
            Some(of[self.below(of.len() as u32) as usize])
        }
    }
}

/// Sizes at which 32-bit arithmetic goes wrong.
const EDGES: [u32; 8] = [
    i32::MAX as u32 - 7,
    i32::MAX as u32,
    1 << 31,
    (1 << 31) + 8,
    u32::MAX - 65_535,
    u32::MAX - 8,
    u32::MAX - 7,
    u32::MAX,
];

/// A program of `length` ops.
pub fn program(seed: u64, length: usize, dialect: Dialect) -> Vec<Op> {
    let mut writer = Writer {
        random: Random::new(seed),
        dialect,
        names: 0,
        blocks: Vec::new(),
        open: Vec::new(),
        closed: Vec::new(),
    };
    (0..length).map(|_| writer.op()).collect()
}

struct Writer {
    random: Random,
    dialect: Dialect,
    names: u32,
    /// Blocks that are probably alive, with how many scopes are open around each.
    blocks: Vec<(BlockName, usize)>,
    open: Vec<ScopeName>,
    closed: Vec<ScopeName>,
}

impl Writer {
    fn op(&mut self) -> Op {
        loop {
            if let Some(op) = self.try_op() {
                return op;
            }
        }
    }

    fn try_op(&mut self) -> Option<Op> {
        // Where there are no extensions, a seed gives the program that it gave before there were any.
        if self.dialect.extensions != Extensions::NONE && self.random.below(3) == 0 {
            return self.extension();
        }
        match self.random.below(100) {
            0..36 => {
                let size = self.size();
                let block = self.new_block();
                Some(if self.random.below(12) == 0 {
                    Op::ReallocNull {
                        block,
                        old_size: self.random.next_u64() as u32,
                        size,
                    }
                } else {
                    Op::Alloc { block, size }
                })
            }
            36..54 => {
                let block = self.some_block()?;
                let size = self.size();
                self.blocks.retain(|(other, _)| *other != block);
                self.blocks.push((block, self.open.len()));
                Some(Op::Realloc { block, size })
            }
            54..60 if self.dialect.in_program => Some(Op::MemCopy {
                to: self.some_block()?,
                to_offset: self.random.below(64),
                from: self.some_block()?,
                from_offset: self.random.below(64),
                n: self.random.below(200),
            }),
            60..72 => {
                let scope = ScopeName(self.next_name());
                self.open.push(scope);
                Some(Op::Enter { scope })
            }
            72..80 => {
                let scope = self.some_scope()?;
                self.close(scope);
                Some(Op::Exit { scope })
            }
            80..88 => {
                let scope = self.some_scope()?;
                let source = if self.dialect.in_program && self.random.below(5) == 0 {
                    Source::Static {
                        offset: self.random.below(256),
                    }
                } else {
                    let offset = if self.random.below(2) == 0 {
                        0
                    } else {
                        self.random.below(40)
                    };
                    Source::Block {
                        block: self.some_block()?,
                        offset,
                    }
                };
                let size = match self.random.below(4) {
                    0 => u32::MAX >> 8,
                    _ => self.random.below(100),
                };
                self.close(scope);
                Some(Op::Promote {
                    block: self.new_block(),
                    scope,
                    source,
                    size,
                })
            }
            88..90 => {
                self.blocks.clear();
                self.closed.append(&mut self.open);
                Some(Op::FreeAll)
            }
            90..93 if self.dialect.in_program => Some(Op::ForeignGrow {
                pages: 1 + self.random.below(2),
            }),
            93..96 => Some(Op::LimitGrowth {
                pages: self.random.below(3),
            }),
            96..98 => Some(Op::LiftLimit),
            98.. if self.dialect.exact_handles => Some(Op::ExitClosed {
                scope: self.random.pick(&self.closed)?,
            }),
            _ => None,
        }
    }

    /// A call beyond the contract; `None` where there is no such function, or nothing to call it on.
    fn extension(&mut self) -> Option<Op> {
        let there = self.dialect.extensions;
        match self.random.below(10) {
            0..4 if there.free => {
                let block = self.some_block()?;
                self.blocks.retain(|(other, _)| *other != block);
                Some(Op::Free { block })
            }
            4 if there.alloc_aligned => {
                let size = self.size();
                let align_log2 = match self.random.below(20) {
                    0 => self.random.below(32),
                    _ => self.random.below(13),
                };
                let block = self.new_block();
                Some(Op::AllocAligned {
                    block,
                    size,
                    align_log2,
                })
            }
            5 if there.alloc_zeroed => {
                let size = self.size();
                let block = self.new_block();
                Some(Op::AllocZeroed { block, size })
            }
            6 if there.try_alloc => {
                let size = self.size();
                let block = self.new_block();
                Some(Op::TryAlloc { block, size })
            }
            7.. if there.resize_in_place => {
                let block = self.some_block()?;
                let size = self.size();
                Some(Op::ResizeInPlace { block, size })
            }
            _ => None,
        }
    }

    fn next_name(&mut self) -> u32 {
        self.names += 1;
        self.names
    }

    fn new_block(&mut self) -> BlockName {
        let block = BlockName(self.next_name());
        self.blocks.push((block, self.open.len()));
        block
    }

    /// Mostly one of the newest, where allocators have most to decide.
    fn some_block(&mut self) -> Option<BlockName> {
        let newest = self.blocks.len().saturating_sub(3);
        let from = if self.random.below(2) == 0 { newest } else { 0 };
        self.random
            .pick(&self.blocks[from..])
            .map(|(block, _)| block)
    }

    /// Mostly the innermost.
    fn some_scope(&mut self) -> Option<ScopeName> {
        if self.random.below(3) > 0 {
            self.open.last().copied()
        } else {
            self.random.pick(&self.open)
        }
    }

    fn close(&mut self, scope: ScopeName) {
        if let Some(depth) = self.open.iter().position(|open| *open == scope) {
            self.closed.extend(self.open.drain(depth..));
            self.blocks.retain(|(_, owner)| *owner <= depth);
        }
    }

    fn size(&mut self) -> Size {
        match self.random.below(40) {
            0..24 => Size::Bytes(self.random.below(65)),
            24..32 => Size::Bytes(self.random.below(2000)),
            32..35 => Size::Room(self.random.below(19) as i32 - 9),
            35..37 => Size::Bytes(65_528 + self.random.below(17)),
            37..39 => Size::Bytes(self.random.below(200_000)),
            _ => Size::Bytes(EDGES[self.random.below(EDGES.len() as u32) as usize]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Dialect = Dialect {
        in_program: true,
        exact_handles: true,
        extensions: Extensions::NONE,
    };

    #[test]
    fn a_seed_is_a_program() {
        assert_eq!(program(7, 200, ALL), program(7, 200, ALL));
        assert_ne!(program(7, 200, ALL), program(8, 200, ALL));
    }

    #[test]
    fn a_dialect_leaves_out_what_it_says() {
        let ops = program(
            1,
            5000,
            Dialect {
                in_program: false,
                exact_handles: false,
                extensions: Extensions {
                    try_alloc: true,
                    ..Extensions::NONE
                },
            },
        );
        assert!(ops.iter().any(|op| matches!(op, Op::TryAlloc { .. })));
        assert!(!ops.iter().any(|op| matches!(
            op,
            Op::MemCopy { .. }
                | Op::ForeignGrow { .. }
                | Op::Free { .. }
                | Op::AllocAligned { .. }
                | Op::ResizeInPlace { .. }
                | Op::ExitClosed { .. }
                | Op::Promote {
                    source: Source::Static { .. },
                    ..
                }
        )));
        assert!(
            program(1, 5000, ALL)
                .iter()
                .any(|op| matches!(op, Op::ExitClosed { .. }))
        );
    }
}
