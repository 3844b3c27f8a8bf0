//! Who would have served what a link found missing.

use crate::{Error, Input, Options, component, error::Missing, parse::Parsed, resolve, retrofit};

/// Adds to an [`Error::Unresolved`] of `program`, which was linked with `options`, which of `candidates` export what is missing, and which
/// of them would serve the whole program. Other errors, and candidates that are no conformers, are left
/// as they are.
///
/// The candidates' names are what the message calls them.
#[must_use]
pub fn suggest(
    mut error: Error,
    program: Input<'_>,
    options: &Options,
    candidates: &[Input<'_>],
) -> Error {
    if let Error::Unresolved {
        missing,
        alternatives,
        ..
    } = &mut error
    {
        // What it imports may be what came of it.
        let retrofitted = options
            .replace
            .as_ref()
            .and_then(|replace| retrofit::retrofit(program, replace).ok());
        let program = Input {
            bytes: retrofitted
                .as_ref()
                .map_or(program.bytes, |retrofitted| &retrofitted.wasm),
            ..program
        };
        for candidate in candidates {
            let Some(lacks) = lacks(program, &options.exports, *candidate) else {
                continue;
            };
            for wanted in missing.iter_mut() {
                if lacks.iter().all(|other| other.import != wanted.import) {
                    wanted.offered_by.push(candidate.name.into());
                }
            }
            if lacks.is_empty() {
                alternatives.push(candidate.name.into());
            }
        }
    }
    error
}

/// What of the program's imports `candidate` does not serve; `None` where that is no conformer.
fn lacks(program: Input<'_>, exports: &[String], candidate: Input<'_>) -> Option<Vec<Missing>> {
    let program = Parsed::new(program).ok()?;
    let bytes = component::core_module(candidate).ok()?;
    let conformer = Parsed::new(Input { bytes, ..candidate }).ok()?;
    match resolve::resolve(&program, &conformer, exports, &mut Vec::new()) {
        Ok(_) => Some(Vec::new()),
        Err(Error::Unresolved { missing, .. }) => Some(missing),
        Err(_) => None,
    }
}
