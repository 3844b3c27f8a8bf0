//! Core instances: bundles of functions, and the instantiations that they are arguments of.

use sigil_abi::InterfaceName;
use wasm_encoder::{InstanceSection, ModuleArg, reencode::ReencodeComponent};
use wasmparser::Instance;

use super::{Imported, Result2, Rewirer, refusal};
use crate::parse::is_function_kind;

impl<'a> Rewirer<'a> {
    /// Writes a core instance, unless it is a bundle of the allocator's functions: such a bundle goes, and the
    /// core module it was for is instantiated without.
    pub(super) fn core_instance(
        &mut self,
        instances: &mut InstanceSection,
        instance: Instance<'a>,
    ) -> Result2<()> {
        match &instance {
            Instance::FromExports(exports) => {
                let lost: Vec<_> = exports
                    .iter()
                    .filter(|export| is_function_kind(export.kind))
                    .filter_map(|export| {
                        Some((export.name, *self.core_functions.lost(export.index)?))
                    })
                    .collect();
                if !lost.is_empty() {
                    if lost.len() != exports.len() {
                        return refusal(
                            "it mixes the allocator's functions with others in one argument of a core module",
                        );
                    }
                    self.core_instances.lose(lost);
                    return Ok(());
                }
                self.parse_instance(instances, instance)?;
            }
            Instance::Instantiate { module_index, args } => {
                let is_user = *module_index == self.module.index;
                self.n_instantiated += u32::from(is_user);
                let mut kept = Vec::new();
                for arg in args {
                    let ours = InterfaceName::from_import(arg.name);
                    match (self.core_instances.lost(arg.index), ours) {
                        (Some(bundle), Some(interface)) if is_user => {
                            check_names(&interface, bundle)?;
                        }
                        (Some(_), _) => {
                            return refusal(format!(
                                "its core module {module_index} takes the allocator as `{}`",
                                arg.name
                            ));
                        }
                        (None, Some(_)) if is_user => {
                            return refusal(format!(
                                "it serves `{}` itself, by a core instance",
                                arg.name
                            ));
                        }
                        (None, _) => kept.push((
                            arg.name,
                            ModuleArg::Instance(self.instance_index(arg.index)),
                        )),
                    }
                }
                instances.instantiate(*module_index, kept);
            }
        }
        self.core_instances.keep();
        Ok(())
    }
}

/// Refuses an argument that gives the core module another function than the name says.
fn check_names(interface: &InterfaceName<'_>, bundle: &[(&str, Imported<'_>)]) -> Result2<()> {
    for (name, imported) in bundle {
        let is_same = InterfaceName::from_import(imported.interface)
            .is_some_and(|found| found.is_same_interface(interface));
        if !is_same || *name != imported.function {
            return refusal(format!(
                "its core module imports `{}` `{}` as `{interface}` `{name}`",
                imported.interface, imported.function
            ));
        }
    }
    Ok(())
}
