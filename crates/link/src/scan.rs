//! Finds the instructions of a body that linking is about, without decoding the others.
//!
//! Most of a link's time would go into operators that are copied anyway. Here an instruction is an opcode
//! and as many bytes as its operands have; those that are rare or have an encoding of their own (two-byte
//! opcodes, `select` with types, `try_table`) are left to wasmparser. What is malformed is found when
//! the result is validated.

use std::ops::Range;

use wasmparser::{BinaryReader, BinaryReaderError, Operator, OperatorsReader};

/// An instruction that linking is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// `i32.const`
    Const(i32),
    Call(u32),
    ReturnCall(u32),
    RefFunc(u32),
    /// Anything that opens a block, and so numbers a label.
    Block,
}

/// What most instructions look like: an opcode and numbers of one byte each.
#[derive(Clone, Copy)]
struct Short {
    n_operands: u8,
    /// The bits of the two bytes behind the opcode of which one is set where the instruction is longer.
    longer: u16,
}

/// By opcode; `None` for those that are looked at one by one.
const SHORT: [Option<Short>; 256] = {
    let mut table = [None; 256];
    let mut opcode = 0;
    while opcode < 256 {
        let (n_operands, longer) = match opcode {
            // No operands.
            0x00 | 0x01 | 0x05 | 0x0b | 0x0f | 0x1a | 0x1b | 0x45..=0xc4 => (0, 0),
            // An index, or a number of 64 bits.
            0x0c | 0x0d | 0x20..=0x26 | 0x3f | 0x40 | 0x42 => (1, 0x0080),
            // A type and a table.
            0x11 | 0x13 => (2, 0x8080),
            // An alignment, one bit of which says that a memory follows, and an offset.
            0x28..=0x3e => (2, 0x80c0),
            _ => (u8::MAX, 0),
        };
        if n_operands < u8::MAX {
            table[opcode] = Some(Short { n_operands, longer });
        }
        opcode += 1;
    }
    table
};

/// Reads a body's instructions.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The offset of `bytes` in the file.
    start: usize,
}

impl<'a> Scanner<'a> {
    /// From where `reader` stands: behind the body's locals.
    pub(crate) fn new(reader: &BinaryReader<'a>) -> Self {
        let start = reader.original_position();
        let mut rest = reader.clone();
        let bytes = rest
            .read_bytes(reader.bytes_remaining())
            .unwrap_or_default();
        Self {
            bytes,
            at: 0,
            start,
        }
    }

    /// The next instruction that linking is about, and its place in the file; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(Range<usize>, Found)>, BinaryReaderError> {
        while let Some(&opcode) = self.bytes.get(self.at) {
            let at = self.at;
            let short = SHORT[usize::from(opcode)];
            if let (Some(short), Some([a, b])) = (short, self.bytes.get(at + 1..at + 3))
                && u16::from_le_bytes([*a, *b]) & short.longer == 0
            {
                self.at += 1 + usize::from(short.n_operands);
                continue;
            }
            self.at += 1;
            let found = match opcode {
                0x28..=0x3e => {
                    self.skip_memarg();
                    None
                }
                0x10 => Some(Found::Call(self.leb(at)?)),
                0x12 => Some(Found::ReturnCall(self.leb(at)?)),
                0xd2 => Some(Found::RefFunc(self.leb(at)?)),
                0x41 => Some(Found::Const(self.signed_leb(at)?)),
                0x02..=0x04 if self.is_short_block_type() => {
                    self.at += 1;
                    Some(Found::Block)
                }
                0x43 => {
                    self.at += 4;
                    None
                }
                0x44 => {
                    self.at += 8;
                    None
                }
                0x0e => {
                    for _ in 0..=self.leb(at)? {
                        if self.at >= self.bytes.len() {
                            break;
                        }
                        self.skip_leb();
                    }
                    None
                }
                _ => match short {
                    Some(short) => {
                        (0..short.n_operands).for_each(|_| self.skip_leb());
                        None
                    }
                    None => self.other(at)?,
                },
            };
            if let Some(found) = found {
                return Ok(Some((self.start + at..self.start + self.at, found)));
            }
        }
        Ok(None)
    }

    /// Steps over the bytes of a number, as many as say that another follows, and one.
    fn skip_leb(&mut self) {
        while self.bytes.get(self.at).is_some_and(|byte| *byte >= 0x80) {
            self.at += 1;
        }
        self.at += 1;
    }

    /// An alignment, a memory if a bit of the alignment says so, and an offset.
    fn skip_memarg(&mut self) {
        let has_memory = self
            .bytes
            .get(self.at)
            .is_some_and(|flags| flags & 0x40 != 0);
        for _ in 0..2 + u32::from(has_memory) {
            self.skip_leb();
        }
    }

    /// Whether a block's type has one byte: nothing, a number or an abstract reference, or an index below 64.
    fn is_short_block_type(&self) -> bool {
        self.bytes
            .get(self.at)
            .is_some_and(|byte| *byte < 0x80 && !matches!(byte, 0x62..=0x65))
    }

    fn leb(&mut self, opcode_at: usize) -> Result<u32, BinaryReaderError> {
        if let Some(&byte) = self.bytes.get(self.at)
            && byte < 0x80
        {
            self.at += 1;
            return Ok(byte.into());
        }
        let mut reader = self.reader(opcode_at + 1);
        let value = reader.read_var_u32()?;
        self.at = reader.original_position() - self.start;
        Ok(value)
    }

    fn signed_leb(&mut self, opcode_at: usize) -> Result<i32, BinaryReaderError> {
        let mut reader = self.reader(opcode_at + 1);
        let value = reader.read_var_i32()?;
        self.at = reader.original_position() - self.start;
        Ok(value)
    }

    fn reader(&self, at: usize) -> BinaryReader<'a> {
        BinaryReader::new(&self.bytes[at..], self.start + at)
    }

    /// The instruction at `at`, by wasmparser.
    fn other(&mut self, at: usize) -> Result<Option<Found>, BinaryReaderError> {
        let found = match self.bytes[at] {
            // A reader of one instruction does not know the blocks that these stand in.
            0x19 => None,
            0x07 | 0x18 => {
                self.skip_leb();
                None
            }
            _ => {
                let mut reader = OperatorsReader::new(self.reader(at));
                let operator = reader.read()?;
                self.at = reader.original_position() - self.start;
                match operator {
                    Operator::Block { .. }
                    | Operator::Loop { .. }
                    | Operator::If { .. }
                    | Operator::Try { .. }
                    | Operator::TryTable { .. } => Some(Found::Block),
                    _ => None,
                }
            }
        };
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use arbitrary::Unstructured;
    use wasm_smith::{Config, Module};
    use wasmparser::{Parser, Payload};

    use super::*;

    /// The same by wasmparser alone.
    fn decoded(body: &wasmparser::FunctionBody<'_>) -> Vec<(Range<usize>, Found)> {
        let mut operators = body.get_operators_reader().unwrap();
        let mut all = Vec::new();
        while !operators.eof() {
            let start = operators.original_position();
            let found = match operators.read().unwrap() {
                Operator::I32Const { value } => Found::Const(value),
                Operator::Call { function_index } => Found::Call(function_index),
                Operator::ReturnCall { function_index } => Found::ReturnCall(function_index),
                Operator::RefFunc { function_index } => Found::RefFunc(function_index),
                Operator::Block { .. }
                | Operator::Loop { .. }
                | Operator::If { .. }
                | Operator::Try { .. }
                | Operator::TryTable { .. } => Found::Block,
                _ => continue,
            };
            all.push((start..operators.original_position(), found));
        }
        all
    }

    fn scanned(body: &wasmparser::FunctionBody<'_>) -> Vec<(Range<usize>, Found)> {
        let code = body.get_binary_reader_for_operators().unwrap();
        let mut scanner = Scanner::new(&code);
        let mut all = Vec::new();
        while let Some(found) = scanner.next().unwrap() {
            all.push(found);
        }
        all
    }

    /// Compares both on every body of `wasm`; how many instructions they found.
    fn compare(wasm: &[u8]) -> usize {
        let mut n = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CodeSectionEntry(body) = payload.unwrap() {
                let all = scanned(&body);
                assert_eq!(all, decoded(&body));
                n += all.len();
            }
        }
        n
    }

    #[test]
    fn generated_bodies_are_read_as_wasmparser_reads_them() {
        let mut n_found = 0;
        for seed in 0..300u64 {
            let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let noise: Vec<u8> = (0..4000)
                .map(|_| {
                    state ^= state << 13;
                    state ^= state >> 7;
                    state ^= state << 17;
                    (state >> 24) as u8
                })
                .collect();
            let config = Config {
                exceptions_enabled: true,
                gc_enabled: true,
                memory64_enabled: true,
                reference_types_enabled: true,
                relaxed_simd_enabled: true,
                simd_enabled: true,
                tail_call_enabled: true,
                threads_enabled: true,
                max_memories: 3,
                min_funcs: 3,
                ..Config::default()
            };
            let module = Module::new(config, &mut Unstructured::new(&noise)).unwrap();
            n_found += compare(&module.to_bytes());
        }
        assert!(n_found > 5_000, "only {n_found} instructions");
    }

    #[test]
    fn every_encoding_is_stepped_over() {
        let wasm = wat::parse_str(
            r#"(module
                (memory 1) (memory 1) (table 2 funcref) (tag $tag (param i32))
                (type $pair (func (param i32 i64) (result i64 i32)))
                (func $f (param i32) (result i32)
                    (local $r (ref null $pair))
                    block (result (ref null $pair)) ref.null $pair end drop
                    block (result externref) ref.null extern end drop
                    i32.const -64 i64.const -9000000000 type_block i32.const 64 drop drop
                    f32.const 1 drop f64.const 16.5 drop
                    i32.const 5 i32.load 1 offset=700 align=1 drop
                    i32.const 300 i64.load offset=4000000000 drop
                    block block block local.get 0 br_table 0 1 2 1 0 2 end end end
                    i32.const 1 ref.func $f table.set 0
                    i32.const 1 i32.const 2 local.get 0 select (result i32) drop
                    try_table (catch $tag 0) end
                    i32.const 0 i32.const 0 i32.const 16 memory.copy 1 0
                    v128.const i64x2 1 2 i32x4.extract_lane 3
                    call $f call $f call_indirect (param i32) (result i32)
                    return_call $f)
                (elem declare func $f))"#
                .replace("type_block", "block (type $pair) i32.const 9 drop i64.const 7 drop drop drop i64.const 1 i32.const 2 end"),
        )
        .unwrap();
        assert!(compare(&wasm) > 20);
        // `try`, `catch`, `delegate` and `catch_all` of the exceptions of old, around calls.
        let body = [
            0x00, 0x06, 0x40, 0x10, 0x00, 0x07, 0x00, 0x1a, 0x19, 0x10, 0x01, 0x0b, 0x06, 0x40,
            0x18, 0x00, 0x10, 0x82, 0x80, 0x00, 0x0b,
        ];
        let body = wasmparser::FunctionBody::new(BinaryReader::new(&body, 0));
        assert_eq!(scanned(&body), decoded(&body));
        assert_eq!(scanned(&body).len(), 5);
    }

    #[test]
    fn bodies_that_end_in_the_middle_do_not_panic() {
        let body: Vec<u8> = vec![
            0x02, 0x40, 0x41, 0x80, 0x01, 0x28, 0x42, 0x01, 0x90, 0x10, 0x0e, 0x85, 0x01, 0x01,
            0x02, 0x44, 0x00, 0x10, 0x83, 0x80, 0x80, 0x00, 0xfd, 0x0c, 0x1c, 0x01, 0x7f, 0x0b,
        ];
        for start in 0..body.len() {
            for end in start..=body.len() {
                let code = BinaryReader::new(&body[start..end], 100);
                let mut scanner = Scanner::new(&code);
                while let Ok(Some((place, _))) = scanner.next() {
                    assert!(place.start >= 100);
                }
            }
        }
    }
}
