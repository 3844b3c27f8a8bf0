//! Moves the conformer: writes the new addresses of its statics and of the linker's symbols into its
//! code and data, where the relocations say they are used.
//!
//! Function, type and global indices need no relocation: whoever renumbers the code decodes it anyway.

use std::ops::Range;

use wasmparser::{RelocationEntry, RelocationType as Type, SymbolInfo};

use crate::{
    Error,
    layout::{Layout, address},
    parse::Parsed,
    reach::Reached,
};

/// The conformer's bytes with every address that kept code or data uses replaced.
pub(crate) fn relocate(
    conformer: &Parsed<'_>,
    reached: &Reached,
    layout: &Layout,
) -> Result<Vec<u8>, Error> {
    let mut bytes = conformer.input.bytes.to_vec();
    let Some(linking) = &conformer.linking else {
        return Ok(bytes);
    };
    let kept: Vec<Range<u64>> = reached
        .functions
        .iter()
        .filter_map(|function| function.checked_sub(conformer.n_imported_functions))
        .map(|defined| {
            let range = conformer.bodies[defined as usize].range();
            range.start as u64..range.end as u64
        })
        .collect();
    let segments: Vec<Range<u64>> = conformer
        .data
        .iter()
        .map(|segment| {
            let end = segment.range.end as u64;
            end - segment.data.len() as u64..end
        })
        .collect();
    for entry in &linking.code {
        let at = conformer.code_range.start as u64 + u64::from(entry.offset);
        // Relocations of functions that are left out are nobody's concern.
        if let Some(body) = kept.iter().find(|body| body.contains(&at)) {
            patch(
                conformer,
                layout,
                &linking.symbols,
                entry,
                &mut bytes,
                at..body.end,
            )?;
        }
    }
    for entry in &linking.data {
        let at = conformer.data_range.start as u64 + u64::from(entry.offset);
        let segment = segments.iter().find(|segment| segment.contains(&at));
        let end = segment.map_or(at, |segment| segment.end);
        patch(
            conformer,
            layout,
            &linking.symbols,
            entry,
            &mut bytes,
            at..end,
        )?;
    }
    Ok(bytes)
}

/// Writes the address that `entry` asks for at the start of `place`, which ends where the function or the
/// data segment does: beyond it lie bytes that other facts were read from.
fn patch(
    conformer: &Parsed<'_>,
    layout: &Layout,
    symbols: &[SymbolInfo<'_>],
    entry: &RelocationEntry,
    bytes: &mut [u8],
    place: Range<u64>,
) -> Result<(), Error> {
    let at = place.start;
    match entry.ty {
        Type::MemoryAddrLeb | Type::MemoryAddrSleb | Type::MemoryAddrI32 => {}
        Type::FunctionIndexLeb
        | Type::TypeIndexLeb
        | Type::GlobalIndexLeb
        | Type::TableNumberLeb
        | Type::EventIndexLeb => return Ok(()),
        other => {
            return Err(unsupported(
                conformer,
                format!("a relocation of type {other:?} at {at:#x}"),
            ));
        }
    }
    let symbol = symbols.get(entry.index as usize);
    let Some(value) = symbol.and_then(|symbol| address(conformer, layout, symbol)) else {
        let name = match symbol {
            Some(SymbolInfo::Data { name, .. }) => name,
            _ => "?",
        };
        return Err(unsupported(
            conformer,
            format!("the symbol `{name}` at {at:#x}"),
        ));
    };
    let value = value.wrapping_add(entry.addend as u32);
    let field = bytes
        .get_mut(place.start as usize..place.end as usize)
        .and_then(|place| place.get_mut(..entry.ty.extent()));
    let Some(field) = field else {
        return Err(unsupported(
            conformer,
            format!("a relocation outside of its function or data segment, at {at:#x}"),
        ));
    };
    match entry.ty {
        Type::MemoryAddrI32 => field.copy_from_slice(&value.to_le_bytes()),
        Type::MemoryAddrSleb => padded_leb(field, i64::from(value as i32)),
        _ => padded_leb(field, i64::from(value)),
    }
    Ok(())
}

/// Writes `value` over all of `field`, as the padded LEB128 that relocatable code reserves.
fn padded_leb(field: &mut [u8], value: i64) {
    let last = field.len() - 1;
    for (i, byte) in field.iter_mut().enumerate() {
        let continues = if i == last { 0 } else { 0x80 };
        *byte = (value >> (7 * i)) as u8 & 0x7f | continues;
    }
}

fn unsupported(conformer: &Parsed<'_>, what: String) -> Error {
    Error::Unsupported {
        input: conformer.input.name.into(),
        what: format!("the conformer uses {what}, which this linker cannot move"),
        help: "build the conformer as position-dependent code with `--emit-relocs`".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padded_numbers_fill_their_field_and_keep_their_sign() {
        let mut field = [0; 5];
        padded_leb(&mut field, 1040);
        assert_eq!(field, [0x90, 0x88, 0x80, 0x80, 0x00]);
        padded_leb(&mut field, i64::from(0x8000_0400_u32 as i32));
        assert_eq!(field, [0x80, 0x88, 0x80, 0x80, 0x78]);
        padded_leb(&mut field, i64::from(0x8000_0400_u32));
        assert_eq!(field, [0x80, 0x88, 0x80, 0x80, 0x08]);
    }
}
