//! Makes a component of a linked module, by wit-component.
//!
//! The module's world is what its `component-type` sections say. Imports of WASI preview 1 are served by
//! the published adapter, which turns them into imports of WASI 0.2: the one for commands where the
//! module exports `_start`, which then is the component's `wasi:cli/run`, else the one for libraries.

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
    WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmparser::{ExternalKind, Parser, Payload};
use wit_component::ComponentEncoder;

use crate::Error;

/// The component that `module`, linked from the program of that name, makes.
pub(crate) fn component(program: &str, module: &[u8]) -> Result<Vec<u8>, Error> {
    let adapter = if exports_start(module) {
        WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER
    } else {
        WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER
    };
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter))
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| Error::Componentize {
            program: program.into(),
            message: format!("{error:#}"),
        })
}

/// Whether `module`, which is valid, is a command.
fn exports_start(module: &[u8]) -> bool {
    Parser::new(0)
        .parse_all(module)
        .map_while(Result::ok)
        .filter_map(|payload| match payload {
            Payload::ExportSection(exports) => Some(exports),
            _ => None,
        })
        .flat_map(|exports| exports.into_iter().map_while(Result::ok))
        .any(|export| export.kind == ExternalKind::Func && export.name == "_start")
}
