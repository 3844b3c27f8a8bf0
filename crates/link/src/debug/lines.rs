//! Line programs: tables of (code offset, file, line), each row encoded as the difference to the one before.
//!
//! ```text
//! special opcode:  code offset += 6, line += 1, row      =>   code offset += 12, line += 1, row
//! ```
//!
//! What does not touch the code offset is copied. The steps between two rows are summed up, and written as
//! one step to where the second row's instruction is now.

use std::collections::BTreeMap;

use gimli::{LittleEndian, Reader as _};
use wasm_encoder::Encode;

use super::{Reason, Slice, close_unit, unit_length};
use crate::moves::Moves;

const EXTENDED: u8 = 0;
const COPY: u8 = 1;
const ADVANCE_PC: u8 = 2;
const CONST_ADD_PC: u8 = 8;
const FIXED_ADVANCE_PC: u8 = 9;
const END_SEQUENCE: u8 = 1;
const SET_ADDRESS: u8 = 2;

/// `.debug_line` anew.
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    /// For the old offset of each program, the new one.
    pub(super) places: BTreeMap<usize, usize>,
}

pub(super) fn rewrite(section: &[u8], moves: &Moves) -> Result<Lines, Reason> {
    let mut input = Slice::new(section, LittleEndian);
    let mut bytes = Vec::with_capacity(section.len());
    let mut places = BTreeMap::new();
    while !input.is_empty() {
        let (start, new_start) = (section.len() - input.len(), bytes.len());
        places.insert(start, new_start);
        let (mut unit, word) = unit_length(&mut input)?;
        let end = section.len() - input.len();
        let header = Header::read(&mut unit, word)?;
        bytes.extend_from_slice(&section[start..end - unit.len()]);
        Program {
            header,
            moves,
            out: &mut bytes,
            rows: None,
        }
        .run(unit)?;
        close_unit(&mut bytes, new_start, word)?;
    }
    Ok(Lines { bytes, places })
}

/// What the header says about opcodes.
struct Header<'a> {
    line_range: u8,
    opcode_base: u8,
    /// How many operands each standard opcode has, from opcode 1 on.
    n_operands: Slice<'a>,
}

impl<'a> Header<'a> {
    /// Reads the header behind its length; what is left of `unit` is the program.
    fn read(unit: &mut Slice<'a>, word: usize) -> Result<Self, Reason> {
        let version = unit.read_u16()?;
        if !(2..=5).contains(&version) {
            return Err("a line program is of an unknown version".into());
        }
        if version == 5 {
            let (_address_size, _segment_selector_size) = (unit.read_u8()?, unit.read_u8()?);
        }
        let length = match word {
            8 => usize::try_from(unit.read_u64()?).unwrap_or(usize::MAX),
            _ => unit.read_u32()? as usize,
        };
        let mut header = unit.split(length)?;
        let minimum_instruction_length = header.read_u8()?;
        let operations_per_instruction = if version >= 4 { header.read_u8()? } else { 1 };
        if (minimum_instruction_length, operations_per_instruction) != (1, 1) {
            return Err("a line program counts in other units than bytes".into());
        }
        let (_is_stmt, _line_base) = (header.read_u8()?, header.read_u8()?);
        let (line_range, opcode_base) = (header.read_u8()?, header.read_u8()?);
        if line_range == 0 || opcode_base <= FIXED_ADVANCE_PC {
            return Err("a line program's opcodes are not those of DWARF".into());
        }
        Ok(Self {
            line_range,
            opcode_base,
            n_operands: header.split(usize::from(opcode_base) - 1)?,
        })
    }

    /// By how much the largest special opcode steps on, which `DW_LNS_const_add_pc` does as well.
    fn const_step(&self) -> u64 {
        u64::from((255 - self.opcode_base) / self.line_range)
    }
}

struct Program<'p> {
    header: Header<'p>,
    moves: &'p Moves,
    out: &'p mut Vec<u8>,
    /// The rows of code that is there; `None` in those of a function that was left out.
    rows: Option<Rows>,
}

/// The state of the line machine in both programs.
struct Rows {
    /// The code offset by the old program.
    old: u64,
    /// The code offset by what is written.
    new: u64,
}

impl Program<'_> {
    fn run(mut self, mut input: Slice<'_>) -> Result<(), Reason> {
        while !input.is_empty() {
            let instruction = input;
            let opcode = input.read_u8()?;
            let step = match opcode {
                EXTENDED => {
                    let length = input.read_uleb128()?;
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    let operands = input.split(length)?;
                    let written = &instruction.slice()[..instruction.len() - input.len()];
                    self.extended(operands, written)?;
                    continue;
                }
                ADVANCE_PC => input.read_uleb128()?,
                CONST_ADD_PC => self.header.const_step(),
                FIXED_ADVANCE_PC => input.read_u16()?.into(),
                opcode if opcode >= self.header.opcode_base => {
                    self.special(opcode)?;
                    continue;
                }
                opcode => {
                    let operands = self.header.n_operands[usize::from(opcode) - 1];
                    for _ in 0..operands {
                        input.skip_leb128()?;
                    }
                    if opcode == COPY {
                        self.step_to_row()?;
                    }
                    let length = instruction.len() - input.len();
                    self.out.extend_from_slice(&instruction.slice()[..length]);
                    continue;
                }
            };
            match &mut self.rows {
                Some(rows) => rows.old = rows.old.wrapping_add(step),
                None => {
                    let length = instruction.len() - input.len();
                    self.out.extend_from_slice(&instruction.slice()[..length]);
                }
            }
        }
        Ok(())
    }

    fn extended(&mut self, mut operands: Slice<'_>, written: &[u8]) -> Result<(), Reason> {
        match operands.read_u8()? {
            SET_ADDRESS => {
                if operands.len() != 4 {
                    return Err("a line program has addresses of other than 4 bytes".into());
                }
                let old = u64::from(operands.read_u32()?);
                self.rows = self.moves.at(old).map(|new| Rows { old, new });
                match &self.rows {
                    Some(rows) => set_address(self.out, rows.new),
                    None => self.out.extend_from_slice(written),
                }
                return Ok(());
            }
            END_SEQUENCE => {
                self.step_to_row()?;
                self.rows = None;
            }
            _ => {}
        }
        self.out.extend_from_slice(written);
        Ok(())
    }

    /// An opcode that steps on in code and lines, and makes a row.
    fn special(&mut self, opcode: u8) -> Result<(), Reason> {
        let Some(rows) = &mut self.rows else {
            self.out.push(opcode);
            return Ok(());
        };
        let header = &self.header;
        let adjusted = opcode - header.opcode_base;
        rows.old = rows
            .old
            .wrapping_add(u64::from(adjusted / header.line_range));
        let lines = adjusted % header.line_range;
        let special = |step: u64| {
            let opcode = step
                .checked_mul(header.line_range.into())?
                .checked_add(u64::from(lines) + u64::from(header.opcode_base))?;
            u8::try_from(opcode).ok()
        };
        let step = self
            .moves
            .at(rows.old)
            .and_then(|new| new.checked_sub(rows.new));
        if let Some((opcode, step)) = step.and_then(|step| Some((special(step)?, step))) {
            rows.new += step;
            self.out.push(opcode);
            return Ok(());
        }
        let opcode = special(0).ok_or("a line program's opcodes are not those of DWARF")?;
        self.step_to_row()?;
        self.out.push(opcode);
        Ok(())
    }

    /// Writes the step from the last row to this one.
    fn step_to_row(&mut self) -> Result<(), Reason> {
        let Some(rows) = &mut self.rows else {
            return Ok(());
        };
        let new = self
            .moves
            .at(rows.old)
            .ok_or("a line program leaves the code section")?;
        match new.checked_sub(rows.new) {
            Some(0) => {}
            Some(step) if step == self.header.const_step() => self.out.push(CONST_ADD_PC),
            Some(step) => {
                self.out.push(ADVANCE_PC);
                step.encode(self.out);
            }
            None => set_address(self.out, new),
        }
        rows.new = new;
        Ok(())
    }
}

fn set_address(out: &mut Vec<u8>, address: u64) {
    out.extend_from_slice(&[EXTENDED, 5, SET_ADDRESS]);
    out.extend_from_slice(&(address as u32).to_le_bytes());
}
