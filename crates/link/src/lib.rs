//! Merges a conformer of `sigil:allocator` into a compiled program, over the program's own memory.
//!
//! Two components never share a memory, so composing a program with an allocator type-checks and is
//! useless. What works is to merge: the allocator's code moves into the program's module, its static data
//! to the program's heap base, and the program's imports become direct calls.
//!
//! ```text
//! (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc …))      (func $main … call $alloc …)
//! (func $main … call $alloc …)                                  =>   (func $alloc …the conformer's…)
//! ```
//!
//! The pipeline is the file list:
//!
//! | file | from | to |
//! |---|---|---|
//! | `component` | a conformer component | the core module in it |
//! | `parse` | bytes | facts, no decisions |
//! | `resolve` | what is imported, what is exported | which function serves which import, or all that is wrong |
//! | `suggest` | other conformers | which of them would serve what is missing |
//! | `reach` | the functions in use | what of the conformer is kept |
//! | `layout` | heap base, statics, stack | addresses |
//! | `relocate` | the conformer and its addresses | the conformer, moved |
//! | `scalars` | loads and stores of statics | those that become globals (with `-O`) |
//! | `template`, `site`, `inline` | the conformer's functions | their fast paths in the program's code (with `-O`) |
//! | `bodies` | the program's code | the same with other function indices |
//! | `code` | the functions of both | one code section |
//! | `merge` | two modules | one: indices renumbered, imports fused, names kept |
//! | `record` | what was done | the `sigil:link` section |
//!
//! Nothing here runs wasm. Same input, same bytes.

mod bodies;
mod code;
mod component;
mod error;
mod inline;
mod layout;
mod merge;
mod names;
mod parse;
mod reach;
mod record;
mod relocate;
mod renumber;
mod report;
mod resolve;
mod scalars;
mod site;
mod suggest;
mod template;

use merge::Merger;
use parse::Parsed;
use renumber::Functions;
use scalars::Scalars;
use sigil_abi::InterfaceName;

pub use error::{Error, Missing};
pub use record::{Entry, Record};
pub use report::{Caller, InlinedFunction, Report};
pub use suggest::suggest;

/// A file to link: its name for messages, and its bytes, binary wasm.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What messages call it; the conformer's also goes into the [`Record`].
    pub name: &'a str,
    /// A core module; for a conformer, a component as well.
    pub bytes: &'a [u8],
}

/// What may be asked of a link.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The first byte above the program's static data and stack. Without it: the program's exported or
    /// named `__heap_base`, else the end of its initial memory.
    pub heap_base: Option<u32>,
    /// Functions to export from the result, for hosts that pass data in: WIT names such as `alloc`.
    pub exports: Vec<String>,
    /// Whether the allocator's fast paths are inlined into the program, and its statics become globals.
    pub optimize: bool,
}

/// A linked program.
#[derive(Clone, Debug)]
pub struct Linked {
    /// A valid core module that no longer imports the allocator.
    pub wasm: Vec<u8>,
    /// What the user should know, a sentence each.
    pub warnings: Vec<String>,
    /// What was linked where: the contents of the module's `sigil:link` section.
    pub record: Record,
    /// What [`Options::optimize`] did.
    pub report: Option<Report>,
}

/// Whether `program` imports an interface of `sigil:allocator` or `sigil:allocator-ext`.
///
/// # Errors
///
/// Where `program` is no core module.
pub fn imports_allocator(program: Input<'_>) -> Result<bool, Error> {
    let program = Parsed::new(program)?;
    Ok(program
        .imports
        .iter()
        .any(|import| InterfaceName::from_import(import.module).is_some()))
}

/// Merges `conformer` into `program`.
///
/// # Errors
///
/// See [`Error`]; whatever is missing is reported at once.
pub fn link(program: Input<'_>, conformer: Input<'_>, options: &Options) -> Result<Linked, Error> {
    let module = component::core_module(conformer)?;
    let conformer = Input {
        name: conformer.name,
        bytes: module,
    };
    let program = Parsed::new(program)?;
    let parsed = Parsed::new(conformer)?;
    program.validate()?;
    parsed.validate()?;

    let mut warnings = Vec::new();
    let fusion = resolve::resolve(&program, &parsed, &options.exports, &mut warnings)?;
    let reached = reach::reach(&parsed, fusion.functions())?;
    let layout = layout::lay_out(
        &program,
        &parsed,
        &reached,
        options.heap_base,
        &mut warnings,
    )?;
    let moved = relocate::relocate(&parsed, &reached, &layout)?;
    let parsed = Parsed::new(Input {
        name: conformer.name,
        bytes: &moved,
    })?;
    let scalars = if options.optimize {
        scalars::find(&parsed, &reached, &layout)?
    } else {
        Scalars::default()
    };
    let merger = Merger {
        program: &program,
        conformer: &parsed,
        fusion: &fusion,
        reached: &reached,
        layout: &layout,
        scalars: &scalars,
        functions: &Functions::new(&program, &fusion, &reached),
        optimize: options.optimize,
    };
    merger.merge(warnings)
}
