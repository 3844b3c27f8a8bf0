//! Replaces the allocator that a program was compiled with: the program is rewritten into one that imports
//! `sigil:allocator`, and linked like any other.
//!
//! ```text
//! (global $heap (mut i32) …)                       (import "sigil:allocator/core@0.1.0" "alloc" …)
//! (func $alloc (export "alloc") … )                (export "alloc" (func $sigil:allocator/…#alloc))
//! (func $main                                      (func $main
//!   global.get $heap  local.set $saved        =>     call $enter-scope  local.set $saved
//!   … call $alloc …                                  … call $sigil:allocator/…#alloc …
//!   local.get $saved  global.set $heap)              local.get $saved  call $exit-scope)
//! ```
//!
//! | file | from | to |
//! |---|---|---|
//! | `profile` | TOML | which function is which call, and how scopes are spelled |
//! | `uses` | the program | who uses whom |
//! | `roles` | profile and program | the functions and the bump pointer, by index |
//! | `shape` | functions without names | those that only read or set the pointer |
//! | `flow` | a function | where its values come from and go to |
//! | `analysis` | all of that | a plan, or refusals |
//! | `scopes` | saving and setting back the pointer | scopes |
//! | `resets` | functions that free all | those after which no scope is open |
//! | `paths` | scopes | those that are open on every path |
//! | `heap_access` | code that aligns the pointer | nothing |
//! | `sizes` | arithmetic that wraps | arithmetic that does not |
//! | `plan` | | what is to be done, as plain data |
//! | `added` | | functions that the program gains |
//! | `rewrite` | a plan | the program anew |
//! | `refuse` | | why not, and what to insist on |
//! | `recognise` | any module | which allocator is in it, for `inspect` |
//!
//! What does not fit is refused. Nothing is guessed, and nothing is run.

mod added;
mod analysis;
mod flow;
mod heap_access;
mod paths;
mod plan;
mod profile;
mod recognise;
mod refuse;
mod resets;
mod rewrite;
mod roles;
mod scopes;
mod shape;
mod sizes;
mod uses;

use std::collections::BTreeSet;

use serde::Serialize;
use wasm_encoder::reencode::Error as Reencoding;

use crate::{Error, Input, parse::Parsed, validate};
use analysis::Analysis;
use plan::{Plan, Replaced, Target};
use roles::{Roles, called};
use uses::Uses;

pub use profile::{CFunction, Call, Pointer, Profile, ProfileError, Role, Scopes};
pub use recognise::Found;
pub(crate) use recognise::recognise;
pub(crate) use refuse::explain;
pub use refuse::{Force, Forcible, Refusal};

/// What is to be replaced in a program: [`Options::replace`](crate::Options::replace).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replace {
    /// What the allocator in it looks like.
    pub profile: Profile,
    /// What is insisted on where the program does not fit.
    pub force: Force,
}

/// What was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Replacement {
    /// The profile's name.
    pub profile: String,
    /// The functions that the program has no longer, by name or index.
    pub gone: Vec<String>,
    /// What the program calls of an allocator now: `sigil:allocator/core@0.1.0#alloc`. Sorted.
    pub calls: Vec<String>,
    /// How many places open a scope.
    pub scopes: u32,
    /// How many instructions compute a size without wrapping.
    pub checked: u32,
}

/// A program that imports its allocator.
pub(crate) struct Retrofitted {
    pub(crate) wasm: Vec<u8>,
    /// The first address that its old allocator handed out, where that is known.
    pub(crate) heap_base: Option<u32>,
    pub(crate) warnings: Vec<String>,
    pub(crate) replacement: Replacement,
}

/// Rewrites `program` by `replace`.
pub(crate) fn retrofit(program: Input<'_>, replace: &Replace) -> Result<Retrofitted, Error> {
    validate::input(program)?;
    let parsed = Parsed::new(program)?;
    let malformed = |source| Error::Malformed {
        input: program.name.into(),
        source,
    };
    let refused = |refusals| Error::Refused {
        program: program.name.into(),
        profile: replace.profile.name.clone(),
        refusals,
    };
    let uses = Uses::of_bodies(&parsed).map_err(malformed)?;
    let roots = Uses::roots(&parsed).map_err(malformed)?;
    let roles = roles::find(&parsed, &replace.profile, &uses).map_err(refused)?;
    let mut analysis = Analysis {
        program: &parsed,
        roles: &roles,
        force: replace.force,
        plan: Plan::default(),
        refusals: Vec::new(),
        resets: BTreeSet::new(),
    };
    analysis.run(&uses, &roots).map_err(malformed)?;
    if !analysis.refusals.is_empty() {
        return Err(refused(analysis.refusals));
    }
    let plan = analysis.plan;
    let mut warnings = plan.warnings.clone();
    let rewritten = rewrite::rewrite(&parsed, &plan, &uses, &roots, &mut warnings).map_err(
        |error| match error {
            Reencoding::ParseError(source) => malformed(source),
            other => Error::Unsupported {
                input: program.name.into(),
                what: other.to_string(),
                help: "this is a defect of the linker; report it with the program".into(),
            },
        },
    )?;
    let leftover = leftover(&parsed, &roles, &plan, &rewritten.live, &uses);
    if !leftover.is_empty() {
        return Err(refused(leftover));
    }
    if let Err(source) = validate::types(&rewritten.wasm) {
        return Err(Error::Defect {
            program: program.name.into(),
            source,
        });
    }
    if !roles.absent_helpers.is_empty() {
        warnings.push(format!(
            "`{}` has no function `{}`: what it is called here allocates as before, and its sizes are not checked \
             for overflow",
            program.name,
            roles.absent_helpers.join("`, `")
        ));
    }
    let is_gone = |function: &u32| {
        matches!(plan.replaced.get(function), Some(Replaced::By(_)))
            || !rewritten.live.contains(&Target::Program(*function))
    };
    let calls = rewritten.live.iter().filter_map(|target| match target {
        Target::Call(call) => Some(format!("{}#{}", call.module(), call.function.name)),
        _ => None,
    });
    let defined = parsed.n_imported_functions..parsed.functions.len() as u32;
    Ok(Retrofitted {
        wasm: rewritten.wasm,
        heap_base: roles.heap_base,
        warnings,
        replacement: Replacement {
            profile: replace.profile.name.clone(),
            gone: defined
                .filter(is_gone)
                .map(|function| called(&parsed, function))
                .collect(),
            calls: calls.collect(),
            scopes: plan.n_scopes,
            checked: plan.n_checked,
        },
    })
}

/// Refuses what the profile says must be gone and is not: it names who still needs it.
fn leftover(
    program: &Parsed<'_>,
    roles: &Roles<'_>,
    plan: &Plan,
    live: &BTreeSet<Target>,
    uses: &[Uses],
) -> Vec<Refusal> {
    let still = roles.gone.iter().filter(|function| {
        live.contains(&Target::Program(**function)) && !plan.replaced.contains_key(function)
    });
    still
        .map(|function| {
            let users = (program.n_imported_functions..).zip(uses);
            let mut users = users.filter(|(user, uses)| {
                live.contains(&Target::Program(*user))
                    && !plan.replaced.contains_key(user)
                    && !roles.gone.contains(user)
                    && uses.functions.contains(function)
            });
            let by = users.next().map_or_else(
                || "by an export or a table".to_owned(),
                |(user, _)| format!("by function {}", called(program, user)),
            );
            Refusal::of_module(format!(
                "function {} of the old allocator is still used, {by}: two allocators would share blocks",
                called(program, *function)
            ))
        })
        .collect()
}
