//! The lists of DWARF 5: ranges of code, and where a variable is in which range.
//!
//! Their numbers have variable lengths, so that the sections are encoded anew and each list gets a new place.
//! Most count from the start of the unit that refers to them, which is why the units come first.

use std::collections::{BTreeMap, BTreeSet};

use gimli::{LittleEndian, Reader as _};
use wasm_encoder::Encode;

use super::{Reason, Slice, close_unit, read_u32, unit_length};
use crate::moves::Moves;

/// What the lists of a section are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `.debug_rnglists`.
    Ranges,
    /// `.debug_loclists`: an expression behind each range.
    Locations,
}

/// What the numbers of a list count from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    /// The old code offset of the unit that refers to it.
    pub(super) code: u64,
    /// Where that unit's part of `.debug_addr` begins.
    pub(super) addresses: usize,
}

impl Base {
    /// Where the number `index` of the unit's addresses is in `.debug_addr`.
    pub(super) fn address(&self, index: u64) -> Result<usize, Reason> {
        usize::try_from(index)
            .ok()
            .and_then(|index| index.checked_mul(4)?.checked_add(self.addresses))
            .ok_or_else(|| "a reference leaves its section".into())
    }
}

/// A section anew.
pub(super) struct Lists {
    pub(super) bytes: Vec<u8>,
    /// For each list's old place, and for each table's of lists, the new one.
    pub(super) places: BTreeMap<usize, usize>,
}

/// Encodes `section` anew. `bases` are the lists that the units refer to; the others are copied. Entries of
/// `.debug_addr` (`addresses`) that the lists use are added to `code_addresses`.
pub(super) fn rewrite(
    kind: Kind,
    section: &[u8],
    bases: &BTreeMap<usize, Base>,
    addresses: &[u8],
    moves: &Moves,
    code_addresses: &mut BTreeSet<usize>,
) -> Result<Lists, Reason> {
    let mut lists = Lists {
        bytes: Vec::with_capacity(section.len()),
        places: BTreeMap::new(),
    };
    let mut input = Slice::new(section, LittleEndian);
    while !input.is_empty() {
        let start = section.len() - input.len();
        let new_start = lists.bytes.len();
        let (mut unit, word) = unit_length(&mut input)?;
        let end = section.len() - input.len();
        if (unit.read_u16()?, unit.read_u8()?, unit.read_u8()?) != (5, 4, 0) {
            return Err("lists are of an unknown version".into());
        }
        let n_offsets = unit.read_u32()? as usize;
        let base = end - unit.len();
        let new_base = new_start + (base - start);
        let offsets = unit.split(n_offsets.saturating_mul(word))?;
        lists
            .bytes
            .extend_from_slice(&section[start..end - unit.len()]);
        lists.places.insert(base, new_base);
        while !unit.is_empty() {
            let at = end - unit.len();
            lists.places.insert(at, lists.bytes.len());
            let mut list = List {
                kind,
                base: bases.get(&at).copied(),
                addresses,
                moves,
                code_addresses,
                out: &mut lists.bytes,
            };
            list.rewrite(&mut unit)?;
        }
        for (i, offset) in offsets.slice().chunks_exact(word).enumerate() {
            let old = u32_of(offset)?;
            let new = lists
                .places
                .get(&(base + old))
                .and_then(|new| new.checked_sub(new_base))
                .ok_or("a table refers to a list that does not begin there")?;
            let at = new_base + i * word;
            lists.bytes[at..at + word].copy_from_slice(&(new as u64).to_le_bytes()[..word]);
        }
        close_unit(&mut lists.bytes, new_start, word)?;
    }
    Ok(lists)
}

/// An offset within a section, of 4 or 8 bytes.
fn u32_of(bytes: &[u8]) -> Result<usize, Reason> {
    Ok(read_u32(bytes, 0)? as usize)
}

/// One list on its way.
struct List<'l> {
    kind: Kind,
    /// What the next entry counts from; `None` where no unit refers to the list.
    base: Option<Base>,
    addresses: &'l [u8],
    moves: &'l Moves,
    code_addresses: &'l mut BTreeSet<usize>,
    out: &'l mut Vec<u8>,
}

/// The kinds of entries, by the meaning that they share in both sections.
enum Entry {
    End,
    BaseIndex,
    StartIndexEndIndex,
    StartIndexLength,
    OffsetPair,
    Default,
    Base,
    StartEnd,
    StartLength,
    ViewPair,
}

impl Entry {
    fn of(kind: Kind, code: u8) -> Option<Self> {
        Some(match (kind, code) {
            (_, 0) => Self::End,
            (_, 1) => Self::BaseIndex,
            (_, 2) => Self::StartIndexEndIndex,
            (_, 3) => Self::StartIndexLength,
            (_, 4) => Self::OffsetPair,
            (Kind::Locations, 5) => Self::Default,
            (Kind::Ranges, 5) | (Kind::Locations, 6) => Self::Base,
            (Kind::Ranges, 6) | (Kind::Locations, 7) => Self::StartEnd,
            (Kind::Ranges, 7) | (Kind::Locations, 8) => Self::StartLength,
            (Kind::Locations, 9) => Self::ViewPair,
            _ => return None,
        })
    }
}

impl List<'_> {
    /// Copies the list at the head of `input`, its end included, with the numbers of its code offsets moved.
    fn rewrite(&mut self, input: &mut Slice<'_>) -> Result<(), Reason> {
        loop {
            let code = input.read_u8()?;
            let entry = Entry::of(self.kind, code).ok_or("a list has an unknown entry")?;
            self.out.push(code);
            let mut has_expression = self.kind == Kind::Locations;
            match entry {
                Entry::End => return Ok(()),
                Entry::Default => {}
                Entry::BaseIndex => {
                    has_expression = false;
                    let index = input.read_uleb128()?;
                    let start = self.indexed(index)?;
                    self.set_base(start);
                    index.encode(self.out);
                }
                Entry::StartIndexEndIndex => {
                    for _ in 0..2 {
                        let index = input.read_uleb128()?;
                        self.indexed(index)?;
                        index.encode(self.out);
                    }
                }
                Entry::StartIndexLength => {
                    let (index, length) = (input.read_uleb128()?, input.read_uleb128()?);
                    let length = match self.indexed(index)? {
                        Some(start) => self.length(start, length),
                        None => length,
                    };
                    index.encode(self.out);
                    length.encode(self.out);
                }
                Entry::OffsetPair => {
                    let (first, second) = (input.read_uleb128()?, input.read_uleb128()?);
                    let moved = self.rebased(first).zip(self.rebased(second));
                    let (first, second) = moved.unwrap_or((first, second));
                    first.encode(self.out);
                    second.encode(self.out);
                }
                Entry::Base => {
                    has_expression = false;
                    let start = input.read_u32()?.into();
                    self.set_base(Some(start));
                    self.write_address(start);
                }
                Entry::StartEnd => {
                    for _ in 0..2 {
                        let address = input.read_u32()?.into();
                        self.write_address(address);
                    }
                }
                Entry::StartLength => {
                    let (start, length) = (input.read_u32()?.into(), input.read_uleb128()?);
                    self.write_address(start);
                    let length = self.length(start, length);
                    length.encode(self.out);
                }
                Entry::ViewPair => {
                    has_expression = false;
                    for _ in 0..2 {
                        let view = input.read_uleb128()?;
                        view.encode(self.out);
                    }
                }
            }
            if has_expression {
                let length = input.read_uleb128()?;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let expression = input.split(length)?;
                (length as u64).encode(self.out);
                self.out.extend_from_slice(expression.slice());
            }
        }
    }

    /// The old code offset that number `index` of the unit's addresses is; `None` where the list is nobody's.
    fn indexed(&mut self, index: u64) -> Result<Option<u64>, Reason> {
        let Some(base) = self.base else {
            return Ok(None);
        };
        let at = base.address(index)?;
        let address = read_u32(self.addresses, at)?;
        self.code_addresses.insert(at);
        Ok(Some(address.into()))
    }

    fn set_base(&mut self, start: Option<u64>) {
        if let (Some(base), Some(start)) = (&mut self.base, start) {
            base.code = start;
        }
    }

    /// What `offset` from the old base on is from the new one on.
    fn rebased(&self, offset: u64) -> Option<u64> {
        let base = self.base?.code;
        let new = self.moves.at(base.checked_add(offset)?)?;
        new.checked_sub(self.moves.at(base).unwrap_or(base))
    }

    /// How long the `length` bytes from `start` on are now.
    fn length(&self, start: u64, length: u64) -> u64 {
        let moved = || {
            let end = self.moves.at(start.checked_add(length)?)?;
            end.checked_sub(self.moves.at(start)?)
        };
        moved().unwrap_or(length)
    }

    fn write_address(&mut self, address: u64) {
        let new = self.moves.at(address).unwrap_or(address);
        self.out.extend_from_slice(&(new as u32).to_le_bytes());
    }
}
