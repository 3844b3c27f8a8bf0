//! Names for a program that has none: its functions are called what they are imported or exported as.

use wasm_encoder::reencode::Reencode;
use wasmparser::{BinaryReader, NameSectionReader};

use crate::{
    parse::{Parsed, is_function, is_function_kind},
    renumber::ProgramIndices,
};

/// The functions' names, by index in the merged module. What is fused is among them under its import's name.
pub(crate) fn functions(
    program: &Parsed<'_>,
    indices: &mut ProgramIndices<'_>,
) -> Vec<(u32, String)> {
    let imports = program.imports.iter();
    let imported = (0..)
        .zip(imports.filter(|import| is_function(import.ty)))
        .map(|(old, import)| (old, format!("{}.{}", import.module, import.name)));
    let exported = program
        .exports
        .iter()
        .filter(|export| is_function_kind(export.kind))
        .map(|export| (export.index, export.name.to_string()));
    imported
        .chain(exported)
        .filter_map(|(old, name)| Some((indices.function_index(old).ok()?, name)))
        .collect()
}

/// Whether `program` has a name section.
pub(crate) fn has_names(program: &Parsed<'_>) -> bool {
    program.custom("name").is_some()
}

/// A name section that names nothing.
pub(crate) fn none() -> NameSectionReader<'static> {
    NameSectionReader::new(BinaryReader::new(&[], 0))
}
