//! A host as anybody writes it: wasmtime and its WASI, nothing of ours.

use wasmtime::{
    Engine, Result, Store,
    component::{Component, Linker, ResourceTable},
};
use wasmtime_wasi::{
    WasiCtx, WasiCtxView, WasiView,
    p2::{add_to_linker_sync, bindings::sync::Command, pipe::MemoryOutputPipe},
};

wasmtime::component::bindgen!({
    // The world of `libraries/render` once it is linked.
    inline: "
        package sigil-tests:linked;
        world renderer {
            export render: func(input: string) -> string;
            export rendered: func() -> u32;
        }
    ",
});

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

fn prepare(component: &[u8]) -> Result<(Store<State>, Component, Linker<State>, MemoryOutputPipe)> {
    let engine = Engine::default();
    let component = Component::from_binary(&engine, component)?;
    let mut linker = Linker::new(&engine);
    add_to_linker_sync(&mut linker)?;
    let stdout = MemoryOutputPipe::new(1 << 20);
    let wasi = WasiCtx::builder().stdout(stdout.clone()).build();
    let table = ResourceTable::new();
    let store = Store::new(&engine, State { table, wasi });
    Ok((store, component, linker, stdout))
}

/// What the command prints, run the way `wasmtime run` does.
pub(crate) fn run_command(component: &[u8]) -> Result<String> {
    let (mut store, component, linker, stdout) = prepare(component)?;
    let command = Command::instantiate(&mut store, &component, &linker)?;
    let outcome = command.wasi_cli_run().call_run(&mut store)?;
    assert_eq!(outcome, Ok(()));
    Ok(String::from_utf8(stdout.contents().to_vec())?)
}

/// What `render` makes of each input, in one instance, and what `rendered` says afterwards.
pub(crate) fn render(component: &[u8], inputs: &[&str]) -> Result<(Vec<String>, u32)> {
    let (mut store, component, linker, _) = prepare(component)?;
    let renderer = Renderer::instantiate(&mut store, &component, &linker)?;
    let outputs = inputs
        .iter()
        .map(|input| renderer.call_render(&mut store, input))
        .collect::<Result<_>>()?;
    let n_bytes = renderer.call_rendered(&mut store)?;
    Ok((outputs, n_bytes))
}
