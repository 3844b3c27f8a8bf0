//! The entries of `.debug_info` and `.debug_types`: code offsets are moved where they stand, and what refers
//! to other sections is collected.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use gimli::{
    Abbreviations, Attribute, AttributeValue, DebugAbbrev, DwForm, LittleEndian, UnitHeader,
    constants as dw,
};

use super::{
    Patched, Reason, Sections, Slice,
    lists::{Base, Kind},
    pairs::Root,
    read_u32,
};
use crate::moves::Moves;

/// What the units refer to in other sections.
#[derive(Default)]
pub(super) struct Found {
    /// Into `.debug_ranges` and `.debug_loc`.
    pub(super) ranges: Vec<Root>,
    pub(super) locations: Vec<Root>,
    /// Into `.debug_rnglists` and `.debug_loclists`.
    pub(super) range_lists: BTreeMap<usize, Base>,
    pub(super) location_lists: BTreeMap<usize, Base>,
    /// Into `.debug_addr`: those that are code offsets. Others are addresses of data.
    pub(super) code_addresses: BTreeSet<usize>,
    /// Into `.debug_macro`.
    pub(super) macros: BTreeSet<usize>,
}

/// A reference to a list, which is overwritten when the list's new place is known.
pub(super) struct Fix {
    pub(super) at: usize,
    pub(super) width: usize,
    pub(super) kind: Kind,
    /// The old place.
    pub(super) old: usize,
}

/// Goes through units one by one.
pub(super) struct Walk<'a, 'm> {
    moves: &'m Moves,
    /// The new offset of each line program.
    lines: &'m BTreeMap<usize, usize>,
    abbreviations: DebugAbbrev<Slice<'a>>,
    /// Units share tables of abbreviations.
    cache: BTreeMap<usize, Rc<Abbreviations>>,
    addresses: &'a [u8],
    range_lists: &'a [u8],
    location_lists: &'a [u8],
    pub(super) found: Found,
    /// Of the section that is being walked.
    pub(super) fixes: Vec<Fix>,
}

/// What a unit's own entry says about the numbers in it.
#[derive(Clone, Copy)]
struct Unit {
    version: u16,
    /// The size of its offsets into sections.
    word: usize,
    base: Base,
    range_lists: usize,
    location_lists: usize,
}

/// An attribute's value and where it is.
struct Value<'a> {
    at: usize,
    width: usize,
    attribute: Attribute<Slice<'a>>,
}

impl<'a, 'm> Walk<'a, 'm> {
    pub(super) fn new(
        sections: &Sections<'a>,
        moves: &'m Moves,
        lines: &'m BTreeMap<usize, usize>,
    ) -> Self {
        let section = |name| sections.get(name).copied().unwrap_or_default();
        Self {
            moves,
            lines,
            abbreviations: DebugAbbrev::new(section(".debug_abbrev"), LittleEndian),
            cache: BTreeMap::new(),
            addresses: section(".debug_addr"),
            range_lists: section(".debug_rnglists"),
            location_lists: section(".debug_loclists"),
            found: Found::default(),
            fixes: Vec::new(),
        }
    }

    /// Moves the code offsets of a unit of `patched`.
    pub(super) fn unit(
        &mut self,
        header: &UnitHeader<Slice<'a>>,
        patched: &mut Patched<'_>,
    ) -> Result<(), Reason> {
        if header.address_size() != 4 {
            return Err("a unit has addresses of other than 4 bytes".into());
        }
        let table = header.debug_abbrev_offset();
        let abbreviations = match self.cache.get(&table.0) {
            Some(known) => Rc::clone(known),
            None => {
                let read = Rc::new(self.abbreviations.abbreviations(table)?);
                self.cache.insert(table.0, Rc::clone(&read));
                read
            }
        };
        let mut unit = None;
        let mut values = Vec::new();
        let mut entries = header.entries_raw(&abbreviations, None)?;
        let start = header.offset().0;
        while !entries.is_empty() {
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            values.clear();
            for spec in abbreviation.attributes() {
                let at = entries.next_offset().0;
                let attribute = entries.read_attribute(*spec)?;
                values.push(Value {
                    at: start + at,
                    width: entries.next_offset().0 - at,
                    attribute,
                });
            }
            let unit = match unit {
                Some(unit) => unit,
                None => *unit.insert(self.root(header, &values)?),
            };
            self.entry(&unit, &values, patched)?;
        }
        Ok(())
    }

    /// What the unit's first entry, whose `values` these are, says about the others.
    fn root(&self, header: &UnitHeader<Slice<'a>>, values: &[Value<'a>]) -> Result<Unit, Reason> {
        let mut unit = Unit {
            version: header.version(),
            word: header.format().word_size().into(),
            base: Base {
                code: 0,
                addresses: 0,
            },
            range_lists: 0,
            location_lists: 0,
        };
        let mut low_pc = None;
        for Value { attribute, .. } in values {
            match (attribute.name(), attribute.value()) {
                (dw::DW_AT_dwo_name | dw::DW_AT_GNU_dwo_name, _) => {
                    return Err("part of it is in other files (`-gsplit-dwarf`)".into());
                }
                (dw::DW_AT_low_pc, value) => low_pc = Some(value),
                (_, AttributeValue::DebugAddrBase(base)) => unit.base.addresses = base.0,
                (_, AttributeValue::DebugRngListsBase(base)) => unit.range_lists = base.0,
                (_, AttributeValue::DebugLocListsBase(base)) => unit.location_lists = base.0,
                _ => {}
            }
        }
        unit.base.code = match low_pc {
            Some(AttributeValue::Addr(address)) => address,
            Some(AttributeValue::DebugAddrIndex(index)) => {
                read_u32(self.addresses, unit.base.address(index.0 as u64)?)?.into()
            }
            _ => 0,
        };
        Ok(unit)
    }

    fn entry(
        &mut self,
        unit: &Unit,
        values: &[Value<'a>],
        patched: &mut Patched<'_>,
    ) -> Result<(), Reason> {
        let (mut low_pc, mut length) = (None, None);
        for value in values {
            let name = value.attribute.name();
            let is_code = name != dw::DW_AT_const_value;
            let old = match value.attribute.value() {
                AttributeValue::Addr(old) if is_code => {
                    if let Some(new) = self.moves.at(old) {
                        patched.set(value.at, value.width, new)?;
                    }
                    old
                }
                AttributeValue::DebugAddrIndex(index) if is_code => {
                    let at = unit.base.address(index.0 as u64)?;
                    self.found.code_addresses.insert(at);
                    read_u32(self.addresses, at)?.into()
                }
                AttributeValue::Udata(old) if name == dw::DW_AT_high_pc => {
                    length = Some((value, old));
                    continue;
                }
                other => {
                    self.reference(unit, value, other, patched)?;
                    continue;
                }
            };
            if name == dw::DW_AT_low_pc {
                low_pc = Some(old);
            }
        }
        // `DW_AT_high_pc` may be a length from `DW_AT_low_pc` on.
        if let (Some(start), Some((value, old))) = (low_pc, length)
            && let Some(new) = self.moves.at(start)
            && let Some(end) = start.checked_add(old).and_then(|end| self.moves.at(end))
        {
            set_length(patched, value, old, end.saturating_sub(new))?;
        }
        Ok(())
    }

    /// A value that refers to another section.
    fn reference(
        &mut self,
        unit: &Unit,
        value: &Value<'a>,
        refers_to: AttributeValue<Slice<'a>>,
        patched: &mut Patched<'_>,
    ) -> Result<(), Reason> {
        let (kind, old) = match refers_to {
            AttributeValue::DebugLineRef(old) => {
                let new = self.lines.get(&old.0);
                let new = *new.ok_or("a unit refers to a line program that is not there")?;
                return patched.set(value.at, value.width, new as u64);
            }
            AttributeValue::DebugMacroRef(at) => {
                self.found.macros.insert(at.0);
                return Ok(());
            }
            AttributeValue::SecOffset(at) if value.attribute.name() == dw::DW_AT_GNU_macros => {
                self.found.macros.insert(at);
                return Ok(());
            }
            AttributeValue::RangeListsRef(list) if unit.version < 5 => {
                self.found.ranges.push((list.0, unit.base.code));
                return Ok(());
            }
            AttributeValue::LocationListsRef(list) if unit.version < 5 => {
                self.found.locations.push((list.0, unit.base.code));
                return Ok(());
            }
            AttributeValue::RangeListsRef(list) => {
                self.found.range_lists.insert(list.0, unit.base);
                (Kind::Ranges, list.0)
            }
            AttributeValue::LocationListsRef(list) => {
                self.found.location_lists.insert(list.0, unit.base);
                (Kind::Locations, list.0)
            }
            AttributeValue::DebugRngListsIndex(index) => {
                let list = indexed(self.range_lists, unit.range_lists, unit.word, index.0)?;
                self.found.range_lists.insert(list, unit.base);
                return Ok(());
            }
            AttributeValue::DebugLocListsIndex(index) => {
                let list = indexed(self.location_lists, unit.location_lists, unit.word, index.0)?;
                self.found.location_lists.insert(list, unit.base);
                return Ok(());
            }
            AttributeValue::DebugRngListsBase(base) => (Kind::Ranges, base.0),
            AttributeValue::DebugLocListsBase(base) => (Kind::Locations, base.0),
            _ => return Ok(()),
        };
        self.fixes.push(Fix {
            at: value.at,
            width: value.width,
            kind,
            old,
        });
        Ok(())
    }
}

/// Where list `index` of the table at `base` begins.
fn indexed(section: &[u8], base: usize, word: usize, index: usize) -> Result<usize, Reason> {
    let at = index
        .checked_mul(word)
        .and_then(|offset| offset.checked_add(base));
    let offset = read_u32(section, at.ok_or("a reference leaves its section")?)?;
    Ok(base.saturating_add(offset as usize))
}

/// Overwrites a length, in whatever form it is.
fn set_length(
    patched: &mut Patched<'_>,
    value: &Value<'_>,
    old: u64,
    new: u64,
) -> Result<(), Reason> {
    if old == new {
        return Ok(());
    }
    match value.attribute.form() {
        dw::DW_FORM_data1 | dw::DW_FORM_data2 | dw::DW_FORM_data4 | dw::DW_FORM_data8 => {
            patched.set(value.at, value.width, new)
        }
        // As many bytes as there were, whether it needs them or not.
        form @ (dw::DW_FORM_udata | dw::DW_FORM_sdata) => {
            let bits = 7 * value.width as u32 - u32::from(form == dw::DW_FORM_sdata);
            if bits < u64::BITS && new >> bits != 0 {
                return Err("a code offset no longer fits its field".into());
            }
            for i in 0..value.width {
                let more = if i + 1 < value.width { 0x80 } else { 0 };
                let byte = new.checked_shr(7 * i as u32).unwrap_or(0) & 0x7f;
                patched.set(value.at + i, 1, byte | more)?;
            }
            Ok(())
        }
        DwForm(form) => Err(Reason(format!("a length is in the form {form:#x}"))),
    }
}
