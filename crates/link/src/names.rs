//! Keeps the name section right: the program's names move with what they name, the conformer's join.

use std::collections::BTreeMap;

use wasm_encoder::{IndirectNameMap, NameMap, NameSection, reencode::Reencode};
use wasmparser::{Name, NameSectionReader};

use crate::{bodies::Gained, renumber::Functions};

/// Names for what the conformer brought, by index in the merged module.
pub(crate) struct Added<'a> {
    pub(crate) functions: Vec<(u32, String)>,
    pub(crate) globals: Vec<(u32, String)>,
    pub(crate) data: Vec<(u32, String)>,
    /// The conformer's own names: those of its locals and labels are taken.
    pub(crate) conformer: Option<NameSectionReader<'a>>,
    /// The blocks that inlining opens in the program's functions, which number the labels anew.
    pub(crate) labels: BTreeMap<u32, Vec<Gained>>,
}

/// The merged module's name section. A subsection that cannot be read is left out: names are for
/// people, and no link fails for want of one.
pub(crate) fn merged<R: Reencode>(
    names: NameSectionReader<'_>,
    indices: &mut R,
    program_functions: &Functions,
    is_fused: impl Fn(u32) -> bool,
    added: &Added<'_>,
) -> NameSection {
    let program = |old: u32| {
        let new = program_functions.program.get(old as usize).copied();
        new.filter(|_| !is_fused(old))
    };
    let mut functions: BTreeMap<u32, &str> = BTreeMap::new();
    let mut globals: BTreeMap<u32, &str> = BTreeMap::new();
    let mut locals = BTreeMap::new();
    let mut labels = BTreeMap::new();
    let mut data: BTreeMap<u32, &str> = BTreeMap::new();
    let mut others = BTreeMap::new();
    for subsection in names.into_iter().map_while(Result::ok) {
        match subsection {
            Name::Function(map) => {
                for name in map.into_iter().map_while(Result::ok) {
                    if let Some(index) = program(name.index) {
                        functions.insert(index, name.name);
                    }
                }
            }
            Name::Global(map) => {
                for name in map.into_iter().map_while(Result::ok) {
                    // One that is gone has no name.
                    if let Ok(index) = indices.global_index(name.index) {
                        globals.insert(index, name.name);
                    }
                }
            }
            Name::Data(map) => {
                data.extend(
                    map.into_iter()
                        .map_while(Result::ok)
                        .map(|n| (n.index, n.name)),
                );
            }
            Name::Local(map) => by_function(map, program, |_, local| local, &mut locals),
            Name::Label(map) => {
                let moved = |function, label| {
                    let gained = added.labels.get(&function).map_or(&[][..], Vec::as_slice);
                    let before = gained.iter().take_while(|gained| gained.before <= label);
                    label + before.map(|gained| gained.n).sum::<u32>()
                };
                by_function(map, program, moved, &mut labels);
            }
            other => {
                if let Some(id) = id(&other) {
                    others.insert(id, other);
                }
            }
        }
    }
    if let Some(names) = &added.conformer {
        conformer_names(names, program_functions, &mut locals, &mut labels);
    }
    data.extend(
        added
            .data
            .iter()
            .map(|(index, name)| (*index, name.as_str())),
    );
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
    let emit_others = |section: &mut NameSection, indices: &mut R, ids| {
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
    emit_others(&mut section, indices, 8..9);
    if !data.is_empty() {
        section.data(&name_map(&data));
    }
    emit_others(&mut section, indices, 10..12);
    section
}

/// Takes the names of locals and labels in what is kept of the conformer: both keep their numbers.
fn conformer_names(
    names: &NameSectionReader<'_>,
    functions: &Functions,
    locals: &mut BTreeMap<u32, NameMap>,
    labels: &mut BTreeMap<u32, NameMap>,
) {
    let kept = |old: u32| functions.conformer.get(&old).copied();
    for subsection in names.clone().map_while(Result::ok) {
        match subsection {
            Name::Local(map) => by_function(map, kept, |_, local| local, locals),
            Name::Label(map) => by_function(map, kept, |_, label| label, labels),
            _ => {}
        }
    }
}

/// The id of a subsection that is copied as it is.
fn id(name: &Name<'_>) -> Option<u8> {
    Some(match name {
        Name::Module { .. } => 0,
        Name::Type(_) => 4,
        Name::Table(_) => 5,
        Name::Memory(_) => 6,
        Name::Element(_) => 8,
        Name::Field(_) => 10,
        Name::Tag(_) => 11,
        _ => return None,
    })
}

fn by_function(
    map: wasmparser::IndirectNameMap<'_>,
    new_index: impl Fn(u32) -> Option<u32>,
    moved: impl Fn(u32, u32) -> u32,
    into: &mut BTreeMap<u32, NameMap>,
) {
    for function in map.into_iter().map_while(Result::ok) {
        let Some(index) = new_index(function.index) else {
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
