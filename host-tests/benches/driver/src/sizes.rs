//! Sizes whose logarithm is uniform, without a float.

/// How many sizes an octave has.
const N_STEPS: usize = 256;

/// `2^(i / 256)` with 16 bits behind the point.
static STEPS: [u32; N_STEPS] = steps();

const fn steps() -> [u32; N_STEPS] {
    // 2^(1/256) with 60 bits behind the point, so that 255 multiplications lose nothing that counts.
    const ROOT: u128 = 1_156_047_391_917_129_430;
    let mut steps = [0; N_STEPS];
    let mut power: u128 = 1 << 60;
    let mut i = 0;
    while i < N_STEPS {
        steps[i] = (power >> 44) as u32;
        power = (power * ROOT) >> 60;
        i += 1;
    }
    steps
}

/// A size from 1 to 4084 bytes whose logarithm is uniform, of 24 random bits.
#[inline(always)]
pub(crate) fn size(bits: u32) -> usize {
    let octave = ((bits & 0xffff) * 12) >> 16;
    let step = STEPS[((bits >> 16) & 0xff) as usize];
    ((step << octave) >> 16) as usize
}
