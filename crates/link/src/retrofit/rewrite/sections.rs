//! The sections of the program anew: what is added to them, and what is left out.

use std::collections::BTreeMap;

use wasm_encoder::{
    CodeSection, CustomSection, EntityType, FunctionSection, GlobalSection, ImportSection, Module,
    SectionId, TypeSection,
    reencode::{Error as Reencoding, Reencode, utils},
};
use wasmparser::{CustomSectionReader, KnownCustom};

use super::{Result2, Rewriter, resolved};
use crate::{
    names, offsets,
    renumber::Functions,
    resolve::promised_type,
    retrofit::{
        plan::{Added, Target},
        roles::numbers,
    },
};

impl Rewriter<'_, '_> {
    fn add_imports(&mut self, imports: &mut ImportSection) {
        for call in self.calls.keys() {
            let ty = self.types.index_of(&promised_type(call.function));
            imports.import(&call.module(), call.function.name, EntityType::Function(ty));
        }
        self.has_imports = true;
    }

    /// Names for what the program gains; its own functions that are gone have none.
    fn names(&mut self, names: wasmparser::NameSectionReader<'_>) -> wasm_encoder::NameSection {
        let named = |(added, index): (&Added, &u32)| (*index, added.name().to_string());
        let calls = self
            .calls
            .iter()
            .map(|(call, index)| (*index, format!("{}#{}", call.module(), call.function.name)));
        // Those with another body keep their names, and their locals have others.
        let own = self
            .program
            .function_names
            .iter()
            .filter_map(|(old, name)| {
                let is_replaced = self.plan.replaced.contains_key(old) && self.stays(*old);
                is_replaced.then(|| (self.index(Target::Program(*old)), (*name).to_string()))
            });
        let added = names::Added {
            functions: own
                .chain(calls)
                .chain(self.added.iter().map(named))
                .collect(),
            globals: Vec::new(),
            data: Vec::new(),
            conformer: None,
            labels: BTreeMap::new(),
        };
        let functions = self.same_bodies();
        let is_gone = |old| functions.program.get(old as usize) == Some(&Functions::GONE);
        names::merged(names, self, &functions, is_gone, &added)
    }
}

impl Reencode for Rewriter<'_, '_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Result2<u32> {
        match self.index(resolved(self.plan, function)) {
            Functions::GONE => Err(Reencoding::UserError(format!(
                "function {function} is gone"
            ))),
            new => Ok(new),
        }
    }

    fn global_index(&mut self, global: u32) -> Result2<u32> {
        let new = self.globals.get(global as usize).copied().flatten();
        new.ok_or_else(|| Reencoding::UserError(format!("global {global} is gone")))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result2<()> {
        utils::parse_type_section(self, types, section)?;
        // What is added has to be known before the sections that use it.
        let calls = self.calls.keys().map(|call| promised_type(call.function));
        let added = self.added.keys().map(|_| numbers(2, 1));
        for ty in calls.chain(added) {
            self.types.index_of(&ty);
        }
        for ty in self.types.added().to_vec() {
            types.ty().func_type(&self.func_type(ty)?);
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result2<()> {
        utils::parse_import_section(self, imports, section)?;
        self.add_imports(imports);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result2<()> {
        if before == Some(SectionId::Function) && !self.has_imports {
            let mut imports = ImportSection::new();
            self.add_imports(&mut imports);
            if !imports.is_empty() {
                module.section(&imports);
            }
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result2<()> {
        for (ty, old) in section.into_iter().zip(self.program.n_imported_functions..) {
            let ty = ty?;
            if self.stays(old) {
                functions.function(ty);
            }
        }
        for _ in self.added.keys() {
            functions.function(self.types.index_of(&numbers(2, 1)));
        }
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result2<()> {
        for (global, old) in section.into_iter().zip(self.program.n_imported_globals..) {
            let global = global?;
            if self.globals.get(old as usize).copied().flatten().is_some() {
                self.parse_global(globals, global)?;
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        _: wasmparser::CodeSectionReader<'_>,
    ) -> Result2<()> {
        *code = std::mem::take(&mut self.code);
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        module: &mut Module,
        section: CustomSectionReader<'_>,
    ) -> Result2<()> {
        if let KnownCustom::Name(names) = section.as_known() {
            module.section(&self.names(names));
            return Ok(());
        }
        let name = section.name();
        if let Some(data) = self.rewritten.remove(name) {
            module.section(&CustomSection {
                name: name.into(),
                data: data.into(),
            });
        } else if offsets::points_into_code(name) {
            self.dropped.push(name.into());
        } else {
            module.section(&CustomSection {
                name: name.into(),
                data: section.data().into(),
            });
        }
        Ok(())
    }
}
