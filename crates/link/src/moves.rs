//! Where the program's code went: old code offsets to new ones, for sections that point into the code.
//!
//! Offsets count from the start of the code section's contents, as debug information does. Bodies keep
//! their order and their instructions theirs, so the new offset never decreases where the old one grows.
//!
//! ```text
//! old:  size │ body …………… call ……………│ size │ body
//! new:  size │ body …………… inlined code ………│ size │ body
//! ```

use std::ops::Range;

/// The map from old code offsets to new ones. Made only for programs with sections that need it.
#[derive(Debug, Default)]
pub(crate) struct Moves {
    /// The file offset of the old code section's contents.
    code_start: usize,
    /// In the order of `old`. Those of one `old` are all kept: the last one counts.
    points: Vec<Point>,
    /// The number of `points` whose `new` is final; the others still count from their body's start.
    n_placed: usize,
    /// The old offset of the end of the last body.
    end: u64,
}

/// From an old offset on, up to the next point: where things are now.
#[derive(Clone, Copy, Debug)]
struct Point {
    old: u64,
    new: u64,
    /// Whether later bytes moved along one by one; else all are at `new`.
    keeps_pace: bool,
}

impl Moves {
    /// For the code section whose contents begin at the file offset `code_start`; in the new one, the first
    /// function is at `first_new`.
    pub(crate) fn new(code_start: usize, first_new: usize) -> Self {
        // Offset 0 is that of no function: linkers write it for functions that they left out.
        let points = vec![Point {
            old: 1,
            new: first_new as u64,
            keeps_pace: false,
        }];
        Self {
            code_start,
            points,
            n_placed: 1,
            end: 0,
        }
    }

    /// A body begins whose old bytes are at `start` in the file.
    pub(crate) fn begin(&mut self, start: usize) {
        self.push(start, 0, true);
    }

    /// What was at `old` in the file is at `new` in the body that was begun last.
    pub(crate) fn splice(&mut self, old: Range<usize>, new: Range<usize>) {
        if old.len() != new.len() {
            self.push(old.start, new.start, false);
            self.push(old.end, new.end, true);
        }
    }

    /// The body that was begun last ends at `old_end` in the file; its new bytes are at `new`.
    pub(crate) fn place(&mut self, old_end: usize, new: Range<usize>) {
        for point in &mut self.points[self.n_placed..] {
            point.new += new.start as u64;
        }
        // What follows is the next body's size.
        self.push(old_end, new.end, false);
        self.n_placed = self.points.len();
        self.end = (old_end - self.code_start) as u64;
    }

    fn push(&mut self, old: usize, new: usize, keeps_pace: bool) {
        self.points.push(Point {
            old: (old - self.code_start) as u64,
            new: new as u64,
            keeps_pace,
        });
    }

    /// The new offset of what is at `old`, the end of the last function included; `None` where that is not in
    /// the code, as with the 0, -1 and -2 that linkers write for what they left out.
    pub(crate) fn at(&self, old: u64) -> Option<u64> {
        if old > self.end {
            return None;
        }
        let next = self.points.partition_point(|point| point.old <= old);
        let point = self.points[..next].last()?;
        let pace = if point.keeps_pace { old - point.old } else { 0 };
        Some(point.new + pace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two bodies: at 2 of 10 bytes, where 3 bytes at 6 become 8; at 13 of 4 bytes, unchanged.
    fn moves() -> Moves {
        let mut moves = Moves::new(100, 2);
        moves.begin(102);
        moves.splice(106..109, 4..12);
        moves.place(112, 3..18);
        moves.begin(113);
        moves.place(117, 19..23);
        moves
    }

    #[test]
    fn instructions_keep_their_distance_from_what_was_spliced() {
        let moves = moves();
        let expected = [(2, 3), (5, 6), (6, 7), (7, 7), (9, 15), (11, 17)];
        for (old, new) in expected {
            assert_eq!(moves.at(old), Some(new), "{old}");
        }
    }

    #[test]
    fn the_end_of_a_function_is_the_start_of_the_next_ones_size() {
        let moves = moves();
        for (old, new) in [(12, 18), (13, 19), (16, 22), (17, 23)] {
            assert_eq!(moves.at(old), Some(new), "{old}");
        }
    }

    #[test]
    fn what_is_no_code_stays_unknown() {
        let moves = moves();
        for old in [0, 18, 0xffff_fffe, 0xffff_ffff] {
            assert_eq!(moves.at(old), None, "{old}");
        }
    }

    #[test]
    fn what_is_inserted_comes_before_what_was_there() {
        let mut moves = Moves::new(0, 1);
        moves.begin(2);
        // A local more: the code behind the declarations moves.
        moves.splice(3..3, 1..3);
        moves.place(8, 2..10);
        assert_eq!(moves.at(2), Some(2));
        assert_eq!(moves.at(3), Some(5));
    }
}
