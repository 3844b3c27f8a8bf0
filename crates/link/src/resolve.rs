//! Which function of the conformer serves which import of the program.

use std::{collections::BTreeMap, fmt};

use sigil_abi::{CoreType, FunctionName, InterfaceName, PACKAGE, PACKAGE_EXT};
use wasmparser::{ExternalKind, FuncType, ValType};

use crate::{
    Error,
    error::Missing,
    parse::{Parsed, is_function},
};

/// The program's calls into the conformer, as function indices of the two.
pub(crate) struct Fusion<'c> {
    /// For each imported function of the program that is served: the conformer's function.
    pub(crate) imports: BTreeMap<u32, u32>,
    /// The conformer's functions in use, under the names that they export.
    pub(crate) entries: BTreeMap<u32, FunctionName<'c>>,
    /// What to export from the result besides.
    pub(crate) exports: Vec<(String, u32)>,
}

impl Fusion<'_> {
    /// The conformer's functions that are called from outside of it.
    pub(crate) fn functions(&self) -> impl Iterator<Item = u32> {
        self.entries.keys().copied()
    }
}

/// Matches the program's imports, and the `exports` asked for, with the conformer's exports.
pub(crate) fn resolve<'c>(
    program: &Parsed<'_>,
    conformer: &Parsed<'c>,
    exports: &[String],
    warnings: &mut Vec<String>,
) -> Result<Fusion<'c>, Error> {
    let offered: Vec<(FunctionName<'c>, u32)> = conformer
        .exports
        .iter()
        .filter(|export| export.kind == ExternalKind::Func)
        .filter_map(|export| Some((FunctionName::from_export(export.name)?, export.index)))
        .collect();
    let mut fusion = Fusion {
        imports: BTreeMap::new(),
        entries: BTreeMap::new(),
        exports: Vec::new(),
    };
    let mut missing = Vec::new();
    let mut unversioned = None;
    let mut function = 0;
    for import in &program.imports {
        let is_function = is_function(import.ty);
        function += u32::from(is_function);
        let served = match InterfaceName::from_import(import.module) {
            Some(interface) if is_function => {
                if interface.version.is_none() {
                    unversioned.get_or_insert(import.module);
                }
                let needed = FunctionName {
                    interface,
                    function: import.name,
                };
                let ty = program.function_type(function - 1);
                serve(needed, ty, conformer, &offered)
            }
            Some(_) => Err("only functions are imported from a conformer".to_string()),
            None if is_ours(import.module) => {
                Err("the version is not of the form `0.1.0`".to_string())
            }
            None => continue,
        };
        match served {
            Ok((name, index)) => {
                fusion.imports.insert(function - 1, index);
                fusion.entries.insert(index, name);
            }
            Err(reason) => missing.push(Missing {
                import: (import.module.into(), import.name.into()),
                reason,
                offered_by: Vec::new(),
            }),
        }
    }
    let mut unexportable = Vec::new();
    for export in exports {
        if fusion.exports.iter().any(|(name, _)| name == export) {
            // Asked for twice, exported once.
            continue;
        }
        let taken = program.exports.iter().any(|own| own.name == export);
        let served = offered.iter().find(|(name, _)| name.function == export);
        match served {
            Some(&(name, index)) if !taken => {
                fusion.entries.insert(index, name);
                fusion.exports.push((export.clone(), index));
            }
            _ => unexportable.push((
                export.clone(),
                if taken {
                    "the program exports something of that name itself"
                } else {
                    "the conformer has no such function"
                }
                .into(),
            )),
        }
    }
    if !missing.is_empty() {
        return Err(Error::Unresolved {
            program: program.input.name.into(),
            conformer: conformer.input.name.into(),
            missing,
            alternatives: Vec::new(),
        });
    }
    if !unexportable.is_empty() {
        return Err(Error::Unexportable {
            program: program.input.name.into(),
            conformer: conformer.input.name.into(),
            missing: unexportable,
            offered: offered
                .iter()
                .map(|(name, _)| name.function.into())
                .collect(),
        });
    }
    if fusion.entries.is_empty() {
        return Err(Error::NothingToLink {
            program: program.input.name.into(),
        });
    }
    if let Some(module) = unversioned {
        warnings.push(format!(
            "`{}` imports `{module}` without a version; taken as {}",
            program.input.name,
            sigil_abi::CONTRACT
        ));
    }
    Ok(fusion)
}

/// Whether the module name is meant to be one of ours, well spelled or not.
fn is_ours(module: &str) -> bool {
    let name = module.strip_prefix("cm32p2|").unwrap_or(module);
    [PACKAGE, PACKAGE_EXT].iter().any(|package| {
        name.strip_prefix(package)
            .is_some_and(|rest| rest.starts_with('/'))
    })
}

/// The conformer's function behind `needed`, or why there is none.
fn serve<'c>(
    needed: FunctionName<'_>,
    needed_type: Option<&FuncType>,
    conformer: &Parsed<'_>,
    offered: &[(FunctionName<'c>, u32)],
) -> Result<(FunctionName<'c>, u32), String> {
    let of_interface: Vec<_> = offered
        .iter()
        .filter(|o| o.0.interface.is_same_interface(&needed.interface))
        .collect();
    let Some(any) = of_interface.first() else {
        return Err("the conformer does not export the interface".to_string());
    };
    if let (Some(version), Some(offers)) = (needed.interface.version, any.0.interface.version)
        && !offers.serves(version)
    {
        return Err(format!(
            "needs version {version}, the conformer exports {offers}"
        ));
    }
    let Some(&&(name, index)) = of_interface
        .iter()
        .find(|o| o.0.function == needed.function)
    else {
        return Err("the conformer's interface has no such function".to_string());
    };
    match (needed_type, conformer.function_type(index)) {
        (Some(ty), Some(offers)) if ty == offers => match contract(&needed) {
            Some(promised) if !promised.is(ty) => Err(format!(
                "the contract says {promised}, but program and conformer have {}",
                Signature(Some(ty))
            )),
            _ => Ok((name, index)),
        },
        (needed, offers) => Err(format!(
            "expected {}, but the conformer exports {}",
            Signature(needed),
            Signature(offers)
        )),
    }
}

/// What the contract says of a function that it has.
fn contract(needed: &FunctionName<'_>) -> Option<Promised> {
    let interface = needed.interface;
    let interface = sigil_abi::interface(interface.package, interface.interface)?;
    Some(Promised(interface.function(needed.function)?))
}

/// A function of the contract.
struct Promised(&'static sigil_abi::Function);

/// The type that the contract gives `function`.
pub(crate) fn promised_type(function: &sigil_abi::Function) -> FuncType {
    let types = |types: &[CoreType]| -> Vec<ValType> {
        let ty = |ty: &CoreType| match ty {
            CoreType::I32 => ValType::I32,
            CoreType::I64 => ValType::I64,
        };
        types.iter().map(ty).collect()
    };
    FuncType::new(types(function.params), types(function.results))
}

impl Promised {
    fn ty(&self) -> FuncType {
        promised_type(self.0)
    }

    fn is(&self, ty: &FuncType) -> bool {
        self.ty() == *ty
    }
}

impl fmt::Display for Promised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Signature(Some(&self.ty())).fmt(f)
    }
}

/// Shows a function type as the core specification writes it.
pub(crate) struct Signature<'a>(pub(crate) Option<&'a FuncType>);

impl fmt::Display for Signature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(ty) = self.0 else {
            return f.write_str("a type that is no plain function type");
        };
        let list = |f: &mut fmt::Formatter<'_>, types: &[ValType]| {
            f.write_str("(")?;
            for (i, ty) in types.iter().enumerate() {
                write!(f, "{}{ty}", if i == 0 { "" } else { " " })?;
            }
            f.write_str(")")
        };
        list(f, ty.params())?;
        f.write_str(" -> ")?;
        list(f, ty.results())
    }
}
