//! How interfaces and functions are spelled in a core module's imports and exports.

use std::fmt;

use crate::Version;

/// The package of the contract.
pub const PACKAGE: &str = "sigil:allocator";

/// The package of its extensions.
pub const PACKAGE_EXT: &str = "sigil:allocator-ext";

/// What the standard32 mangling puts in front of every name.
const STANDARD32: &str = "cm32p2|";

/// An interface of one of the two packages, as a module spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InterfaceName<'a> {
    /// [`PACKAGE`] or [`PACKAGE_EXT`].
    pub package: &'static str,
    /// The interface's name, known or not.
    pub interface: &'a str,
    /// The version, where the name has one.
    pub version: Option<Version>,
}

impl<'a> InterfaceName<'a> {
    /// Reads an import's module name in either mangling. `None` where it is no interface of ours.
    pub fn from_import(module: &'a str) -> Option<Self> {
        Self::parse(module.strip_prefix(STANDARD32).unwrap_or(module))
    }

    fn parse(name: &'a str) -> Option<Self> {
        let (package, rest) = name.split_once('/')?;
        let package = [PACKAGE, PACKAGE_EXT]
            .into_iter()
            .find(|known| *known == package)?;
        let (interface, version) = match rest.split_once('@') {
            Some((interface, version)) => (interface, Some(version.parse().ok()?)),
            None => (rest, None),
        };
        Some(Self {
            package,
            interface,
            version,
        })
    }

    /// Whether the two are the same interface, of whatever version.
    pub fn is_same_interface(&self, other: &InterfaceName<'_>) -> bool {
        self.package == other.package && self.interface == other.interface
    }
}

impl fmt::Display for InterfaceName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.package, self.interface)?;
        match self.version {
            Some(version) => write!(f, "@{version}"),
            None => Ok(()),
        }
    }
}

/// A function of such an interface: what a conformer's export is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FunctionName<'a> {
    /// The interface it belongs to.
    pub interface: InterfaceName<'a>,
    /// The function's name in WIT.
    pub function: &'a str,
}

impl<'a> FunctionName<'a> {
    /// Reads an export's name in either mangling. `None` where it is no function of ours.
    pub fn from_export(export: &'a str) -> Option<Self> {
        let (interface, function) = match export.strip_prefix(STANDARD32) {
            Some(rest) => rest.split_once('|')?,
            None => export.split_once('#')?,
        };
        Some(Self {
            interface: InterfaceName::parse(interface)?,
            function,
        })
    }
}

impl fmt::Display for FunctionName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.interface, self.function)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_manglings_name_the_same_function() {
        let name = FunctionName::from_export("sigil:allocator/core@0.1.0#alloc").unwrap();
        assert_eq!(
            FunctionName::from_export("cm32p2|sigil:allocator/core@0.1|alloc"),
            Some(name)
        );
        assert_eq!(name.to_string(), "sigil:allocator/core@0.1.0#alloc");
        assert_eq!(
            InterfaceName::from_import("cm32p2|sigil:allocator/core@0.1"),
            Some(name.interface)
        );
    }

    #[test]
    fn a_version_may_be_missing_but_not_wrong() {
        let name = InterfaceName::from_import("sigil:allocator-ext/sized").unwrap();
        assert_eq!((name.package, name.version), (PACKAGE_EXT, None));
        assert_eq!(
            InterfaceName::from_import("sigil:allocator/core@next"),
            None
        );
    }

    #[test]
    fn other_names_are_not_ours() {
        for module in [
            "env",
            "sigil:allocator",
            "sigil:allocators/core",
            "wasi:io/poll@0.2.0",
        ] {
            assert_eq!(InterfaceName::from_import(module), None, "{module}");
        }
        for export in [
            "memory",
            "sigil:allocator/core@0.1.0",
            "cm32p2|memory",
            "cabi_realloc",
        ] {
            assert_eq!(FunctionName::from_export(export), None, "{export}");
        }
    }
}
