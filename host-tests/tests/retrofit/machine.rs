//! Runs modules with a host that prints, and that allocates in them.

use wasmtime::{Caller, Engine, Extern, Instance, Linker, Module, Store, Trap};

/// What can be seen of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// What was printed, a line each.
    pub(crate) printed: Vec<String>,
    /// How it ended.
    pub(crate) end: Result<Option<i32>, Trap>,
}

/// A host's own state.
#[derive(Default)]
struct Host {
    printed: Vec<String>,
    n_read: u32,
}

/// An instance that is called more than once.
pub(crate) struct Machine {
    store: Store<Host>,
    instance: Instance,
}

impl Machine {
    /// An instance of `wasm`, which is valid.
    pub(crate) fn new(wasm: &[u8]) -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, wasm).unwrap_or_else(|error| panic!("{error:?}"));
        let mut linker: Linker<Host> = Linker::new(&engine);
        let print =
            |mut caller: Caller<'_, Host>, n: i32| caller.data_mut().printed.push(n.to_string());
        linker.func_wrap("env", "print", print).expect("it is new");
        linker
            .func_wrap("env", "print_string", print_string)
            .expect("it is new");
        linker.func_wrap("env", "read", read).expect("it is new");
        let mut store = Store::new(&engine, Host::default());
        let instance = linker
            .instantiate(&mut store, &module)
            .unwrap_or_else(|error| panic!("{error:?}"));
        Self { store, instance }
    }

    /// Calls the export `name`, which takes nothing and returns a number or nothing.
    pub(crate) fn call(&mut self, name: &str) -> Seen {
        let function = self
            .instance
            .get_func(&mut self.store, name)
            .expect("it is exported");
        let n_results = function.ty(&self.store).results().len();
        let mut results = vec![wasmtime::Val::I32(0); n_results];
        let end = match function.call(&mut self.store, &[], &mut results) {
            Ok(()) => Ok(results.first().and_then(wasmtime::Val::i32)),
            Err(error) => Err(*error
                .downcast_ref::<Trap>()
                .unwrap_or_else(|| panic!("{error:?}"))),
        };
        Seen {
            printed: std::mem::take(&mut self.store.data_mut().printed),
            end,
        }
    }

    /// The exported global `name`.
    pub(crate) fn global(&mut self, name: &str) -> i32 {
        let global = self
            .instance
            .get_global(&mut self.store, name)
            .expect("it is exported");
        global.get(&mut self.store).unwrap_i32()
    }
}

/// Prints a string of the program's: `[length, bytes …]`.
fn print_string(mut caller: Caller<'_, Host>, at: i32) {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        panic!("memory is exported");
    };
    let bytes = memory.data(&caller);
    let start = at as u32 as usize + 4;
    let length = u32::from_le_bytes(bytes[start - 4..start].try_into().expect("4 bytes"));
    let text = String::from_utf8_lossy(&bytes[start..start + length as usize]).into_owned();
    caller.data_mut().printed.push(text);
}

/// Hands the program a string that it allocates in the program, a byte at a time by the program's `realloc`.
fn read(mut caller: Caller<'_, Host>) -> i32 {
    let n = caller.data().n_read;
    caller.data_mut().n_read += 1;
    let line = format!("line {n}");
    let function = |caller: &mut Caller<'_, Host>, name| match caller.get_export(name) {
        Some(Extern::Func(function)) => function,
        _ => panic!("`{name}` is exported"),
    };
    let alloc = function(&mut caller, "alloc")
        .typed::<i32, i32>(&caller)
        .expect("its type");
    let realloc = function(&mut caller, "realloc")
        .typed::<(i32, i32, i32), i32>(&caller)
        .expect("its type");
    let mut at = alloc.call(&mut caller, 4).expect("it allocates");
    let mut size = 4;
    for byte in line.bytes() {
        at = realloc
            .call(&mut caller, (at, size, size + 1))
            .expect("it allocates");
        write(&mut caller, at + size, &[byte]);
        size += 1;
    }
    write(&mut caller, at, &(size - 4).to_le_bytes());
    at
}

fn write(caller: &mut Caller<'_, Host>, at: i32, bytes: &[u8]) {
    let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
        panic!("memory is exported");
    };
    memory
        .write(caller, at as u32 as usize, bytes)
        .expect("it is in bounds");
}
