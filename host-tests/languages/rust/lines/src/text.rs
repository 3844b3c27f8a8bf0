//! What is done to text, wherever it lies.

/// The lines, without their ends. What follows the last end is a line if there is something.
pub(crate) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
}

/// Small letters and digits, moved to the front of `word`: how many they are.
pub(crate) fn normalize(word: &mut [u8]) -> usize {
    let mut len = 0;
    for at in 0..word.len() {
        let byte = word[at].to_ascii_lowercase();
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() {
            word[len] = byte;
            len += 1;
        }
    }
    len
}
