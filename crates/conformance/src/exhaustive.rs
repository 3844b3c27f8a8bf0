//! Every program up to a depth, over the sizes that matter.
//!
//! A program is a word of letters: allocate one of eight sizes, reallocate the newest or the oldest
//! block, open a scope, close the innermost or the outermost one, promote, free all, let somebody else
//! grow. Words with a letter that would mean nothing (a `realloc` where no block is alive) are left
//! out, because a shorter word says the same.

use crate::{BlockName, Op, ScopeName, Size, Source};

/// The sizes: nothing, one byte, one unit, what is left of the page and its neighbours, and where 32
/// bits give out.
pub const SIZES: [Size; 8] = [
    Size::Bytes(0),
    Size::Bytes(1),
    Size::Bytes(8),
    Size::Room(-1),
    Size::Room(0),
    Size::Room(1),
    Size::Bytes(1 << 31),
    Size::Bytes(u32::MAX),
];

/// Which letters there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alphabet {
    /// Letters that need a program around the conformer: static data, foreign growth.
    pub in_program: bool,
    /// Whether single blocks can be freed.
    pub free: bool,
}

/// What a letter works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// The newest block, the innermost scope.
    Last,
    /// The oldest block, the outermost scope.
    First,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letter {
    Alloc(Size),
    Realloc(Which, Size),
    Enter,
    Exit(Which),
    Promote(Which),
    PromoteStatic,
    FreeAll,
    Free(Which),
    ForeignGrow,
}

impl Alphabet {
    fn letters(self) -> Vec<Letter> {
        let mut letters = SIZES.map(Letter::Alloc).to_vec();
        letters.extend(SIZES.map(|size| Letter::Realloc(Which::Last, size)));
        letters.extend(SIZES.map(|size| Letter::Realloc(Which::First, size)));
        letters.extend([
            Letter::Enter,
            Letter::Exit(Which::Last),
            Letter::Exit(Which::First),
        ]);
        letters.extend([
            Letter::Promote(Which::Last),
            Letter::Promote(Which::First),
            Letter::FreeAll,
        ]);
        if self.free {
            letters.extend([Letter::Free(Which::Last), Letter::Free(Which::First)]);
        }
        if self.in_program {
            letters.extend([Letter::PromoteStatic, Letter::ForeignGrow]);
        }
        letters
    }
}

/// Every program of 1 to `depth` letters, shorter ones first.
pub fn programs(alphabet: Alphabet, depth: usize) -> impl Iterator<Item = Vec<Op>> {
    let letters = alphabet.letters();
    (1..=depth).flat_map(move |length| {
        let letters = letters.clone();
        let words = letters.len().pow(length as u32);
        (0..words).filter_map(move |mut word| {
            let mut spelling = Spelling::default();
            for _ in 0..length {
                spelling.write(letters[word % letters.len()])?;
                word /= letters.len();
            }
            Some(spelling.ops)
        })
    })
}

/// A word as it is spelled out in ops.
#[derive(Default)]
struct Spelling {
    ops: Vec<Op>,
    names: u32,
    /// Blocks that are alive, if they could be had, each with the number of scopes around it.
    blocks: Vec<(BlockName, usize)>,
    scopes: Vec<ScopeName>,
}

impl Spelling {
    /// Appends a letter; `None` where it means nothing here.
    fn write(&mut self, letter: Letter) -> Option<()> {
        let op = match letter {
            Letter::Alloc(size) => Op::Alloc {
                block: self.new_block(self.scopes.len()),
                size,
            },
            Letter::Realloc(which, size) => {
                let block = self.block(which)?;
                Op::Realloc { block, size }
            }
            Letter::Enter => {
                self.names += 1;
                self.scopes.push(ScopeName(self.names));
                Op::Enter {
                    scope: ScopeName(self.names),
                }
            }
            Letter::Exit(which) => Op::Exit {
                scope: self.close(which)?,
            },
            Letter::Promote(which) => {
                let source = Source::block(self.block(which)?);
                self.promote(which, source)?
            }
            Letter::PromoteStatic => self.promote(Which::Last, Source::Static { offset: 3 })?,
            Letter::FreeAll => {
                self.blocks.clear();
                self.scopes.clear();
                Op::FreeAll
            }
            Letter::Free(which) => {
                let block = self.block(which)?;
                self.blocks.retain(|(other, _)| *other != block);
                Op::Free { block }
            }
            Letter::ForeignGrow => Op::ForeignGrow { pages: 1 },
        };
        self.ops.push(op);
        Some(())
    }

    fn promote(&mut self, which: Which, source: Source) -> Option<Op> {
        let scope = self.close(which)?;
        let block = self.new_block(self.scopes.len());
        Some(Op::Promote {
            block,
            scope,
            source,
            size: 100,
        })
    }

    fn new_block(&mut self, depth: usize) -> BlockName {
        self.names += 1;
        self.blocks.push((BlockName(self.names), depth));
        BlockName(self.names)
    }

    /// A block, if there is one; the oldest one only where it is not the newest as well.
    fn block(&self, which: Which) -> Option<BlockName> {
        let found = match which {
            Which::Last => self.blocks.last(),
            Which::First if self.blocks.len() > 1 => self.blocks.first(),
            Which::First => None,
        };
        found.map(|(block, _)| *block)
    }

    fn close(&mut self, which: Which) -> Option<ScopeName> {
        let depth = match which {
            Which::Last => self.scopes.len().checked_sub(1)?,
            Which::First if self.scopes.len() > 1 => 0,
            Which::First => return None,
        };
        let scope = self.scopes[depth];
        self.scopes.truncate(depth);
        self.blocks.retain(|(_, owner)| *owner <= depth);
        Some(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_mean_nothing_are_left_out() {
        let alphabet = Alphabet {
            in_program: true,
            free: true,
        };
        let single: Vec<_> = programs(alphabet, 1).collect();
        // Eight sizes, enter, free-all, foreign growth: all else needs something to work on.
        assert_eq!(single.len(), 11);
        assert!(programs(alphabet, 3).all(|program| (1..=3).contains(&program.len())));
    }
}
