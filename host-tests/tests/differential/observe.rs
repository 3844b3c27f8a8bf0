//! Runs a variant and writes down everything that can be seen of it.

use std::{cell::Cell, ops::Range};

use wasmtime::{
    Caller, Config, Engine, Error, ExternType, FuncType, Instance, Linker, Memory, MemoryType,
    Module, Store, Trap, Val, ValType,
};

use crate::variants::{FUNCTIONS, Variant, Variants};

/// The most that memory may grow to, so that exhaustion is part of what is seen.
const MAX_PAGES: u32 = 48;

/// Enough for the deepest recursion of a generated program, so that the size of a frame is not seen.
const WASM_STACK_BYTES: usize = 1 << 20;

/// Everything that can be seen of a run.
#[derive(PartialEq)]
pub(crate) struct Seen {
    /// What each call came to, in order.
    pub(crate) calls: Vec<String>,
    pub(crate) globals: Vec<String>,
    pub(crate) stdout: Vec<u8>,
    memory: Vec<u8>,
}

impl Seen {
    /// What is different in `other`, in words; `None` where nothing is.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        for (what, left, right) in [
            ("call", &self.calls, &other.calls),
            ("global", &self.globals, &other.globals),
        ] {
            let pairs = left.iter().zip(right);
            if let Some((left, right)) = pairs.into_iter().find(|(left, right)| left != right) {
                return Some(format!("{what}: {left} | {right}"));
            }
        }
        if self.memory.len() != other.memory.len() {
            let pages = |seen: &Self| seen.memory.len() >> 16;
            return Some(format!("memory: {} pages | {}", pages(self), pages(other)));
        }
        let differs = |(left, right): (&u8, &u8)| left != right;
        if let Some(at) = self.memory.iter().zip(&other.memory).position(differs) {
            return Some(format!("memory at {at:#x}"));
        }
        (self != other).then(|| "output, or the number of calls or globals".to_string())
    }
}

/// An engine on which arithmetic is exactly reproducible.
pub(crate) fn engine() -> Engine {
    let mut config = Config::new();
    config.cranelift_nan_canonicalization(true);
    config.max_wasm_stack(WASM_STACK_BYTES);
    Engine::new(&config).expect("this machine runs wasm")
}

/// Instantiates `variant` and calls every function that it exports, twice. `None` where the engine does not
/// know a feature of the program.
pub(crate) fn observe(engine: &Engine, variants: &Variants, variant: &Variant) -> Option<Seen> {
    let module = Module::new(engine, &variant.wasm).ok()?;
    let mut store = Store::new(engine, Host::default());
    let ty = MemoryType::new(variants.min_pages as u32, Some(MAX_PAGES));
    let memory = Memory::new(&mut store, ty).expect("a few pages");
    let mut linker = Linker::new(engine);
    linker
        .define(&store, "env", "memory", memory)
        .expect("one memory");
    host(&mut linker, memory, variants.statics.clone());
    if let Some(allocator) = &variant.allocator {
        let allocator = Module::new(engine, allocator).expect("the conformer is valid");
        let allocator = linker
            .instantiate(&mut store, &allocator)
            .expect("it needs a memory only");
        for (interface, name) in FUNCTIONS {
            let function = allocator.get_func(&mut store, name).expect("exported");
            // Under both spellings: `sigil:allocator/core@0.1.0` and `cm32p2|sigil:allocator/core@0.1`.
            let short = interface.trim_end_matches(".0");
            for interface in [interface, &format!("cm32p2|{short}")] {
                linker
                    .define(&store, interface, name, function)
                    .expect("one of each");
            }
        }
    }
    linker
        .define_unknown_imports_as_default_values(&mut store, &module)
        .ok()?;
    let mut seen = Seen {
        calls: Vec::new(),
        globals: Vec::new(),
        stdout: Vec::new(),
        memory: Vec::new(),
    };
    match linker.instantiate(&mut store, &module) {
        Ok(instance) => {
            call_all(&mut store, &module, instance, &mut seen);
            for export in module.exports() {
                if let Some(global) = instance.get_global(&mut store, export.name()) {
                    let value = show(&[global.get(&mut store)]);
                    seen.globals.push(format!("{} = {value}", export.name()));
                }
            }
        }
        // The start function trapped, or a segment did not fit.
        Err(error) => seen.calls.push(outcome(&error)),
    }
    seen.memory = memory.data(&store).to_vec();
    let statics = variants.statics.start as usize..variants.statics.end as usize;
    if let Some(statics) = seen.memory.get_mut(statics) {
        statics.fill(0);
    }
    seen.stdout = std::mem::take(&mut store.data_mut().stdout);
    Some(seen)
}

/// Calls every exported function, then all of them again: what a trap leaves behind is seen by the next.
fn call_all(store: &mut Store<Host>, module: &Module, instance: Instance, seen: &mut Seen) {
    for (round, seed) in [3, 40].into_iter().enumerate() {
        for export in module.exports() {
            let ExternType::Func(ty) = export.ty() else {
                continue;
            };
            let Some(arguments) = arguments(&ty, seed) else {
                continue;
            };
            let function = instance
                .get_func(&mut *store, export.name())
                .expect("it is exported");
            let mut results = vec![Val::I32(0); ty.results().len()];
            let came_to = match function.call(&mut *store, &arguments, &mut results) {
                Ok(()) => show(&results),
                Err(error) => outcome(&error),
            };
            seen.calls
                .push(format!("{round} {}: {came_to}", export.name()));
        }
    }
}

fn arguments(ty: &FuncType, seed: u8) -> Option<Vec<Val>> {
    ty.params()
        .map(|ty| {
            Some(match ty {
                ValType::I32 => Val::I32(seed.into()),
                ValType::I64 => Val::I64(seed.into()),
                ValType::F32 => Val::F32(f32::from(seed).to_bits()),
                ValType::F64 => Val::F64(f64::from(seed).to_bits()),
                ValType::V128 => Val::V128(u128::from(seed).into()),
                ValType::Ref(_) => return None,
            })
        })
        .collect()
}

fn show(values: &[Val]) -> String {
    let one = |value: &Val| match value {
        Val::FuncRef(function) => format!("funcref {}", function.is_some()),
        other => format!("{other:?}"),
    };
    values.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn outcome(error: &Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(trap) => format!("trap: {trap}"),
        None => format!("error: {}", error.root_cause()),
    }
}

/// What the imports of the host write down.
#[derive(Default)]
struct Host {
    stdout: Vec<u8>,
    touches: Cell<u8>,
}

/// Defines what programs import besides an allocator: as much of WASI as prints, and `touch`.
fn host(linker: &mut Linker<Host>, memory: Memory, statics: Range<u32>) {
    let write = move |mut caller: Caller<'_, Host>, _: i32, vectors: u32, n: u32, written: u32| {
        let data = memory.data(&caller);
        let word = |at: u32| -> Option<u32> {
            let at = at as usize;
            Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
        };
        let mut text = Vec::new();
        for vector in (0..n).map(|i| vectors + 8 * i) {
            let (Some(at), Some(len)) = (word(vector), word(vector + 4)) else {
                return 21;
            };
            text.extend_from_slice(&data[at as usize..(at + len) as usize]);
        }
        let n_bytes = text.len() as u32;
        caller.data_mut().stdout.extend(text);
        let n_bytes = n_bytes.to_le_bytes();
        memory
            .write(&mut caller, written as usize, &n_bytes)
            .map_or(21, |()| 0)
    };
    linker
        .func_wrap("wasi_snapshot_preview1", "fd_write", write)
        .expect("one of each");
    // Writes into a block that was just allocated, as a program would. Where a generated program passes any
    // number, that may be where the conformer keeps its state, and what a program does that destroys its
    // allocator need not be the same.
    let touch = move |mut caller: Caller<'_, Host>, block: u32| {
        let n = caller.data().touches.get().wrapping_add(1);
        caller.data().touches.set(n);
        let bytes = [n; 8];
        let end = u64::from(block) + bytes.len() as u64;
        let is_statics = block < statics.end && end > u64::from(statics.start);
        if !is_statics {
            _ = memory.write(&mut caller, block as usize, &bytes);
        }
        block
    };
    linker
        .func_wrap("host", "touch", touch)
        .expect("one of each");
}
