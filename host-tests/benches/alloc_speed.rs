//! What a linked call costs: 1 M blocks of 16 bytes, first word stored, in scopes of 10,000.
//!
//! Four contestants in one run, all over an imported memory, all with the bump conformer's algorithm:
//!
//! | name | the call is |
//! |---|---|
//! | `hand` | written into the loop by hand, state in globals |
//! | `linked -O` | inlined by the linker |
//! | `linked` | a direct call |
//! | `across` | a call into another instance over the same memory |
//!
//! A loop of ten instructions runs up to half as long again where it begins at an unlucky address. So each
//! contestant stands at several alignments, and its best one counts. The ratios come from many short rounds in
//! which all of them take turns, and of each contestant's the fastest: a busy machine only ever adds time.
//! Criterion then measures each contestant by itself.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput};
use sigil_link::{Input, Options, link};
use wasmtime::{Engine, Instance, Linker, Memory, MemoryType, Module, Store, TypedFunc};

const BLOCKS_PER_SCOPE: u32 = 10_000;
const N_SCOPES: u32 = 100;
const N_BLOCKS: u32 = BLOCKS_PER_SCOPE * N_SCOPES;
const ROUNDS: usize = 101;

/// How many alignments each contestant stands at, an instruction of about 8 bytes apart.
const N_ALIGNMENTS: usize = 8;

/// The most that `linked -O` may take, as a multiple of `hand`.
const MOST_OF_HAND: f64 = 1.05;

/// The least that `across` must take, as a multiple of `linked -O`.
const LEAST_OF_ACROSS: f64 = 1.35;

/// The program, with the allocator's functions imported.
const PROGRAM: &str = r#"(module
  (import "env" "memory" (memory 16))
  (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
  (import "sigil:allocator/scope@0.1.0" "enter-scope" (func $enter (result i32)))
  (import "sigil:allocator/scope@0.1.0" "exit-scope" (func $exit (param i32)))
  (global $padding (mut i32) (i32.const 0))
  (func (export "run") (param $n-scopes i32) (param $n-blocks i32)
    (local $i i32) (local $scope i32)
    PADDING
    (loop $scopes
      (local.set $scope (call $enter))
      (local.set $i (local.get $n-blocks))
      (loop $blocks
        (i32.store (call $alloc (i32.const 16)) (local.get $i))
        (br_if $blocks (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (call $exit (local.get $scope))
      (br_if $scopes
        (local.tee $n-scopes (i32.sub (local.get $n-scopes) (i32.const 1)))))))"#;

/// The same with the allocator written into it: the checks of the conformer's fast path, and a slow path
/// that is called.
const HAND: &str = r#"(module
  (import "env" "memory" (memory 16))
  (global $ptr (mut i32) (i32.const 1024))
  (global $end (mut i32) (i32.const 1048576))
  (global $padding (mut i32) (i32.const 0))
  (func $grow (param $size i32) (result i32)
    (local $block i32)
    (if (i32.eq (memory.grow
          (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1))) (i32.const -1))
      (then unreachable))
    (global.set $end (i32.shl (memory.size) (i32.const 16)))
    (local.set $block (global.get $ptr))
    (global.set $ptr (i32.add (local.get $block)
      (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
    (local.get $block))
  (func (export "run") (param $n-scopes i32) (param $n-blocks i32)
    (local $i i32) (local $scope i32) (local $block i32)
    PADDING
    (loop $scopes
      (local.set $scope (global.get $ptr))
      (local.set $i (local.get $n-blocks))
      (loop $blocks
        (i32.store
          (if (result i32)
            (i32.gt_u (i32.const 16)
              (i32.sub (global.get $end) (local.tee $block (global.get $ptr))))
            (then (call $grow (i32.const 16)))
            (else
              (global.set $ptr (i32.add (local.get $block) (i32.const 16)))
              (local.get $block)))
          (local.get $i))
        (br_if $blocks (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
      (global.set $ptr (local.get $scope))
      (br_if $scopes
        (local.tee $n-scopes (i32.sub (local.get $n-scopes) (i32.const 1)))))))"#;

/// What a conformer is linked into to stand alone, over somebody else's memory.
const SHELL: &str = r#"(module (import "env" "memory" (memory 16)))"#;

/// The exports of the shell, by the interface that programs import them from.
const FUNCTIONS: [(&str, &str); 3] = [
    ("sigil:allocator/core@0.1.0", "alloc"),
    ("sigil:allocator/scope@0.1.0", "enter-scope"),
    ("sigil:allocator/scope@0.1.0", "exit-scope"),
];

fn main() {
    let conformer = conformer();
    let link = |program: &[u8], optimize| linked(program, &conformer, optimize, &[]);
    let mut contestants = [
        Contestant::new("hand", HAND, None, <[u8]>::to_vec),
        Contestant::new("linked -O", PROGRAM, None, |program| link(program, true)),
        Contestant::new("linked", PROGRAM, None, |program| link(program, false)),
        Contestant::new("across", PROGRAM, Some(&conformer), <[u8]>::to_vec),
    ];
    let printed = link(&padded(PROGRAM, 0), true);
    let printed = wasmprinter::print_bytes(&printed).expect("a linked module prints");
    println!("by hand:\n{}", inner_loop(HAND));
    println!("linked -O:\n{}", inner_loop(&printed));
    report(&mut contestants);

    let mut criterion = Criterion::default()
        .sample_size(20)
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    let mut group = criterion.benchmark_group("1 M blocks of 16 B");
    group.throughput(Throughput::Elements(N_BLOCKS.into()));
    for contestant in &mut contestants {
        group.bench_function(contestant.name, |bencher| {
            bencher.iter_custom(|n| (0..n).map(|_| contestant.placed[0].run()).sum());
        });
    }
    group.finish();
    criterion.final_summary();
}

/// Prints the fastest and the middle of interleaved rounds, and what the fastest are of each other. Leaves
/// each contestant's best alignment at its front.
fn report(contestants: &mut [Contestant; 4]) {
    let mut rounds = vec![[const { Vec::new() }; N_ALIGNMENTS]; 4];
    for _ in 0..ROUNDS {
        for (contestant, times) in contestants.iter_mut().zip(&mut rounds) {
            for (placed, times) in contestant.placed.iter_mut().zip(times) {
                times.push(placed.run());
            }
        }
    }
    println!("ns per block, {ROUNDS} rounds in turns, the best of {N_ALIGNMENTS} alignments:");
    let mut best = contestants
        .iter_mut()
        .zip(rounds)
        .map(|(contestant, mut times)| {
            times.iter_mut().for_each(|times| times.sort_unstable());
            let (place, times) = (0..)
                .zip(times)
                .min_by_key(|(_, times)| times[0])
                .expect("there are alignments");
            contestant.placed.swap(0, place);
            let ns = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(N_BLOCKS);
            let (fastest, median) = (ns(times[0]), ns(times[ROUNDS / 2]));
            let name = contestant.name;
            println!("  {name:<9} {fastest:.3}  (median {median:.3})");
            fastest
        });
    let [hand, optimized, called, across] = std::array::from_fn(|_| best.next().expect("four"));
    println!("  linked / hand = {:.3}", called / hand);
    for (what, ratio, reached) in [
        (
            "linked -O / hand",
            optimized / hand,
            optimized / hand <= MOST_OF_HAND,
        ),
        (
            "across / linked -O",
            across / optimized,
            across / optimized >= LEAST_OF_ACROSS,
        ),
    ] {
        let verdict = if reached { "reached" } else { "MISSED" };
        println!("  {what} = {ratio:.3}  {verdict}");
    }
}

/// `wat` with `n` instructions before its loops.
fn padded(wat: &str, n: usize) -> Vec<u8> {
    let padding = "(global.set $padding (i32.const 0))".repeat(n);
    wat::parse_str(wat.replace("PADDING", &padding)).expect("it is WAT")
}

/// The loop over the blocks of a program in WAT: its second one.
fn inner_loop(wat: &str) -> &str {
    let start = wat.match_indices("loop").nth(1).map_or(0, |(at, _)| at);
    let rest = &wat[start..];
    let end = rest
        .find("br_if")
        .and_then(|at| Some(at + rest[at..].find('\n')?));
    &rest[..end.unwrap_or(rest.len())]
}

/// The bump conformer as it was built.
fn conformer() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/conformers/bump.wasm");
    std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; build it with `cargo xtask build --conformers`",
            path.display()
        )
    })
}

fn linked(program: &[u8], conformer: &[u8], optimize: bool, exports: &[&str]) -> Vec<u8> {
    let mut options = Options::default();
    options.optimize = optimize;
    options.heap_base = Some(1024);
    options.exports = exports.iter().map(ToString::to_string).collect();
    let program = Input {
        name: "bench",
        bytes: program,
    };
    let conformer = Input {
        name: "bump.wasm",
        bytes: conformer,
    };
    link(program, conformer, &options).expect("it links").wasm
}

/// A program at several alignments.
struct Contestant {
    name: &'static str,
    placed: Vec<Placed>,
}

impl Contestant {
    /// `prepare` makes what runs of the program; see [`Placed::new`] for `conformer`.
    fn new(
        name: &'static str,
        wat: &str,
        conformer: Option<&[u8]>,
        prepare: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Self {
        let placed = (0..N_ALIGNMENTS).map(|n| Placed::new(&prepare(&padded(wat, n)), conformer));
        Self {
            name,
            placed: placed.collect(),
        }
    }
}

/// An instance to run.
struct Placed {
    store: Store<()>,
    run: TypedFunc<(u32, u32), ()>,
}

impl Placed {
    /// Instantiates `program` over a fresh memory, its imports served by an instance of `conformer`.
    fn new(program: &[u8], conformer: Option<&[u8]>) -> Self {
        let engine = Engine::default();
        let mut store = Store::new(&engine, ());
        let mut linker = Linker::new(&engine);
        let memory = Memory::new(&mut store, MemoryType::new(16, None)).expect("1 MiB");
        linker
            .define(&store, "env", "memory", memory)
            .expect("one memory");
        let instantiate = |linker: &Linker<()>, store: &mut Store<()>, wasm: &[u8]| -> Instance {
            let module = Module::new(&engine, wasm).expect("a valid module");
            linker.instantiate(store, &module).expect("an instance")
        };
        if let Some(conformer) = conformer {
            let shell = wat::parse_str(SHELL).expect("it is WAT");
            let shell = linked(&shell, conformer, false, &FUNCTIONS.map(|(_, name)| name));
            let allocator = instantiate(&linker, &mut store, &shell);
            for (interface, name) in FUNCTIONS {
                let function = allocator
                    .get_func(&mut store, name)
                    .expect("it was exported");
                linker
                    .define(&store, interface, name, function)
                    .expect("one of each");
            }
        }
        let instance = instantiate(&linker, &mut store, program);
        let run = instance
            .get_typed_func(&mut store, "run")
            .expect("`run` is exported");
        Self { store, run }
    }

    /// The time that the workload takes, all of it inside wasm.
    fn run(&mut self) -> Duration {
        let start = Instant::now();
        let arguments = black_box((N_SCOPES, BLOCKS_PER_SCOPE));
        self.run.call(&mut self.store, arguments).expect("no trap");
        start.elapsed()
    }
}
