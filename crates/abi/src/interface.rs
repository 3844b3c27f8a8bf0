//! The functions of each interface, as core WebAssembly sees them.

use std::fmt;

use crate::{CONTRACT, EXTENSIONS, PACKAGE, PACKAGE_EXT, Version};

/// A value type of the canonical ABI that the interfaces use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreType {
    /// `u32`, `bool`: 32 bits.
    I32,
    /// `u64`: 64 bits.
    I64,
}

impl fmt::Display for CoreType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
        })
    }
}

/// A function of an interface.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name in WIT.
    pub name: &'static str,
    /// The core types of its parameters.
    pub params: &'static [CoreType],
    /// The core types of its results: none or one.
    pub results: &'static [CoreType],
    /// Which parameter is the size of the block that the call has to find, where there is one.
    pub request: Option<u32>,
}

/// An interface of a package in `wit/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Interface {
    /// The package, without version.
    pub package: &'static str,
    /// The interface's name in WIT.
    pub name: &'static str,
    /// The package's version.
    pub version: Version,
    /// Its functions, in the order of the WIT.
    pub functions: &'static [Function],
}

impl Interface {
    /// The function called `name`.
    pub fn function(&self, name: &str) -> Option<&'static Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// Every interface that this release knows.
pub const INTERFACES: &[&Interface] = &[&CORE, &SCOPE, &BULK, &SIZED, &STATS, &PAGES];

/// The interface `name` of `package`.
pub fn interface(package: &str, name: &str) -> Option<&'static Interface> {
    INTERFACES
        .iter()
        .copied()
        .find(|known| known.package == package && known.name == name)
}

const ONE: &[CoreType] = &[CoreType::I32];
const TWO: &[CoreType] = &[CoreType::I32; 2];
const THREE: &[CoreType] = &[CoreType::I32; 3];
const WIDE: &[CoreType] = &[CoreType::I64];

/// `sigil:allocator/core`: blocks.
pub const CORE: Interface = Interface {
    package: PACKAGE,
    name: "core",
    version: CONTRACT,
    functions: &[
        Function {
            name: "alloc",
            params: ONE,
            results: ONE,
            request: Some(0),
        },
        Function {
            name: "realloc",
            params: THREE,
            results: ONE,
            request: Some(2),
        },
        Function {
            name: "mem-copy",
            params: THREE,
            results: &[],
            request: None,
        },
    ],
};

/// `sigil:allocator/scope`: lifetimes that end in one step.
pub const SCOPE: Interface = Interface {
    package: PACKAGE,
    name: "scope",
    version: CONTRACT,
    functions: &[
        Function {
            name: "enter-scope",
            params: &[],
            results: ONE,
            request: None,
        },
        Function {
            name: "exit-scope",
            params: ONE,
            results: &[],
            request: None,
        },
        Function {
            name: "promote",
            params: THREE,
            results: ONE,
            request: Some(2),
        },
    ],
};

/// `sigil:allocator/bulk`: the whole heap at once.
pub const BULK: Interface = Interface {
    package: PACKAGE,
    name: "bulk",
    version: CONTRACT,
    functions: &[Function {
        name: "free-all",
        params: &[],
        results: &[],
        request: None,
    }],
};

/// `sigil:allocator-ext/sized`: blocks that are given back one by one.
pub const SIZED: Interface = Interface {
    package: PACKAGE_EXT,
    name: "sized",
    version: EXTENSIONS,
    functions: &[
        Function {
            name: "free",
            params: TWO,
            results: &[],
            request: None,
        },
        Function {
            name: "alloc-aligned",
            params: TWO,
            results: ONE,
            request: Some(0),
        },
        Function {
            name: "alloc-zeroed",
            params: ONE,
            results: ONE,
            request: Some(0),
        },
        // Where these find no memory they say so, and no host has to.
        Function {
            name: "try-alloc",
            params: ONE,
            results: ONE,
            request: None,
        },
        Function {
            name: "resize-in-place",
            params: THREE,
            results: ONE,
            request: None,
        },
    ],
};

/// `sigil:allocator-ext/stats`: what a heap says of itself.
pub const STATS: Interface = Interface {
    package: PACKAGE_EXT,
    name: "stats",
    version: EXTENSIONS,
    functions: &[
        number("heap-used", &[]),
        number("heap-base", &[]),
        number("scope-used", ONE),
        number("high-water", &[]),
        number("pages", &[]),
    ],
};

/// `sigil:allocator-ext/pages`: memory by pages. Where there is none it says so, and no host has to.
pub const PAGES: Interface = Interface {
    package: PACKAGE_EXT,
    name: "pages",
    version: EXTENSIONS,
    functions: &[
        number("page-size", &[]),
        number("reserve", THREE),
        number("commit", TWO),
        number("decommit", TWO),
        number("reset", TWO),
        quiet("release", ONE, &[]),
        quiet("unmap", TWO, &[]),
        number("resize-in-place", THREE),
        quiet("limit", &[], WIDE),
        quiet("used", &[], WIDE),
        quiet("available", &[], WIDE),
        quiet("cleared", &[], WIDE),
    ],
};

/// A function that answers with a number and whose caller sees what it could not do.
const fn number(name: &'static str, params: &'static [CoreType]) -> Function {
    quiet(name, params, ONE)
}

/// A function that never exhausts memory.
const fn quiet(
    name: &'static str,
    params: &'static [CoreType],
    results: &'static [CoreType],
) -> Function {
    Function {
        name,
        params,
        results,
        request: None,
    }
}
