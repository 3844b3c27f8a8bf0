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
//! | `scalars` | loads and stores of statics | those that become globals |
//! | `template`, `site`, `fold`, `inline` | the conformer's functions | their fast paths in the program's code (with `-O`) |
//! | `scan`, `bodies` | the program's code | the same with other function indices |
//! | `code` | the functions of both | one code section |
//! | `merge` | two modules | one: indices renumbered, imports fused, names kept |
//! | `moves` | splices in the program's code | old code offsets to new ones |
//! | `carry` | the program's custom sections | the same, but for those that the merge makes wrong |
//! | `offsets`, `debug` | sections that point into the code | the same, right for the code that moved |
//! | `producers` | the program's section of that name | the same, with this tool |
//! | `record` | what was done | the `sigil:link` section |
//! | `validate` | the result | the same, or whose fault it is that it is wrong |
//! | `embedded`, `rewire` | a program that is a component | the same around the linked module |
//! | `retrofit` | a program with an allocator of its own | one that imports `sigil:allocator`, on demand |
//! | `made_names` | a program without names | names for its functions, on demand |
//! | `strip` | the linked module | the same without names and debug information |
//! | `map` | the linked module and its record | what lies where |
//! | `world` | the world that the program was compiled for | the same without the allocator |
//! | `componentize` | the linked module | a component |
//! | `inspect` | any of these files | what it says about allocators |
//!
//! Nothing here runs wasm. Same input, same bytes.

mod bodies;
mod carry;
mod code;
mod component;
mod componentize;
mod constant;
mod customs;
mod debug;
mod embedded;
mod error;
mod fold;
mod inline;
mod inspect;
mod layout;
mod made_names;
mod map;
mod merge;
mod moves;
mod names;
mod offsets;
mod parse;
mod producers;
mod reach;
mod record;
mod relocate;
mod renumber;
mod report;
mod resolve;
mod retrofit;
mod rewire;
mod scalars;
mod scan;
mod site;
mod strip;
mod suggest;
mod template;
mod validate;
mod world;

use merge::Merger;
use parse::Parsed;
use renumber::Functions;

pub use error::{Error, Missing};
pub use inspect::{InspectError, Inspection, Kind, inspect};
pub use map::{Function, Global, Map, Owner, Region};
pub use record::{Entry, Record};
pub use report::{Caller, InlinedFunction, Report};
pub use retrofit::{
    CFunction, Call, Force, Forcible, Found, Pointer, Profile, ProfileError, Refusal, Replace,
    Replacement, Role, Scopes,
};
pub use suggest::suggest;

/// A file to link: its name for messages, and its bytes, binary wasm.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// What messages call it; the conformer's also goes into the [`Record`].
    pub name: &'a str,
    /// A core module or a component.
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
    /// Whether the allocator's fast paths are inlined into the program.
    pub optimize: bool,
    /// What to make of the linked module.
    pub emit: Emit,
    /// The maximum of memory 0, in pages of 64 KiB, in place of what the program says; at most 65,536.
    pub max_pages: Option<u32>,
    /// Whether names, debug information and the list of producers are left out.
    pub strip: bool,
    /// Whether functions are named also where the program names none: the allocator's by the contract, the
    /// program's by its imports and exports.
    pub names: bool,
    /// Whether to fill in [`Linked::map`].
    pub map: bool,
    /// The allocator of the program's own that the conformer takes the place of, where it has one.
    pub replace: Option<Replace>,
}

/// What a link results in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Emit {
    /// A core module.
    #[default]
    Module,
    /// A component: of the world that the program was compiled for, less the allocator, with WASI 0.2 in
    /// place of WASI preview 1.
    Component,
}

/// A linked program.
#[derive(Clone, Debug)]
pub struct Linked {
    /// A valid core module or component, as [`Options::emit`] says, that no longer imports the allocator.
    pub wasm: Vec<u8>,
    /// What the user should know, a sentence each.
    pub warnings: Vec<String>,
    /// What was linked where: the contents of the module's `sigil:link` section.
    pub record: Record,
    /// What [`Options::optimize`] did.
    pub report: Option<Report>,
    /// What lies where in the core module, where [`Options::map`] asks for it.
    pub map: Option<Map>,
    /// What was replaced, where [`Options::replace`] asks for it.
    pub replacement: Option<Replacement>,
}

/// Whether `program` begins as a component does.
pub fn is_component(program: Input<'_>) -> bool {
    component::is_component(program.bytes)
}

/// Whether `program` imports an interface of `sigil:allocator` or `sigil:allocator-ext`.
///
/// # Errors
///
/// Where `program` is no core module.
pub fn imports_allocator(program: Input<'_>) -> Result<bool, Error> {
    Ok(embedded::imports_allocator(&Parsed::new(program)?))
}

/// Merges `conformer` into `program`; where that is a component, into the core module in it, and the result
/// is a component whatever [`Options::emit`] says.
///
/// # Errors
///
/// See [`Error`]; whatever is missing is reported at once.
pub fn link(program: Input<'_>, conformer: Input<'_>, options: &Options) -> Result<Linked, Error> {
    if let Some(replace) = &options.replace {
        return link_retrofitted(program, conformer, options, replace);
    }
    link_plain(program, conformer, options)
}

/// Replaces the program's own allocator first.
fn link_retrofitted(
    program: Input<'_>,
    conformer: Input<'_>,
    options: &Options,
    replace: &Replace,
) -> Result<Linked, Error> {
    if is_component(program) {
        return Err(Error::Unsupported {
            input: program.name.into(),
            what: "--replace rewrites a core module, and the program is a component".into(),
            help: "replace the allocator in the core module, before a component is made of it"
                .into(),
        });
    }
    let retrofitted = retrofit::retrofit(program, replace)?;
    let options = Options {
        heap_base: options.heap_base.or(retrofitted.heap_base),
        ..options.clone()
    };
    let program = Input {
        name: program.name,
        bytes: &retrofitted.wasm,
    };
    let mut linked = link_plain(program, conformer, &options)?;
    linked.warnings.splice(0..0, retrofitted.warnings);
    linked.replacement = Some(retrofitted.replacement);
    Ok(linked)
}

/// Merges the two, which import and export the allocator.
fn link_plain(
    program: Input<'_>,
    conformer: Input<'_>,
    options: &Options,
) -> Result<Linked, Error> {
    let mut linked = if is_component(program) {
        embedded::link(program, conformer, options)?
    } else {
        link_module(program, conformer, options)?
    };
    if options.emit == Emit::Component && !is_component(program) {
        linked.wasm = componentize::component(program.name, &linked.wasm)?;
    }
    if options.strip {
        linked.wasm = strip::strip(&linked.wasm);
    }
    Ok(linked)
}

/// Merges `conformer` into the core module `program`.
fn link_module(
    program: Input<'_>,
    conformer: Input<'_>,
    options: &Options,
) -> Result<Linked, Error> {
    let module = component::core_module(conformer)?;
    let conformer = Input {
        name: conformer.name,
        bytes: module,
    };
    let program = Parsed::new(program)?;
    let parsed = Parsed::new(conformer)?;
    let outline = validate::outline(&program)?;
    validate::input(conformer)?;

    let mut warnings = Vec::new();
    let fusion = resolve::resolve(&program, &parsed, &options.exports, &mut warnings)?;
    let reached = reach::reach(&parsed, fusion.functions())?;
    let layout = layout::lay_out(&program, &parsed, &reached, options, &mut warnings)?;
    let moved = relocate::relocate(&parsed, &reached, &layout)?;
    let parsed = Parsed::new(Input {
        name: conformer.name,
        bytes: &moved,
    })?;
    let scalars = scalars::find(&parsed, &reached, &layout)?;
    let merger = Merger {
        program: &program,
        conformer: &parsed,
        fusion: &fusion,
        reached: &reached,
        layout: &layout,
        scalars: &scalars,
        functions: &Functions::new(&program, &fusion, &reached),
        outline: &outline,
        options,
    };
    let mut linked = merger.merge(warnings)?;
    if options.map {
        linked.map = Some(Map::new(&linked, program.globals.len() as u32)?);
    }
    Ok(linked)
}
