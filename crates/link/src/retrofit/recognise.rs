//! Which allocator was compiled into a module: by the names and exports of its functions, and by trying the
//! built-in profiles.

use std::collections::BTreeSet;

use serde::Serialize;
use wasmparser::Operator;

use super::{Force, Pointer, Profile, Refusal, Replace, Scopes, retrofit, roles, uses::Uses};
use crate::{
    Error, Input,
    parse::{Parsed, is_function_kind},
};

/// An allocator that a module was compiled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Found {
    /// What it is.
    pub name: String,
    /// Whether it is known by name, not just by what it does.
    pub is_known: bool,
    /// What it was recognised by.
    pub by: String,
    /// The built-in profile by which `sigil link --replace` takes it out, where one fits.
    pub profile: Option<String>,
    /// What a conformer has to have then: `sigil:allocator/core@0.1.0#alloc`. Sorted.
    pub needs: Vec<String>,
    /// What stands in the way, where it is known how it could be replaced.
    pub hindrances: Vec<String>,
}

/// How an allocator gives itself away.
struct Known {
    name: &'static str,
    /// Any one of these, in a function's name.
    names: &'static [Pattern],
    /// Or all of these exports.
    exports: &'static [&'static str],
    /// Names of something else that is built upon this.
    unless: &'static [Pattern],
}

enum Pattern {
    Is(&'static str),
    Has(&'static str),
}

use Pattern::{Has, Is};

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        match self {
            Is(exactly) => name == *exactly,
            Has(part) => name.contains(part),
        }
    }
}

/// Names as compilers write them: see `host-tests/retrofit/names`, which was taken from their output.
const KNOWN: &[Known] = &[
    known("wasi-libc's dlmalloc", &[Is("dlmalloc"), Is("dlfree")]),
    known(
        "wasi-libc's emmalloc",
        &[Has("emmalloc"), Is("claim_more_memory")],
    ),
    // Both manglings have each part of the path with its length, and the demangled names have colons.
    known(
        "Rust's dlmalloc",
        &[
            Has("8dlmalloc8dlmalloc"),
            Has("dlmalloc::dlmalloc::Dlmalloc"),
        ],
    ),
    known("AssemblyScript's stub runtime", &[Has("~lib/rt/stub/")]),
    known("AssemblyScript's minimal runtime", &[Has("~lib/rt/tcms/")]),
    known(
        "AssemblyScript's incremental runtime",
        &[Has("~lib/rt/itcms/")],
    ),
    Known {
        name: "an AssemblyScript runtime",
        names: &[],
        exports: &["__new", "__pin", "__unpin", "__collect"],
        unless: &[Has("~lib/rt/")],
    },
    known("Zig's WasmAllocator", &[Has("heap.WasmAllocator.")]),
    known(
        "Zig's DebugAllocator",
        &[Has("heap.debug_allocator.DebugAllocator(")],
    ),
    known(
        "Zig's GeneralPurposeAllocator",
        &[Has(
            "heap.general_purpose_allocator.GeneralPurposeAllocator(",
        )],
    ),
    known(
        "Zig's ArenaAllocator",
        &[Has("heap.arena_allocator.ArenaAllocator.")],
    ),
    known(
        "Zig's FixedBufferAllocator",
        &[
            Has("heap.FixedBufferAllocator."),
            Has("heap.fixed_buffer_allocator."),
        ],
    ),
    known(
        "Zig's page allocator",
        &[Has("heap.WasmPageAllocator."), Has("heap.PageAllocator.")],
    ),
];

const fn known(name: &'static str, names: &'static [Pattern]) -> Known {
    Known {
        name,
        names,
        exports: &[],
        unless: &[],
    }
}

/// The allocators in the core module `program`, as far as they are known; one that is not known is reported by
/// what it does to memory.
///
/// Errors: where `program` is no core module, or not valid.
pub(crate) fn recognise(program: Input<'_>) -> Result<Vec<Found>, Error> {
    let parsed = Parsed::new(program)?;
    let mut found: Vec<Found> = KNOWN
        .iter()
        .filter_map(|known| by_names(&parsed, known))
        .collect();
    let uses = Uses::of_bodies(&parsed).map_err(|source| malformed(&parsed, source))?;
    for name in Profile::built_in_names() {
        by_profile(&parsed, name, &uses, &mut found)?;
    }
    if found.is_empty() {
        found.extend(by_shape(&parsed, &uses));
    }
    if found.is_empty() {
        found.extend(by_growth(&parsed)?);
    }
    Ok(found)
}

fn malformed(program: &Parsed<'_>, source: wasmparser::BinaryReaderError) -> Error {
    Error::Malformed {
        input: program.input.name.into(),
        source,
    }
}

fn by_names(program: &Parsed<'_>, known: &Known) -> Option<Found> {
    let names = || program.function_names.iter().map(|(_, name)| *name);
    let fits = |patterns: &[Pattern], name: &str| patterns.iter().any(|pattern| pattern.fits(name));
    if names().any(|name| fits(known.unless, name)) {
        return None;
    }
    let mut n_named = names().filter(|name| fits(known.names, name));
    let first = n_named.next();
    let by = match first.map(shortened) {
        Some(first) => match n_named.count() {
            0 => format!("the function name `{first}`"),
            more => format!("the function name `{first}`, and {more} more"),
        },
        None => {
            let exports: BTreeSet<&str> =
                program.exports.iter().map(|export| export.name).collect();
            let has_all = known.exports.iter().all(|name| exports.contains(name));
            if known.exports.is_empty() || !has_all {
                return None;
            }
            format!("the exports `{}`", known.exports.join("`, `"))
        }
    };
    Some(Found {
        name: known.name.into(),
        is_known: true,
        by,
        profile: None,
        needs: Vec::new(),
        hindrances: Vec::new(),
    })
}

/// A module that has this many functions of a profile's names, and does not fit it, is told why.
const ENOUGH_NAMES: usize = 3;

/// How much of a function's name is shown.
const MOST_CHARS: usize = 60;

fn shown(refusals: &[Refusal]) -> Vec<String> {
    refusals.iter().map(ToString::to_string).collect()
}

/// A name, or its beginning: mangled and generic ones have no end.
fn shortened(name: &str) -> String {
    match name.char_indices().nth(MOST_CHARS) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.to_string(),
    }
}

/// Tries a built-in profile, and adds to what was `found` by names how that is replaced.
fn by_profile(
    program: &Parsed<'_>,
    name: &str,
    uses: &[Uses],
    found: &mut Vec<Found>,
) -> Result<(), Error> {
    let Some(profile) = Profile::built_in(name) else {
        return Ok(());
    };
    let (by, needs, hindrances) = match roles::find(program, &profile, uses) {
        Ok(roles) => {
            let functions = roles
                .functions
                .keys()
                .map(|function| roles::called(program, *function));
            let by = functions.collect::<Vec<_>>().join(", ");
            let replace = Replace {
                profile: profile.clone(),
                force: Force::default(),
            };
            match retrofit(program.input, &replace) {
                Ok(retrofitted) => (by, retrofitted.replacement.calls, Vec::new()),
                Err(Error::Refused { refusals, .. }) => (by, Vec::new(), shown(&refusals)),
                Err(other) => return Err(other),
            }
        }
        // With so many of its names, it is meant to be that.
        Err(refusals) if roles::n_named(program, &profile) >= ENOUGH_NAMES => {
            let by = format!("{ENOUGH_NAMES} or more that the profile `{name}` names");
            (by, Vec::new(), shown(&refusals))
        }
        Err(_) => return Ok(()),
    };
    let is_of_c = |found: &&mut Found| found.name.starts_with("wasi-libc");
    let known = found.iter_mut().find(is_of_c).filter(|_| name == "malloc");
    let fits = hindrances.is_empty().then(|| name.to_string());
    match known {
        Some(known) => {
            known.profile = fits;
            known.needs = needs;
            known.hindrances = hindrances;
        }
        None => found.push(Found {
            name: profile.about,
            is_known: true,
            by: format!("the functions {by}"),
            profile: fits,
            needs,
            hindrances,
        }),
    }
    Ok(())
}

/// A bump allocator that no profile describes: an export takes a size, and keeps one number.
fn by_shape(program: &Parsed<'_>, uses: &[Uses]) -> Option<Found> {
    let size_to_block = roles::numbers(1, 1);
    let mut exports = program.exports.iter().filter(|export| {
        is_function_kind(export.kind)
            && export.name.contains("alloc")
            && program.function_type(export.index) == Some(&size_to_block)
    });
    let bump = exports.find_map(|export| {
        let pointer = Pointer {
            found_in: export.name.into(),
            scopes: Scopes::None,
        };
        let global = roles::bump_pointer(program, &pointer, uses).ok()?;
        Some((export.name, global))
    });
    bump.map(|(name, global)| Found {
        name: "a bump allocator".into(),
        is_known: false,
        by: format!("the export `{name}`, which reads and writes global {global} alone"),
        profile: None,
        needs: Vec::new(),
        hindrances: Vec::new(),
    })
}

/// An allocator that is known by nothing but that memory grows.
fn by_growth(program: &Parsed<'_>) -> Result<Option<Found>, Error> {
    let malformed = |source| malformed(program, source);
    let mut growing = Vec::new();
    for (body, function) in program.bodies.iter().zip(program.n_imported_functions..) {
        for operator in body.get_operators_reader().map_err(malformed)? {
            if let Operator::MemoryGrow { mem: 0 } = operator.map_err(malformed)? {
                growing.push(roles::called(program, function));
                break;
            }
        }
    }
    if growing.is_empty() {
        return Ok(None);
    }
    let exports = program
        .exports
        .iter()
        .filter(|export| is_function_kind(export.kind));
    let mut names = exports.map(|export| export.name);
    let alloc = names.find(|name| ["alloc", "malloc", "__alloc", "allocate"].contains(name));
    Ok(Some(Found {
        name: "an allocator that is not known here".into(),
        is_known: false,
        by: match alloc {
            Some(alloc) => format!(
                "the export `{alloc}`, and memory grows in {}",
                growing.join(", ")
            ),
            None => format!("memory grows in {}", growing.join(", ")),
        },
        profile: None,
        needs: Vec::new(),
        hindrances: Vec::new(),
    }))
}
