//! Debug information (DWARF) that stays right although the code has moved.
//!
//! Code offsets are rewritten where they stand, so that entries keep their own offsets and whatever refers
//! to them (`.debug_names`, `.debug_pubnames`) stays right as it is. Only what holds numbers of variable
//! length is encoded anew, and what refers to that is told its new place:
//!
//! | section | what is done |
//! |---|---|
//! | `.debug_line` | encoded anew: each row gets its instruction's new offset |
//! | `.debug_rnglists`, `.debug_loclists` | encoded anew (DWARF 5) |
//! | `.debug_info`, `.debug_types` | code offsets, lengths of code, and references to the three above |
//! | `.debug_addr` | those entries that are used as code offsets |
//! | `.debug_ranges`, `.debug_loc`, `.debug_aranges` | pairs of numbers (DWARF 2 to 4) |
//! | `.debug_macro` | references to `.debug_line` |
//!
//! Addresses of data (`DW_OP_addr`) are offsets into memory, where nothing of the program moved. Where
//! linkers wrote 0, -1 or -2 for a function that they left out, that stays.

mod lines;
mod lists;
mod pairs;
mod units;

use std::{collections::BTreeMap, fmt};

use gimli::{DebugInfo, DebugTypes, EndianSlice, LittleEndian, Reader as _};

use crate::moves::Moves;
use units::Walk;

/// Sections of debug information by name, `.debug_` included.
pub(crate) type Sections<'a> = BTreeMap<&'a str, &'a [u8]>;

/// Those that hold neither code offsets nor references to what is encoded anew.
const UNTOUCHED: [&str; 11] = [
    ".debug_abbrev",
    ".debug_gdb_scripts",
    ".debug_gnu_pubnames",
    ".debug_gnu_pubtypes",
    ".debug_line_str",
    ".debug_macinfo",
    ".debug_names",
    ".debug_pubnames",
    ".debug_pubtypes",
    ".debug_str",
    ".debug_str_offsets",
];

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// Why debug information cannot be kept.
#[derive(Debug)]
pub(crate) struct Reason(String);

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<gimli::Error> for Reason {
    fn from(error: gimli::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<&str> for Reason {
    fn from(reason: &str) -> Self {
        Self(reason.into())
    }
}

/// The sections with their code offsets moved, by name. One that is not among them is of a kind whose
/// contents are not known.
///
/// # Errors
///
/// Where the information is damaged, or of a kind that linkers for wasm do not write.
pub(crate) fn rewrite<'a>(
    sections: &Sections<'a>,
    moves: &Moves,
) -> Result<BTreeMap<&'a str, Vec<u8>>, Reason> {
    let section = |name| sections.get(name).copied().unwrap_or_default();
    let mut kept: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (name, bytes) in sections.iter().filter(|(name, _)| UNTOUCHED.contains(name)) {
        kept.insert(name, bytes.to_vec());
    }

    let lines = lines::rewrite(section(".debug_line"), moves)?;
    let mut walk = Walk::new(sections, moves, &lines.places);
    let mut info = Patched::new(section(".debug_info"));
    let mut headers = DebugInfo::new(info.old, LittleEndian).units();
    while let Some(unit) = headers.next()? {
        walk.unit(&unit, &mut info)?;
    }
    let info_fixes = std::mem::take(&mut walk.fixes);
    let mut types = Patched::new(section(".debug_types"));
    let mut headers = DebugTypes::new(types.old, LittleEndian).units();
    while let Some(unit) = headers.next()? {
        walk.unit(&unit, &mut types)?;
    }
    let type_fixes = std::mem::take(&mut walk.fixes);
    let mut found = walk.found;

    let addresses = section(".debug_addr");
    let lists = |kind, bytes, bases: &_, code: &mut _| {
        lists::rewrite(kind, bytes, bases, addresses, moves, code)
    };
    let ranges = lists(
        lists::Kind::Ranges,
        section(".debug_rnglists"),
        &found.range_lists,
        &mut found.code_addresses,
    )?;
    let locations = lists(
        lists::Kind::Locations,
        section(".debug_loclists"),
        &found.location_lists,
        &mut found.code_addresses,
    )?;
    for (patched, fixes) in [(&mut info, info_fixes), (&mut types, type_fixes)] {
        for fix in fixes {
            let places = match fix.kind {
                lists::Kind::Ranges => &ranges.places,
                lists::Kind::Locations => &locations.places,
            };
            let new = places
                .get(&fix.old)
                .ok_or("an entry refers to a list that does not begin there")?;
            patched.set(fix.at, fix.width, *new as u64)?;
        }
    }

    let mut address = Patched::new(addresses);
    for at in &found.code_addresses {
        let old = address.u32(*at)?;
        if let Some(new) = moves.at(old.into()) {
            address.set(*at, 4, new)?;
        }
    }
    let mut macros = Patched::new(section(".debug_macro"));
    for at in &found.macros {
        patch_macro(&mut macros, *at, &lines.places)?;
    }
    let pairs = |name, has_expressions, roots: &[_]| {
        pairs::lists(section(name), has_expressions, roots, moves)
    };
    for (name, bytes) in [
        (".debug_line", lines.bytes),
        (".debug_info", info.new),
        (".debug_types", types.new),
        (".debug_rnglists", ranges.bytes),
        (".debug_loclists", locations.bytes),
        (".debug_addr", address.new),
        (".debug_macro", macros.new),
        (
            ".debug_ranges",
            pairs(".debug_ranges", false, &found.ranges)?,
        ),
        (".debug_loc", pairs(".debug_loc", true, &found.locations)?),
        (
            ".debug_aranges",
            pairs::aranges(section(".debug_aranges"), moves)?,
        ),
    ] {
        if let Some((name, _)) = sections.get_key_value(name) {
            kept.insert(name, bytes);
        }
    }
    Ok(kept)
}

/// The header of a unit in `.debug_macro` may say which line program belongs to it.
fn patch_macro(
    macros: &mut Patched<'_>,
    at: usize,
    lines: &BTreeMap<usize, usize>,
) -> Result<(), Reason> {
    const OFFSET_SIZE_IS_8: u8 = 1;
    const HAS_LINE_OFFSET: u8 = 2;
    let mut header = Slice::new(macros.old, LittleEndian);
    header.skip(at)?;
    header.read_u16()?;
    let flags = header.read_u8()?;
    if flags & HAS_LINE_OFFSET == 0 {
        return Ok(());
    }
    let (old, width) = match flags & OFFSET_SIZE_IS_8 {
        0 => (u64::from(header.read_u32()?), 4),
        _ => (header.read_u64()?, 8),
    };
    let new = usize::try_from(old).ok().and_then(|old| lines.get(&old));
    let new = *new.ok_or("macros refer to a line program that does not begin there")?;
    macros.set(at + 3, width, new as u64)
}

/// A copy of a section in which numbers are overwritten where they stand.
struct Patched<'a> {
    old: &'a [u8],
    new: Vec<u8>,
}

impl<'a> Patched<'a> {
    fn new(old: &'a [u8]) -> Self {
        let new = old.to_vec();
        Self { old, new }
    }

    /// The old number at `at`.
    fn u32(&self, at: usize) -> Result<u32, Reason> {
        read_u32(self.old, at)
    }

    /// Overwrites the `width` bytes at `at`.
    fn set(&mut self, at: usize, width: usize, value: u64) -> Result<(), Reason> {
        let all = value.to_le_bytes();
        let (low, high) = all
            .split_at_checked(width)
            .ok_or("a number is wider than 8 bytes")?;
        if high.iter().any(|byte| *byte != 0) {
            return Err("a code offset no longer fits its field".into());
        }
        let end = at.checked_add(width);
        end.and_then(|end| self.new.get_mut(at..end))
            .ok_or("a reference leaves its section")?
            .copy_from_slice(low);
        Ok(())
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Result<u32, Reason> {
    let word = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    let word = word.ok_or("a reference leaves its section")?;
    Ok(u32::from_le_bytes(*word))
}

/// Reads the length that begins a unit; returns it and the size of the unit's own offsets.
fn unit_length<'a>(input: &mut Slice<'a>) -> Result<(Slice<'a>, usize), Reason> {
    let (length, format) = input.read_initial_length()?;
    Ok((input.split(length)?, format.word_size().into()))
}

/// Overwrites the length of the unit that was written from `start` on, with offsets of `word` bytes.
fn close_unit(out: &mut [u8], start: usize, word: usize) -> Result<(), Reason> {
    // Where offsets have 8 bytes, the length does too, after 4 of an escape.
    let at = start + if word == 8 { 4 } else { 0 };
    let length = (out.len() - at - word) as u64;
    let field = out.get_mut(at..at + word).ok_or("a unit has no length")?;
    field.copy_from_slice(&length.to_le_bytes()[..word]);
    Ok(())
}
