//! What `wit/` looks like in core WebAssembly: names, signatures and versions.
//!
//! The one place that knows how an interface is spelled. Programs import from it, conformers export it,
//! in either of two manglings:
//!
//! | | program imports | conformer exports |
//! |---|---|---|
//! | wit-bindgen | `"sigil:allocator/core@0.1.0" "alloc"` | `"sigil:allocator/core@0.1.0#alloc"` |
//! | standard32 | `"cm32p2\|sigil:allocator/core@0.1" "alloc"` | `"cm32p2\|sigil:allocator/core@0.1\|alloc"` |
//!
//! The tables here are checked against `wit/` by a test.

mod interface;
mod name;
mod version;

pub use interface::{
    BULK, CORE, CoreType, Function, INTERFACES, Interface, PAGES, SCOPE, SIZED, STATS, interface,
};
pub use name::{FunctionName, InterfaceName, PACKAGE, PACKAGE_EXT};
pub use version::Version;

/// The version of the contract that this release implements.
pub const CONTRACT: Version = Version {
    major: 0,
    minor: 1,
    patch: 0,
};

/// The version of the extensions that this release knows.
pub const EXTENSIONS: Version = Version {
    major: 0,
    minor: 1,
    patch: 0,
};

/// The global or symbol that names the first byte above a program's static data and stack.
pub const HEAP_BASE: &str = "__heap_base";

/// The symbol that a conformer uses for the end of the program's initial memory, at most 2^32 - 8.
pub const HEAP_END: &str = "__heap_end";

/// The symbol behind the last byte of a module's static data.
pub const DATA_END: &str = "__data_end";

/// The global that holds the top of a module's shadow stack.
pub const STACK_POINTER: &str = "__stack_pointer";

/// The module name that memory and linker symbols are imported from.
pub const ENV: &str = "env";

/// The custom section in which a linked module says what was linked into it.
pub const LINK_SECTION: &str = "sigil:link";
