//! What a program of `host-tests/programs` asks of its allocator, recorded: each block becomes a slot.
//!
//! The program runs over an allocator on the host's side that only counts up, so that what is recorded is the program's
//! doing alone. Programs that leave blocks to scopes cannot be replayed by allocators without.

use std::{collections::HashMap, sync::OnceLock};

use wasmtime::{Caller, Engine, Linker, Module, Store};

use crate::modules::program;

/// The programs, in the order of [`of`].
pub(crate) const PROGRAMS: [&str; 2] = ["index", "queue"];

/// The driver's numbers for what is done; they stand in the upper 2 bits of a call's first word.
const ALLOC: u32 = 0;
const REALLOC: u32 = 1 << 30;
const FREE: u32 = 2 << 30;

/// As many calls as a run is to have at least.
const CALLS: u32 = 1_000_000;

/// Less than this is there, where a program tries.
const MOST_TRIED: u32 = 1 << 30;

/// The calls of a program, two words each, as the driver reads them. In the end no block is left.
pub(crate) struct Trace {
    pub(crate) words: Vec<u32>,
}

impl Trace {
    pub(crate) fn n_calls(&self) -> u32 {
        self.words.len() as u32 / 2
    }

    /// How often the trace is replayed in one run.
    pub(crate) fn n_turns(&self) -> u32 {
        CALLS.div_ceil(self.n_calls())
    }
}

/// The trace of `PROGRAMS[index]`, recorded once.
pub(crate) fn of(index: usize) -> &'static Trace {
    static TRACES: [OnceLock<Trace>; PROGRAMS.len()] = [const { OnceLock::new() }; PROGRAMS.len()];
    TRACES[index].get_or_init(|| record(PROGRAMS[index]))
}

/// An allocator that only counts up, and what was asked of it.
#[derive(Default)]
struct Recorder {
    next: u32,
    /// Slots and sizes of live blocks, by address.
    live: HashMap<u32, (u32, u32)>,
    freed: Vec<u32>,
    /// A block that was not resized in place, and the size that it is to have.
    outgrown: Option<(u32, u32)>,
    /// A block that has moved, and that the program gives back after copying it.
    left: Option<u32>,
    n_slots: u32,
    words: Vec<u32>,
}

impl Recorder {
    /// The block at `old` is at `block` from now on, and has another size.
    fn moved(&mut self, old: u32, block: u32, size: u32) {
        let (slot, _) = self.live.remove(&old).expect("a live block");
        self.live.insert(block, (slot, size));
        self.words.extend([REALLOC | slot, size]);
    }

    fn free(&mut self, block: u32) {
        if self.left.take_if(|left| *left == block).is_none() && block != 0 {
            let (slot, _) = self.live.remove(&block).expect("a live block");
            self.words.extend([FREE | slot, 0]);
            self.freed.push(slot);
        }
    }
}

type Program<'a> = Caller<'a, Recorder>;

/// A new block, without a slot.
fn place(program: &mut Program<'_>, size: u32, align: u32) -> u32 {
    let memory = program
        .get_export("memory")
        .and_then(wasmtime::Extern::into_memory);
    let memory = memory.expect("programs export their memory");
    if program.data().next == 0 {
        program.data_mut().next = memory.data_size(&program) as u32;
    }
    let block = program.data().next.next_multiple_of(align.max(8));
    let end = block + size.max(1);
    let missing = u64::from(end).saturating_sub(memory.data_size(&program) as u64);
    memory
        .grow(&mut *program, missing.div_ceil(1 << 16))
        .expect("memory for a short program");
    program.data_mut().next = end;
    block
}

fn alloc(program: &mut Program<'_>, size: u32, align: u32) -> u32 {
    let block = place(program, size, align);
    let recorder = program.data_mut();
    let slot = recorder.freed.pop().unwrap_or(recorder.n_slots);
    recorder.n_slots = recorder.n_slots.max(slot + 1);
    recorder.live.insert(block, (slot, size));
    recorder.words.extend([ALLOC | slot, size]);
    block
}

fn realloc(mut program: Program<'_>, old: u32, old_size: u32, new_size: u32) -> u32 {
    if old == 0 {
        return alloc(&mut program, new_size, 8);
    }
    let block = place(&mut program, new_size, 8);
    let memory = program
        .get_export("memory")
        .and_then(wasmtime::Extern::into_memory);
    let memory = memory.expect("programs export their memory");
    let kept = old as usize..(old + old_size.min(new_size)) as usize;
    memory
        .data_mut(&mut program)
        .copy_within(kept, block as usize);
    program.data_mut().moved(old, block, new_size);
    block
}

/// `fd_write` that writes nowhere, and says that it wrote all.
fn fd_write(mut program: Program<'_>, _: u32, vectors: u32, n: u32, written: u32) -> u32 {
    let memory = program
        .get_export("memory")
        .and_then(wasmtime::Extern::into_memory);
    let data = memory
        .expect("programs export their memory")
        .data_mut(&mut program);
    let word = |at: u32| u32::from_le_bytes(*data[at as usize..].first_chunk().expect("a word"));
    let total: u32 = (0..n).map(|i| word(vectors + 8 * i + 4)).sum();
    data[written as usize..][..4].copy_from_slice(&total.to_le_bytes());
    0
}

/// # Panics
///
/// Where the program is not built, or does not run.
fn record(name: &str) -> Trace {
    const CORE: &str = "sigil:allocator/core@0.1.0";
    const SIZED: &str = "sigil:allocator-ext/sized@0.1.0";
    const WASI: &str = "wasi_snapshot_preview1";
    let engine = Engine::default();
    let module = Module::new(&engine, program(name)).expect("a valid program");
    let mut store = Store::new(&engine, Recorder::default());
    let mut linker = Linker::new(&engine);
    let plain = |mut program: Program<'_>, size: u32| alloc(&mut program, size, 8);
    let aligned =
        |mut program: Program<'_>, size: u32, align: u32| alloc(&mut program, size, align);
    // Programs try what no memory holds, to see that they are told; that is not replayed.
    // Rust's `realloc` is `resize-in-place`, `try-alloc`, a copy and `free`; here nothing is resized in place.
    let tried = |mut program: Program<'_>, size: u32| match program.data_mut().outgrown.take() {
        Some((old, new_size)) if new_size == size => {
            let block = place(&mut program, size, 8);
            let recorder = program.data_mut();
            recorder.moved(old, block, size);
            recorder.left = Some(old);
            block
        }
        _ if size < MOST_TRIED => alloc(&mut program, size, 8),
        _ => 0,
    };
    let resized = |mut program: Program<'_>, block: u32, _: u32, new_size: u32| -> u32 {
        program.data_mut().outgrown = Some((block, new_size));
        0
    };
    let free = |mut program: Program<'_>, block: u32, _: u32| program.data_mut().free(block);
    let defined = (|| {
        linker.func_wrap(CORE, "alloc", plain)?;
        linker.func_wrap(CORE, "realloc", realloc)?;
        linker.func_wrap(SIZED, "try-alloc", tried)?;
        linker.func_wrap(SIZED, "resize-in-place", resized)?;
        linker.func_wrap(SIZED, "alloc-zeroed", plain)?;
        linker.func_wrap(SIZED, "alloc-aligned", aligned)?;
        linker.func_wrap(SIZED, "free", free)?;
        linker.func_wrap(WASI, "fd_write", fd_write)?;
        linker.define_unknown_imports_as_default_values(&mut store, &module)
    })();
    defined.expect("names that differ");
    let run = linker
        .instantiate(&mut store, &module)
        .and_then(|instance| {
            let start = instance.get_typed_func::<(), ()>(&mut store, "_start")?;
            start.call(&mut store, ())
        });
    run.unwrap_or_else(|error| panic!("`{name}` does not run: {error:?}"));
    let mut recorder = store.into_data();
    let mut left: Vec<u32> = recorder.live.keys().copied().collect();
    left.sort_unstable();
    for block in left {
        recorder.free(block);
    }
    Trace {
        words: recorder.words,
    }
}
