//! The tables of DWARF 2 to 4: pairs of 4-byte numbers, overwritten where they stand.

use std::collections::BTreeSet;

use gimli::{LittleEndian, Reader as _};

use super::{Patched, Reason, Slice, unit_length};
use crate::moves::Moves;

/// As the first of a pair, says that the second is the base of what follows.
const NEW_BASE: u32 = u32::MAX;

/// A list that an entry refers to: where it begins, and the code offset that it counts from.
pub(super) type Root = (usize, u64);

/// `.debug_ranges`, or with expressions behind its pairs `.debug_loc`.
///
/// ```text
/// (start, end) …  (-1, base)  (start, end) …  (0, 0)
/// ```
pub(super) fn lists(
    section: &[u8],
    has_expressions: bool,
    roots: &[Root],
    moves: &Moves,
) -> Result<Vec<u8>, Reason> {
    let mut patched = Patched::new(section);
    // Lists may share their ends; each pair is visited once.
    let mut visited = BTreeSet::new();
    for (start, base) in roots {
        let (mut at, mut base) = (*start, *base);
        while visited.insert(at) {
            let behind = at.checked_add(4).ok_or("a reference leaves its section")?;
            let (first, second) = (patched.u32(at)?, patched.u32(behind)?);
            at = behind + 4;
            if first == NEW_BASE {
                base = second.into();
                patched.set(at - 4, 4, moves.at(base).unwrap_or(base))?;
                continue;
            }
            if (first, second) == (0, 0) {
                break;
            }
            if let Some((first, second)) = moved(first, second, base, moves) {
                patched.set(at - 8, 4, first)?;
                patched.set(at - 4, 4, second)?;
            }
            if has_expressions {
                let mut expression = Slice::new(section, LittleEndian);
                expression.skip(at)?;
                at += 2 + usize::from(expression.read_u16()?);
            }
        }
    }
    Ok(patched.new)
}

/// The pair that names the same code, from the new place of `base` on.
fn moved(first: u32, second: u32, base: u64, moves: &Moves) -> Option<(u64, u64)> {
    let new_base = moves.at(base).unwrap_or(base);
    let new = |offset: u32| {
        let new = moves.at(base.checked_add(offset.into())?)?;
        new.checked_sub(new_base)
    };
    Some(match (new(first)?, new(second)?) {
        // Empty, and still not the end of the list.
        (0, 0) => (1, 1),
        pair => pair,
    })
}

/// `.debug_aranges`: for each unit a table of (start, length).
pub(super) fn aranges(section: &[u8], moves: &Moves) -> Result<Vec<u8>, Reason> {
    let mut patched = Patched::new(section);
    let mut input = Slice::new(section, LittleEndian);
    while !input.is_empty() {
        let start = section.len() - input.len();
        let (mut unit, word) = unit_length(&mut input)?;
        let end = section.len() - input.len();
        unit.skip(2 + word)?;
        if (unit.read_u8()?, unit.read_u8()?) != (4, 0) {
            return Err("`.debug_aranges` has addresses of other than 4 bytes".into());
        }
        // The table is aligned to the size of a pair, from the unit's start on.
        let header = end - unit.len() - start;
        unit.skip(header.next_multiple_of(8) - header)?;
        while unit.len() >= 8 {
            let at = end - unit.len();
            let (first, length) = (u64::from(unit.read_u32()?), u64::from(unit.read_u32()?));
            if let (Some(new), Some(end)) = (moves.at(first), moves.at(first + length)) {
                patched.set(at, 4, new)?;
                patched.set(at + 4, 4, end.saturating_sub(new))?;
            }
        }
    }
    Ok(patched.new)
}
