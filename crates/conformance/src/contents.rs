//! The bytes that a block should hold, as far as they are known.
//!
//! Blocks of up to [`WHOLE_BYTES`] are known byte for byte. Of larger ones the two ends are, which is
//! where allocators go wrong, so that a block of 2 GiB costs neither time nor memory.

/// Up to this size every byte of a block is painted and compared.
pub const WHOLE_BYTES: u32 = 256 << 10;

/// How much is painted at either end of a larger block.
const END_BYTES: u32 = 64 << 10;

/// The period of the paint: prime, so that shifted copies do not look alike.
const PERIOD: usize = 4093;

/// Known bytes by offset: disjoint runs, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Run {
    offset: u32,
    bytes: Vec<u8>,
}

impl Run {
    /// The part of this run between two offsets, if there is any.
    fn between(&self, start: u64, end: u64) -> Option<Self> {
        let own_start = u64::from(self.offset);
        let own_end = own_start + self.bytes.len() as u64;
        let (start, end) = (start.max(own_start), end.min(own_end));
        (start < end).then(|| Self {
            offset: start as u32,
            bytes: self.bytes[(start - own_start) as usize..(end - own_start) as usize].to_vec(),
        })
    }
}

/// A byte that is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Bytes into the block.
    pub offset: u32,
    /// What should be there.
    pub expected: u8,
    /// What is there.
    pub found: u8,
}

impl Contents {
    /// `size` bytes of paint, another one for each `seed`.
    pub fn painted(seed: u32, size: u32) -> Self {
        let runs = if size <= WHOLE_BYTES {
            vec![(0, size)]
        } else {
            vec![(0, END_BYTES), (size - END_BYTES, END_BYTES)]
        };
        let runs = runs.into_iter().filter(|&(_, n)| n > 0);
        let run = |(offset, n)| Run {
            offset,
            bytes: paint(seed.wrapping_add(offset), n),
        };
        Self {
            runs: runs.map(run).collect(),
        }
    }

    /// `size` bytes of 0.
    pub fn zero(size: u32) -> Self {
        let mut contents = Self::painted(0, size);
        for run in &mut contents.runs {
            run.bytes.fill(0);
        }
        contents
    }

    /// Exactly these bytes.
    pub fn exactly(bytes: &[u8]) -> Self {
        let run = Run {
            offset: 0,
            bytes: bytes.to_vec(),
        };
        Self {
            runs: if bytes.is_empty() { vec![] } else { vec![run] },
        }
    }

    /// What is known of `n` bytes from `offset` on, as contents of their own.
    pub fn part(&self, offset: u32, n: u32) -> Self {
        let start = u64::from(offset);
        let parts = self
            .runs
            .iter()
            .filter_map(|run| run.between(start, start + u64::from(n)));
        Self {
            runs: parts
                .map(|run| Run {
                    offset: run.offset - offset,
                    ..run
                })
                .collect(),
        }
    }

    /// Puts the first `n` bytes of `new` at `offset`. What is not known of them is not known here.
    pub fn replace(&mut self, offset: u32, n: u32, new: &Self) {
        let (start, end) = (u64::from(offset), u64::from(offset) + u64::from(n));
        let before = self.runs.iter().filter_map(|run| run.between(0, start));
        let behind = self
            .runs
            .iter()
            .filter_map(|run| run.between(end, u64::MAX));
        let moved = new.part(0, n).runs;
        let moved = moved.into_iter().map(|run| Run {
            offset: run.offset + offset,
            ..run
        });
        self.runs = before.chain(moved).chain(behind).collect();
    }

    /// Writes them at `address`.
    pub fn write(&self, memory: &mut [u8], address: u32) {
        for run in &self.runs {
            let start = address as usize + run.offset as usize;
            memory[start..start + run.bytes.len()].copy_from_slice(&run.bytes);
        }
    }

    /// The first byte at `address` that differs from them.
    pub fn mismatch(&self, memory: &[u8], address: u32) -> Option<Mismatch> {
        self.runs.iter().find_map(|run| {
            let start = address as usize + run.offset as usize;
            let found = &memory[start..start + run.bytes.len()];
            if found == run.bytes {
                return None;
            }
            let at = found
                .iter()
                .zip(&run.bytes)
                .position(|(found, expected)| found != expected)?;
            let offset = run.offset + at as u32;
            Some(Mismatch {
                offset,
                expected: run.bytes[at],
                found: found[at],
            })
        })
    }
}

/// `n` bytes of the paint that begins at `seed`.
pub fn paint(seed: u32, n: u32) -> Vec<u8> {
    /// Two periods, so that one period from any start is a slice.
    static PAINT: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
        let mut state = 0x2545_f491_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Never 0, which is what untouched memory holds.
            (state >> 24) as u8 | 1
        };
        let period: Vec<u8> = (0..PERIOD).map(|_| next()).collect();
        period.repeat(2)
    });
    let start = (seed.wrapping_mul(0x9e37_79b9) >> 8) as usize % PERIOD;
    let mut bytes = Vec::with_capacity(n as usize);
    while bytes.len() < n as usize {
        let len = PERIOD.min(n as usize - bytes.len());
        bytes.extend_from_slice(&PAINT[start..start + len]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_put_back_changes_nothing() {
        let whole = Contents::painted(3, 100);
        let mut copy = whole.clone();
        copy.replace(10, 20, &whole.part(10, 20));
        let (mut left, mut right) = ([0; 100], [0; 100]);
        whole.write(&mut left, 0);
        copy.write(&mut right, 0);
        assert_eq!(left, right);
    }

    #[test]
    fn finds_the_one_byte_that_changed() {
        let contents = Contents::painted(1, 50);
        let mut memory = [0; 64];
        contents.write(&mut memory, 8);
        assert_eq!(contents.mismatch(&memory, 8), None);
        memory[8 + 31] ^= 4;
        assert_eq!(
            contents
                .mismatch(&memory, 8)
                .map(|mismatch| mismatch.offset),
            Some(31)
        );
    }

    #[test]
    fn a_large_block_is_known_at_its_ends() {
        let large = Contents::painted(1, 3 << 30);
        assert_eq!(large.part(0, 100).runs[0].bytes.len(), 100);
        assert!(large.part(1 << 30, 1000).runs.is_empty());
        assert_eq!(large.part((3 << 30) - 8, 8).runs[0].bytes.len(), 8);
    }

    #[test]
    fn paint_is_never_zero_and_differs_by_seed() {
        assert!(paint(1, 10_000).iter().all(|&byte| byte != 0));
        assert_ne!(paint(1, 64), paint(2, 64));
    }
}
