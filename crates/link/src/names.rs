//! Keeps the name section right: the program's names move with what they name, the conformer's join.

use std::collections::BTreeMap;

use wasm_encoder::{IndirectNameMap, NameMap, NameSection, reencode::Reencode};
use wasmparser::{Name, NameSectionReader};

use crate::{bodies::Gained, renumber::ProgramIndices};

/// Names for what the conformer brought, by index in the merged module.
pub(crate) struct Added {
    pub(crate) functions: Vec<(u32, String)>,
    pub(crate) globals: Vec<(u32, String)>,
    /// The blocks that inlining opens in the program's functions, which number the labels anew.
    pub(crate) labels: BTreeMap<u32, Vec<Gained>>,
}

/// The merged module's name section. A subsection that cannot be read is left out: names are for
/// people, and no link fails for want of one.
pub(crate) fn merged(
    names: NameSectionReader<'_>,
    indices: &mut ProgramIndices<'_>,
    is_fused: impl Fn(u32) -> bool,
    added: &Added,
) -> NameSection {
    let mut functions: BTreeMap<u32, &str> = BTreeMap::new();
    let mut globals: BTreeMap<u32, &str> = BTreeMap::new();
    let mut locals = BTreeMap::new();
    let mut labels = BTreeMap::new();
    let mut others = BTreeMap::new();
    for subsection in names.into_iter().map_while(Result::ok) {
        match subsection {
            Name::Function(map) => {
                for name in map.into_iter().map_while(Result::ok) {
                    if let (false, Ok(index)) =
                        (is_fused(name.index), indices.function_index(name.index))
                    {
                        functions.insert(index, name.name);
                    }
                }
            }
            Name::Global(map) => {
                globals.extend(
                    map.into_iter()
                        .map_while(Result::ok)
                        .map(|n| (n.index, n.name)),
                );
            }
            Name::Local(map) => by_function(map, indices, |_, local| local, &mut locals),
            Name::Label(map) => {
                let moved = |function, label| {
                    let gained = added.labels.get(&function).map_or(&[][..], Vec::as_slice);
                    let before = gained.iter().take_while(|gained| gained.before <= label);
                    label + before.map(|gained| gained.n).sum::<u32>()
                };
                by_function(map, indices, moved, &mut labels);
            }
            other => {
                if let Some(id) = id(&other) {
                    others.insert(id, other);
                }
            }
        }
    }
    functions.extend(
        added
            .functions
            .iter()
            .map(|(index, name)| (*index, name.as_str())),
    );
    globals.extend(
        added
            .globals
            .iter()
            .map(|(index, name)| (*index, name.as_str())),
    );

    // Subsections stand in the order of their ids.
    let mut section = NameSection::new();
    let emit_others = |section: &mut NameSection, indices: &mut ProgramIndices<'_>, ids| {
        for (_, name) in others.range(ids) {
            // A map that cannot be read adds nothing.
            let _ = indices.parse_custom_name_subsection(section, name.clone());
        }
    };
    emit_others(&mut section, indices, 0..1);
    section.functions(&name_map(&functions));
    if !locals.is_empty() {
        section.locals(&indirect(&locals));
    }
    if !labels.is_empty() {
        section.labels(&indirect(&labels));
    }
    emit_others(&mut section, indices, 4..7);
    if !globals.is_empty() {
        section.globals(&name_map(&globals));
    }
    emit_others(&mut section, indices, 8..12);
    section
}

/// The id of a subsection that is copied as it is.
fn id(name: &Name<'_>) -> Option<u8> {
    Some(match name {
        Name::Module { .. } => 0,
        Name::Type(_) => 4,
        Name::Table(_) => 5,
        Name::Memory(_) => 6,
        Name::Element(_) => 8,
        Name::Data(_) => 9,
        Name::Field(_) => 10,
        Name::Tag(_) => 11,
        _ => return None,
    })
}

fn by_function(
    map: wasmparser::IndirectNameMap<'_>,
    indices: &mut ProgramIndices<'_>,
    moved: impl Fn(u32, u32) -> u32,
    into: &mut BTreeMap<u32, NameMap>,
) {
    for function in map.into_iter().map_while(Result::ok) {
        let Ok(index) = indices.function_index(function.index) else {
            continue;
        };
        let mut names = NameMap::new();
        for name in function.names.into_iter().map_while(Result::ok) {
            names.append(moved(index, name.index), name.name);
        }
        into.insert(index, names);
    }
}

fn name_map(names: &BTreeMap<u32, &str>) -> NameMap {
    let mut map = NameMap::new();
    for (index, name) in names {
        map.append(*index, name);
    }
    map
}

fn indirect(names: &BTreeMap<u32, NameMap>) -> IndirectNameMap {
    let mut map = IndirectNameMap::new();
    for (index, names) in names {
        map.append(*index, names);
    }
    map
}
