//! The program's custom sections in the merged module: carried over, rewritten, or dropped with a warning.

use std::{borrow::Cow, collections::BTreeMap};

use wasm_encoder::{CustomSection, Module};
use wasmparser::{CustomSectionReader, KnownCustom};

use crate::{
    merge::Merger,
    names::{self, Added},
    offsets,
    renumber::ProgramIndices,
    world,
};

/// Copies the program's custom sections, but for those that the merge makes wrong.
pub(crate) struct Customs<'w, 'a> {
    pub(crate) warnings: &'w mut Vec<String>,
    /// The new contents of sections, by name, until they are written.
    pub(crate) rewritten: BTreeMap<&'a str, Vec<u8>>,
    pub(crate) dropped: Vec<String>,
}

impl Customs<'_, '_> {
    pub(crate) fn copy(
        &mut self,
        module: &mut Module,
        theirs: &mut ProgramIndices<'_>,
        merger: &Merger<'_, '_>,
        section: &CustomSectionReader<'_>,
        added: &Added<'_>,
    ) {
        match section.as_known() {
            KnownCustom::Name(reader) => {
                let is_fused = |function| merger.fusion.imports.contains_key(&function);
                module.section(&names::merged(
                    reader,
                    theirs,
                    merger.functions,
                    is_fused,
                    added,
                ));
            }
            _ if section.name().starts_with(world::SECTION) => {
                module.section(&CustomSection {
                    name: section.name().into(),
                    data: self.world(merger, section),
                });
            }
            _ if let Some(data) = self.rewritten.remove(section.name()) => {
                module.section(&CustomSection {
                    name: section.name().into(),
                    data: data.into(),
                });
            }
            _ if offsets::points_into_code(section.name()) => {
                self.dropped.push(section.name().into());
            }
            _ => {
                module.section(&CustomSection {
                    name: section.name().into(),
                    data: section.data().into(),
                });
            }
        }
    }

    /// The section's world without the allocator.
    fn world<'a>(
        &mut self,
        merger: &Merger<'_, '_>,
        section: &CustomSectionReader<'a>,
    ) -> Cow<'a, [u8]> {
        match world::without_allocator(section.data()) {
            Ok(Some(rewritten)) => rewritten.into(),
            Ok(None) => section.data().into(),
            Err(reason) => {
                self.warnings.push(format!(
                    "the world of `{}` may still import the allocator: section `{}` could not be read: {reason}",
                    merger.program.input.name,
                    section.name()
                ));
                section.data().into()
            }
        }
    }

    pub(crate) fn report(self, program: &str) {
        if !self.dropped.is_empty() {
            self.warnings.push(format!(
                "dropped from `{program}`, because its code has moved: {}",
                self.dropped.join(", ")
            ));
        }
    }
}
