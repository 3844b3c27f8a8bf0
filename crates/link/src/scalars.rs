//! Statics that nobody takes the address of become globals.
//!
//! A compiled conformer keeps its state in statics, which are memory: an engine reaches them through the
//! memory's base, and must assume that a program's store changes them. Where every use of a word is a
//! direct load or store, it need not be memory at all:
//!
//! ```wat
//! i32.const 0  i32.load offset=$HEAP                =>   global.get $HEAP
//! i32.const 0  …value…  i32.store offset=$HEAP      =>   …value…  global.set $HEAP
//! ```
//!
//! The relocations name every use. A symbol stays memory where one of them is an `i32.const` (its address
//! is taken), lies in the data, is of another width, or has an address besides the offset.

use std::collections::{BTreeMap, BTreeSet};

use wasmparser::{
    DataKind, FuncValidatorAllocations, Operator, Parser, RelocationEntry, RelocationType as Type,
    SymbolInfo, ValidPayload, Validator, WasmFeatures,
};

use crate::{
    Error,
    layout::{Layout, address},
    parse::{Parsed, i32_const},
    reach::Reached,
};

/// What becomes of an instruction of the conformer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// The address operand of a store that becomes a `global.set`.
    Drop,
    /// A load of word `n`.
    Get(u32),
    /// A store to word `n`.
    Set(u32),
}

/// A word that becomes a global.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Its address in the merged module, which nothing else uses then.
    pub(crate) address: u32,
    /// The initial value.
    pub(crate) init: u32,
    /// The symbol's name; several words may share it.
    pub(crate) name: String,
}

/// The words that become globals, and what that changes in the code.
#[derive(Debug, Default)]
pub(crate) struct Scalars {
    /// In the order of their addresses.
    pub(crate) words: Vec<Word>,
    /// By the instruction's offset in the moved conformer.
    pub(crate) edits: BTreeMap<usize, Edit>,
}

/// A direct load or store.
struct Access {
    symbol: u32,
    address: u32,
    at: usize,
    /// Where a store's address operand is.
    operand: Option<usize>,
    operand_of_load: Option<usize>,
}

/// Finds the words of `conformer`, whose addresses are final already, that can become globals.
pub(crate) fn find(
    conformer: &Parsed<'_>,
    reached: &Reached,
    layout: &Layout,
) -> Result<Scalars, Error> {
    let Some(linking) = &conformer.linking else {
        return Ok(Scalars::default());
    };
    let is_address = |entry: &&RelocationEntry| {
        matches!(
            entry.ty,
            Type::MemoryAddrLeb | Type::MemoryAddrSleb | Type::MemoryAddrI32
        )
    };
    let code_start = conformer.code_range.start;
    let in_code: BTreeMap<usize, &RelocationEntry> = linking
        .code
        .iter()
        .filter(is_address)
        .map(|entry| (code_start + entry.offset as usize, entry))
        .collect();
    let in_data = linking.data.iter().filter(is_address);
    let mut taken: BTreeSet<u32> = in_data.map(|entry| entry.index).collect();
    let mut accesses = Vec::new();
    walk(conformer, reached, |seen| {
        for (_, entry) in in_code.range(seen.at..seen.end) {
            let symbol = linking.symbols.get(entry.index as usize);
            let word = symbol.and_then(|symbol| word(conformer, layout, symbol, entry.addend));
            match (seen.operator, seen.address, word) {
                (Operator::I32Load { memarg }, Some(operand), Some(address))
                    if memarg.memory == 0 =>
                {
                    accesses.push(Access {
                        symbol: entry.index,
                        address,
                        at: seen.at,
                        operand: None,
                        operand_of_load: Some(operand),
                    });
                }
                (Operator::I32Store { memarg }, Some(operand), Some(address))
                    if memarg.memory == 0 =>
                {
                    accesses.push(Access {
                        symbol: entry.index,
                        address,
                        at: seen.at,
                        operand: Some(operand),
                        operand_of_load: None,
                    });
                }
                _ => {
                    taken.insert(entry.index);
                }
            }
        }
    })
    .map_err(|source| Error::Malformed {
        input: conformer.input.name.into(),
        source,
    })?;
    accesses.retain(|access| !taken.contains(&access.symbol));
    let names = |symbol: u32| match linking.symbols.get(symbol as usize) {
        Some(SymbolInfo::Data { name, .. }) => *name,
        _ => "",
    };
    Ok(scalars(
        conformer, layout, &taken, &accesses, linking, &names,
    ))
}

/// Turns the accesses into words and edits, unless somebody else has the address of what they access.
fn scalars<'a>(
    conformer: &Parsed<'_>,
    layout: &Layout,
    taken: &BTreeSet<u32>,
    accesses: &[Access],
    linking: &crate::parse::Symbols<'_>,
    name: &dyn Fn(u32) -> &'a str,
) -> Scalars {
    let shared: Vec<_> = taken
        .iter()
        .filter_map(|symbol| {
            let symbol = linking.symbols.get(*symbol as usize)?;
            extent(conformer, layout, symbol)
        })
        .collect();
    let is_shared = |access: &Access| {
        let word = u64::from(access.address)..u64::from(access.address) + 4;
        shared
            .iter()
            .any(|range| range.start < word.end && word.start < range.end)
            // Two words that overlap are no words.
            || accesses.iter().any(|other| {
                other.address != access.address && other.address.abs_diff(access.address) < 4
            })
    };
    let kept: Vec<&Access> = accesses
        .iter()
        .filter(|access| !is_shared(access))
        .collect();
    let by_address: BTreeMap<u32, &Access> = kept
        .iter()
        .map(|access| (access.address, *access))
        .collect();
    let words: Vec<Word> = by_address
        .values()
        .map(|access| Word {
            address: access.address,
            init: initial(conformer, access.address.wrapping_sub(layout.delta)),
            name: name(access.symbol).into(),
        })
        .collect();
    let mut edits = BTreeMap::new();
    for access in kept {
        let Ok(word) = words.binary_search_by_key(&access.address, |word| word.address) else {
            continue;
        };
        let edit = match access.operand {
            Some(_) => Edit::Set(word as u32),
            None => Edit::Get(word as u32),
        };
        edits.insert(access.at, edit);
        edits.extend(
            access
                .operand
                .or(access.operand_of_load)
                .map(|operand| (operand, Edit::Drop)),
        );
    }
    Scalars { words, edits }
}

/// The addresses of a defined symbol after the move.
fn extent(
    conformer: &Parsed<'_>,
    layout: &Layout,
    symbol: &SymbolInfo<'_>,
) -> Option<std::ops::Range<u64>> {
    let SymbolInfo::Data {
        symbol: Some(defined),
        ..
    } = symbol
    else {
        return None;
    };
    let start = u64::from(address(conformer, layout, symbol)?);
    Some(start..start + u64::from(defined.size))
}

/// The address of the word at `addend` in `symbol`, where all of it lies in the symbol.
fn word(
    conformer: &Parsed<'_>,
    layout: &Layout,
    symbol: &SymbolInfo<'_>,
    addend: i64,
) -> Option<u32> {
    let extent = extent(conformer, layout, symbol)?;
    let start = extent.start.checked_add(u64::try_from(addend).ok()?)?;
    if start + 4 > extent.end {
        return None;
    }
    u32::try_from(start).ok()
}

/// The word at `old`, an address as the conformer was linked: memory that no segment fills is 0.
fn initial(conformer: &Parsed<'_>, old: u32) -> u32 {
    let bytes = conformer.data.iter().find_map(|segment| {
        let DataKind::Active { offset_expr, .. } = &segment.kind else {
            return None;
        };
        let start = old.checked_sub(i32_const(offset_expr)?)? as usize;
        segment.data.get(start..start + 4)?.try_into().ok()
    });
    u32::from_le_bytes(bytes.unwrap_or_default())
}

/// An operator in its place.
struct Seen<'o, 'a> {
    operator: &'o Operator<'a>,
    at: usize,
    end: usize,
    /// Where the address operand of a load or store is an `i32.const 0`: its offset.
    address: Option<usize>,
}

/// Shows every operator of the kept functions, and which constant 0 is its address.
fn walk(
    conformer: &Parsed<'_>,
    reached: &Reached,
    mut see: impl FnMut(Seen<'_, '_>),
) -> wasmparser::Result<()> {
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    for payload in Parser::new(0).parse_all(conformer.input.bytes) {
        let ValidPayload::Func(function, body) = validator.payload(&payload?)? else {
            continue;
        };
        if !reached.functions.contains(&function.index) {
            continue;
        }
        let mut types = function.into_validator(FuncValidatorAllocations::default());
        let mut locals = body.get_binary_reader();
        types.read_locals(&mut locals)?;
        // For each operand, where it is known: the constant 0 that it is.
        let mut stack: Vec<Option<usize>> = Vec::new();
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            let operator = operators.read()?;
            let (pops, _) = operator
                .operator_arity(&types.visitor(at))
                .unwrap_or((stack.len() as u32, 0));
            let operands = stack.len().saturating_sub(pops as usize);
            see(Seen {
                operator: &operator,
                at,
                end: operators.original_position(),
                address: stack.get(operands).copied().flatten().filter(|_| {
                    // Fewer than are popped: unreachable code.
                    stack.len() >= pops as usize
                }),
            });
            stack.truncate(operands);
            types.op(at, &operator)?;
            stack.resize(types.operand_stack_height() as usize, None);
            if let (Operator::I32Const { value: 0 }, Some(top)) = (&operator, stack.last_mut()) {
                *top = Some(at);
            }
        }
    }
    Ok(())
}
