//! Takes the conformer's core module out of the component that it is shipped as.

use sigil_abi::FunctionName;
use wasmparser::{Encoding, Parser, Payload};

use crate::{Error, Input, parse::Parsed};

/// Whether `bytes` begin as a component does.
pub(crate) fn is_component(bytes: &[u8]) -> bool {
    matches!(
        Parser::new(0).parse_all(bytes).next(),
        Some(Ok(Payload::Version {
            encoding: Encoding::Component,
            ..
        }))
    )
}

/// The core module in `conformer`: the file itself, or the one module in a component that exports
/// functions of `sigil:allocator`.
pub(crate) fn core_module(conformer: Input<'_>) -> Result<&[u8], Error> {
    let malformed = |source| Error::Malformed {
        input: conformer.name.into(),
        source,
    };
    if !is_component(conformer.bytes) {
        return Ok(conformer.bytes);
    }
    let mut found = Vec::new();
    for payload in Parser::new(0).parse_all(conformer.bytes) {
        let Payload::ModuleSection {
            unchecked_range, ..
        } = payload.map_err(malformed)?
        else {
            continue;
        };
        let Some(bytes) = conformer.bytes.get(unchecked_range) else {
            continue;
        };
        let module = Parsed::new(Input {
            name: conformer.name,
            bytes,
        })?;
        if module
            .exports
            .iter()
            .any(|export| FunctionName::from_export(export.name).is_some())
        {
            found.push(bytes);
        }
    }
    match found[..] {
        [module] => Ok(module),
        _ => Err(Error::NoConformer {
            input: conformer.name.into(),
            found: found.len(),
        }),
    }
}
