//! Takes the allocator's imports out of a component, with all that only leads from there to the core module
//! that they were for.
//!
//! | what | becomes |
//! |---|---|
//! | an imported instance of the allocator's | nothing |
//! | a function aliased from it, lowered, bundled for the core module | nothing |
//! | a type aliased from it | the type that it is: `u32` |
//! | the argument of the core module's instantiation | nothing |
//! | anything else that needs one of these | a refusal |
//!
//! Types keep their places, so that every definition that refers to types only is copied as it is. Instances,
//! functions, core functions and core instances are renumbered.

mod core_instance;
mod space;

use sigil_abi::InterfaceName;
use space::Space;
use wasm_encoder::{
    CanonicalFunctionSection, Component, ComponentAliasSection, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, ComponentTypeSection,
    InstanceSection, RawSection,
    reencode::{Error as Reencoding, Reencode, ReencodeComponent},
};
use wasmparser::{
    CanonicalFunction, ComponentAlias, ComponentExternalKind, ComponentOuterAliasKind,
    ComponentTypeRef, Parser, Payload,
    component_types::{ComponentAnyTypeId, ComponentDefinedType},
    types::Types,
};

use crate::{Error, Input, embedded::CoreModule, parse::is_function_kind, validate};

/// A section of names that an index change makes wrong.
const NAMES: &str = "component-name";

/// How many core modules a section adds to the index space.
pub(crate) fn n_modules(payload: &Payload<'_>) -> u32 {
    let n = match payload {
        Payload::ModuleSection { .. } => 1,
        Payload::ComponentImportSection(section) => section
            .clone()
            .into_iter()
            .map_while(Result::ok)
            .filter(|import| import.ty.kind() == ComponentExternalKind::Module)
            .count(),
        Payload::ComponentAliasSection(section) => section
            .clone()
            .into_iter()
            .map_while(Result::ok)
            .filter(|alias| {
                matches!(
                    alias,
                    ComponentAlias::InstanceExport {
                        kind: ComponentExternalKind::Module,
                        ..
                    } | ComponentAlias::Outer {
                        kind: ComponentOuterAliasKind::CoreModule,
                        ..
                    }
                )
            })
            .count(),
        _ => 0,
    };
    n as u32
}

/// `program` with `fused` in the place of `module`, and without the allocator.
pub(crate) fn rewire(
    program: Input<'_>,
    types: &Types,
    module: &CoreModule<'_>,
    fused: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut rewirer = Rewirer {
        types,
        module,
        fused,
        n_types: 0,
        n_instantiated: 0,
        instances: Space::default(),
        functions: Space::default(),
        core_functions: Space::default(),
        core_instances: Space::default(),
        refused: None,
    };
    let written = rewirer.component(program.bytes);
    let unsupported = |what: String| {
        Error::Unsupported {
        input: program.name.into(),
        what,
        help: "link the core module before the component is made of it, with `sigil link --emit component`"
            .into(),
    }
    };
    if let Some(what) = rewirer.refused {
        return Err(unsupported(what));
    }
    let wasm = written.map_err(|error| match error {
        Reencoding::ParseError(source) => Error::Malformed {
            input: program.name.into(),
            source,
        },
        other => unsupported(other.to_string()),
    })?;
    match validate::types(&wasm) {
        Ok(_) => Ok(wasm),
        Err(source) => Err(Error::Defect {
            program: program.name.into(),
            source,
        }),
    }
}

/// A function of the allocator's, as the component imports it.
#[derive(Clone, Copy)]
struct Imported<'a> {
    interface: &'a str,
    function: &'a str,
}

/// One pass over a component: definitions come before their uses.
struct Rewirer<'a> {
    types: &'a Types,
    module: &'a CoreModule<'a>,
    fused: &'a [u8],
    n_types: u32,
    n_instantiated: u32,
    instances: Space<&'a str>,
    functions: Space<Imported<'a>>,
    core_functions: Space<Imported<'a>>,
    /// Those that are gone are bundles: the names of their exports, and what these were.
    core_instances: Space<Vec<(&'a str, Imported<'a>)>>,
    /// The first thing that stands in the way.
    refused: Option<String>,
}

type Result2<T> = Result<T, Reencoding<String>>;

fn refusal<T>(what: impl Into<String>) -> Result2<T> {
    Err(Reencoding::UserError(what.into()))
}

impl<'a> Rewirer<'a> {
    fn component(&mut self, bytes: &'a [u8]) -> Result2<Vec<u8>> {
        let mut out = Component::new();
        let mut depth = 0;
        let mut n_modules = 0;
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            match &payload {
                Payload::Version { .. } => {
                    depth += 1;
                    continue;
                }
                Payload::End(_) => {
                    depth -= 1;
                    continue;
                }
                _ if depth != 1 => continue,
                _ => {}
            }
            let index = n_modules;
            n_modules += self::n_modules(&payload);
            match &payload {
                Payload::ModuleSection { .. } if index == self.module.index => {
                    out.section(&RawSection {
                        id: ComponentSectionId::CoreModule.into(),
                        data: self.fused,
                    });
                    continue;
                }
                Payload::ComponentTypeSection(types) => self.n_types += types.count(),
                _ => {}
            }
            let raw = payload.as_section();
            if !self.section(&mut out, payload)?
                && let Some((id, range)) = raw
            {
                let data = bytes.get(range).unwrap_or_default();
                out.section(&RawSection { id, data });
            }
        }
        if self.n_instantiated != 1 {
            return refusal(format!(
                "the core module that uses the allocator is instantiated {} times",
                self.n_instantiated
            ));
        }
        Ok(out.finish())
    }

    /// Writes a section that may have to do with what is gone; `false` where it cannot have.
    fn section(&mut self, out: &mut Component, payload: Payload<'a>) -> Result2<bool> {
        match payload {
            Payload::ComponentImportSection(section) => {
                let mut imports = ComponentImportSection::new();
                for import in section {
                    let import = import?;
                    let name = import.name.name;
                    match import.ty {
                        ComponentTypeRef::Instance(_)
                            if InterfaceName::from_import(name).is_some() =>
                        {
                            self.instances.lose(name);
                            continue;
                        }
                        ty => self.defines(ty.kind()),
                    }
                    imports.import(import.name, self.component_type_ref(import.ty)?);
                }
                if !imports.is_empty() {
                    out.section(&imports);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.alias(out, alias?)?;
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                let mut functions = CanonicalFunctionSection::new();
                for function in section {
                    let function = function?;
                    match &function {
                        CanonicalFunction::Lower { func_index, .. }
                            if let Some(imported) = self.functions.lost(*func_index) =>
                        {
                            self.core_functions.lose(*imported);
                            continue;
                        }
                        CanonicalFunction::Lift { .. } => self.functions.keep(),
                        _ => self.core_functions.keep(),
                    }
                    self.parse_component_canonical(&mut functions, function)?;
                }
                if !functions.is_empty() {
                    out.section(&functions);
                }
            }
            Payload::InstanceSection(section) => {
                let mut instances = InstanceSection::new();
                for instance in section {
                    self.core_instance(&mut instances, instance?)?;
                }
                if !instances.is_empty() {
                    out.section(&instances);
                }
            }
            Payload::ComponentInstanceSection(section) => {
                let mut instances = ComponentInstanceSection::new();
                for instance in section {
                    self.parse_component_instance(&mut instances, instance?)?;
                    self.instances.keep();
                }
                out.section(&instances);
            }
            Payload::ComponentExportSection(section) => {
                let mut exports = ComponentExportSection::new();
                for export in section {
                    let export = export?;
                    let kind = export.kind;
                    self.parse_component_export(&mut exports, export)?;
                    // An export is a definition of its own.
                    self.defines(kind);
                }
                out.section(&exports);
            }
            Payload::ComponentStartSection { start, .. } => {
                self.parse_component_start_section(out, start)?;
            }
            // Names by indices that have changed: names are for people, and none is better than a wrong one.
            Payload::CustomSection(section) if section.name() == NAMES => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Counts a definition that stays.
    fn defines(&mut self, kind: ComponentExternalKind) {
        match kind {
            ComponentExternalKind::Func => self.functions.keep(),
            ComponentExternalKind::Instance => self.instances.keep(),
            ComponentExternalKind::Type => self.n_types += 1,
            ComponentExternalKind::Module
            | ComponentExternalKind::Value
            | ComponentExternalKind::Component => {}
        }
    }

    fn alias(&mut self, out: &mut Component, alias: ComponentAlias<'a>) -> Result2<()> {
        match alias {
            ComponentAlias::InstanceExport {
                kind,
                instance_index,
                name,
            } => {
                if let Some(interface) = self.instances.lost(instance_index) {
                    match kind {
                        ComponentExternalKind::Func => self.functions.lose(Imported {
                            interface,
                            function: name,
                        }),
                        ComponentExternalKind::Type => self.spell_out(out, name)?,
                        _ => {
                            return refusal(format!(
                                "it takes `{name}` from `{interface}`, which is neither function nor type"
                            ));
                        }
                    }
                    return Ok(());
                }
                self.defines(kind);
            }
            ComponentAlias::CoreInstanceExport {
                kind,
                instance_index,
                name,
            } => {
                if let Some(bundle) = self.core_instances.lost(instance_index) {
                    let exported = bundle.iter().find(|(export, _)| *export == name);
                    if let Some((_, imported)) = exported {
                        self.core_functions.lose(*imported);
                    }
                    return Ok(());
                }
                if is_function_kind(kind) {
                    self.core_functions.keep();
                }
            }
            ComponentAlias::Outer { kind, .. } => {
                self.n_types += u32::from(kind == ComponentOuterAliasKind::Type);
            }
        }
        let mut aliases = ComponentAliasSection::new();
        aliases.alias(self.component_alias(alias)?);
        out.section(&aliases);
        Ok(())
    }

    /// Defines the type that the next alias would have brought.
    fn spell_out(&mut self, out: &mut Component, name: &str) -> Result2<()> {
        let primitive = match self.types.as_ref().component_any_type_at(self.n_types) {
            ComponentAnyTypeId::Defined(id) => match &self.types[id] {
                ComponentDefinedType::Primitive(primitive) => *primitive,
                _ => return refusal(format!("the allocator's type `{name}` is no number")),
            },
            _ => return refusal(format!("the allocator's type `{name}` is no number")),
        };
        self.n_types += 1;
        let mut types = ComponentTypeSection::new();
        types.ty().defined_type().primitive(primitive.into());
        out.section(&types);
        Ok(())
    }

    /// Notes that something which stays uses `imported`.
    fn refuse_use(&mut self, imported: Option<Imported<'_>>) -> u32 {
        let what = imported.map_or_else(
            || "it exports or passes on an instance of the allocator".to_string(),
            |Imported {
                 interface,
                 function,
             }| {
                format!("it exports `{interface}` `{function}`, passes it on or lifts it again")
            },
        );
        self.refused.get_or_insert(what);
        u32::MAX
    }
}

impl Reencode for Rewirer<'_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Result2<u32> {
        let new = self.core_functions.kept(function);
        Ok(new.unwrap_or_else(|| self.refuse_use(self.core_functions.lost(function).copied())))
    }
}

impl ReencodeComponent for Rewirer<'_> {
    fn component_instance_index(&mut self, instance: u32) -> u32 {
        let new = self.instances.kept(instance);
        new.unwrap_or_else(|| self.refuse_use(None))
    }

    fn component_func_index(&mut self, function: u32) -> u32 {
        let new = self.functions.kept(function);
        new.unwrap_or_else(|| self.refuse_use(self.functions.lost(function).copied()))
    }

    fn instance_index(&mut self, instance: u32) -> u32 {
        let new = self.core_instances.kept(instance);
        new.unwrap_or_else(|| self.refuse_use(None))
    }
}
