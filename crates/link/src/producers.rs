//! The `producers` section: which tools a module went through.

use wasm_encoder::Encode;
use wasmparser::{BinaryReader, ProducersSectionReader};

pub(crate) const SECTION: &str = "producers";

const PROCESSED_BY: &str = "processed-by";
const TOOL: (&str, &str) = ("sigil", env!("CARGO_PKG_VERSION"));

/// A field's name, and its values with their versions.
type Field<'a> = (&'a str, Vec<(&'a str, &'a str)>);

/// The contents of the program's section `own`, where it has one, with this tool among what processed it.
pub(crate) fn merged(own: Option<&[u8]>) -> Vec<u8> {
    // What cannot be read is left out: it is for statistics, and no link fails for want of it.
    let mut fields = own.and_then(|own| fields(own).ok()).unwrap_or_default();
    let index = fields.iter().position(|(name, _)| *name == PROCESSED_BY);
    let index = index.unwrap_or_else(|| {
        fields.push((PROCESSED_BY, Vec::new()));
        fields.len() - 1
    });
    let tools = &mut fields[index].1;
    tools.retain(|(name, _)| *name != TOOL.0);
    tools.push(TOOL);

    let mut section = Vec::new();
    (fields.len() as u32).encode(&mut section);
    for (name, values) in fields {
        name.encode(&mut section);
        (values.len() as u32).encode(&mut section);
        for (name, version) in values {
            name.encode(&mut section);
            version.encode(&mut section);
        }
    }
    section
}

fn fields(section: &[u8]) -> wasmparser::Result<Vec<Field<'_>>> {
    let mut fields = Vec::new();
    for field in ProducersSectionReader::new(BinaryReader::new(section, 0))? {
        let field = field?;
        let mut values = Vec::new();
        for value in field.values {
            let value = value?;
            values.push((value.name, value.version));
        }
        fields.push((field.name, values));
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_entries_stay_and_the_linkers_comes_once() {
        let mut own = Vec::new();
        own.push(2);
        for (name, value, version) in [("language", "C11", ""), (PROCESSED_BY, "clang", "19.1")] {
            name.encode(&mut own);
            own.push(1);
            value.encode(&mut own);
            version.encode(&mut own);
        }
        let once = merged(Some(&own));
        assert_eq!(
            fields(&once).unwrap(),
            [
                ("language", vec![("C11", "")]),
                (PROCESSED_BY, vec![("clang", "19.1"), TOOL])
            ]
        );
        assert_eq!(merged(Some(&once)), once);
    }

    #[test]
    fn a_damaged_section_is_replaced() {
        for own in [None, Some(&[5, 1][..])] {
            assert_eq!(fields(&merged(own)).unwrap(), [(PROCESSED_BY, vec![TOOL])]);
        }
    }
}
