//! Numbers that are the same on every machine.

/// Marsaglia's xorshift.
pub(crate) struct Random(u64);

impl Random {
    /// Seeds that are neighbours give numbers that have nothing in common.
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`, which is not 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) % n as u64) as usize
    }
}
