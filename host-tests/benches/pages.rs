//! Ranges that are reserved, touched and released: the page layer beside wasi-libc's malloc, in one engine and one
//! run.
//!
//! | name | obtains a range by |
//! |---|---|
//! | `calloc` | `calloc`, and `free` |
//! | `memalign` | `posix_memalign` to 16 KiB, `memset` to 0, and `free` |
//! | `pages` | `reserve` with flags 0, or lazily with a `commit` of the part that is used; and `release` |
//!
//! | workload | what is done |
//! |---|---|
//! | fresh | 64 MiB of ranges in a new instance, two bytes of every 64 KiB written; then all are given back |
//! | lazy | one range over and over, of which a 16th in the middle is used, two bytes of every 4 KiB |
//! | dense | as fresh, but two bytes of every 4 KiB are written: what page faults cost everybody |
//!
//! **Bytes written** are those that a cycle changes to make its range zero, and are counted by the host: it paints a
//! range that was given back, has it obtained again, and counts what is not painted any more. Fresh memory cannot be
//! painted before there is any: for `pages` it is what `cleared` says, which the conformance suite holds to the fuel
//! that is used; malloc clears fresh ranges with the instructions with which it clears all others.
//!
//! The ratios come from many rounds in which all take turns, and of each contestant's the fastest: a busy machine only
//! ever adds time. Criterion then measures each by itself.

use std::{
    hint::black_box,
    path::Path,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput};
use sigil_link::{Input, Options, link};
use wasmtime::{Engine, Instance, Linker, Memory, Module, Store, TypedFunc};

const KIB: u32 = 1 << 10;
const ROUNDS: usize = 15;

/// The ranges; from the second one on, the ratios must be reached.
const RANGES: [u32; 5] = [64 * KIB, 256 * KIB, 1024 * KIB, 4096 * KIB, 16_384 * KIB];
const DEMANDED_FROM: u32 = 256 * KIB;

/// How much a round obtains.
const ROUND_BYTES: u32 = 64 << 20;

/// The least that a peer must write, as a multiple of what `pages` writes.
const LEAST_WRITTEN: f64 = 5.0;

/// The least time that a peer must take, as a multiple of what `pages` takes.
const LEAST_TIME: f64 = 3.0;

/// What is done with a range.
#[derive(Clone, Copy)]
struct Workload {
    name: &'static str,
    is_fresh: bool,
    /// The range is `1 << part_log2` times as large as the part that is used.
    part_log2: u32,
    step: u32,
    /// What `pages` reserves with.
    flags: i32,
    is_demanded: bool,
}

const WORKLOADS: [Workload; 3] = [
    Workload {
        name: "fresh",
        is_fresh: true,
        part_log2: 0,
        step: 64 * KIB,
        flags: 0,
        is_demanded: true,
    },
    Workload {
        name: "lazy",
        is_fresh: false,
        part_log2: 4,
        step: 4 * KIB,
        flags: 1,
        is_demanded: true,
    },
    Workload {
        name: "dense",
        is_fresh: true,
        part_log2: 0,
        step: 4 * KIB,
        flags: 0,
        is_demanded: false,
    },
];

/// `n`, the bytes of a range, of its part, the step, and how it is obtained.
type Arguments = (u32, u32, u32, u32, i32);

struct Contestant {
    name: &'static str,
    module: Module,
    /// How a range is obtained; `None` where the workload says it.
    how: Option<i32>,
    running: Running,
}

struct Running {
    store: Store<()>,
    memory: Memory,
    recycled: TypedFunc<Arguments, u32>,
    fresh: TypedFunc<Arguments, u32>,
    one: TypedFunc<(u32, u32, i32), u32>,
    end: TypedFunc<u32, ()>,
    cleared: TypedFunc<(), u64>,
}

impl Running {
    fn new(engine: &Engine, module: &Module) -> Self {
        let mut store = Store::new(engine, ());
        let mut linker = Linker::new(engine);
        linker
            .define_unknown_imports_as_traps(module)
            .expect("imports can be defined");
        let instance: Instance = linker
            .instantiate(&mut store, module)
            .expect("it has an instance");
        let memory = instance
            .get_memory(&mut store, "memory")
            .expect("it exports its memory");
        macro_rules! function {
            ($name:literal) => {
                instance
                    .get_typed_func(&mut store, $name)
                    .unwrap_or_else(|error| panic!("`{}`: {error}", $name))
            };
        }
        Self {
            memory,
            recycled: function!("recycled"),
            fresh: function!("fresh"),
            one: function!("one"),
            end: function!("end"),
            cleared: function!("cleared"),
            store,
        }
    }
}

impl Contestant {
    fn how(&self, workload: Workload) -> i32 {
        self.how.unwrap_or(workload.flags)
    }

    /// The time that a round takes, per range, all of it inside wasm.
    fn round(&mut self, engine: &Engine, workload: Workload, bytes: u32) -> Duration {
        let n = ROUND_BYTES / bytes;
        let arguments = (
            n,
            bytes,
            bytes >> workload.part_log2,
            workload.step,
            self.how(workload),
        );
        if workload.is_fresh {
            self.running = Running::new(engine, &self.module);
        }
        let Running {
            store,
            recycled,
            fresh,
            ..
        } = &mut self.running;
        let function = if workload.is_fresh { fresh } else { recycled };
        let start = Instant::now();
        let n_dirty = function.call(store, black_box(arguments)).expect("no trap");
        let time = start.elapsed();
        assert_eq!(
            n_dirty, 0,
            "`{}` obtained bytes that are not zero",
            self.name
        );
        time / n
    }

    /// How many bytes are written to make a range zero.
    fn written(&mut self, engine: &Engine, workload: Workload, bytes: u32) -> u64 {
        self.running = Running::new(engine, &self.module);
        let how = self.how(workload);
        let part = bytes >> workload.part_log2;
        let Running {
            store,
            memory,
            one,
            end,
            cleared,
            ..
        } = &mut self.running;
        let obtain = |store: &mut Store<()>| one.call(store, (bytes, part, how)).expect("no trap");
        let first = obtain(&mut *store);
        if workload.is_fresh && self.name == "pages" {
            return cleared.call(&mut *store, ()).expect("no trap");
        }
        // A free chunk keeps links at its ends, which are left alone.
        const MARGIN: usize = 64;
        let range = first as usize + MARGIN..(first + bytes) as usize - MARGIN;
        if self.name == "pages" {
            memory.data_mut(&mut *store)[range.clone()].fill(0xee);
        }
        end.call(&mut *store, first).expect("no trap");
        memory.data_mut(&mut *store)[range.clone()].fill(0xee);
        let again = obtain(&mut *store);
        assert_eq!(again, first, "`{}` recycles the range", self.name);
        let painted = memory.data(&*store)[range.clone()].iter();
        let kept = painted.filter(|byte| **byte == 0xee).count();
        (range.len() - kept) as u64
    }
}

fn main() {
    let engine = Engine::default();
    let program = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../target/{name}.wasm"));
        std::fs::read(&path).unwrap_or_else(|error| {
            panic!(
                "{}: {error}; build it with `cargo xtask build`",
                path.display()
            )
        })
    };
    let libc = Module::new(&engine, program("programs/bench/cycles-libc")).expect("it compiles");
    let pages = Module::new(&engine, linked(&program)).expect("it compiles");
    let contestant = |name, module: &Module, how| Contestant {
        name,
        module: module.clone(),
        how,
        running: Running::new(&engine, module),
    };
    let mut contestants = [
        contestant("calloc", &libc, Some(0)),
        contestant("memalign", &libc, Some(1)),
        contestant("pages", &pages, None),
    ];
    let mut missed = 0;
    for workload in WORKLOADS {
        for bytes in RANGES {
            missed += compare(&engine, &mut contestants, workload, bytes);
        }
    }
    println!("{missed} ratios missed");

    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for workload in WORKLOADS.iter().filter(|workload| workload.is_demanded) {
        let mut group = criterion.benchmark_group(workload.name);
        for bytes in [DEMANDED_FROM, 4096 * KIB] {
            group.throughput(Throughput::Bytes(bytes.into()));
            for contestant in &mut contestants {
                let id = BenchmarkId::new(contestant.name, bytes / KIB);
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|n| {
                        let rounds = 0..n.div_ceil(u64::from(ROUND_BYTES / bytes));
                        let times = rounds.map(|_| contestant.round(&engine, *workload, bytes));
                        let times: Vec<_> = times.collect();
                        times.iter().sum::<Duration>() / times.len() as u32 * n as u32
                    });
                });
            }
        }
        group.finish();
    }
    criterion.final_summary();
}

/// The program on the page conformer.
fn linked(program: &dyn Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let (program_bytes, conformer) = (
        program("programs/bench/cycles-pages"),
        program("conformers/pages"),
    );
    let input = |name, bytes| Input { name, bytes };
    let linked = link(
        input("cycles-pages", &program_bytes),
        input("pages", &conformer),
        &Options::default(),
    );
    linked.expect("it links").wasm
}

/// Prints what a range costs each, and says how many of the ratios were missed.
fn compare(
    engine: &Engine,
    contestants: &mut [Contestant; 3],
    workload: Workload,
    bytes: u32,
) -> usize {
    let written: Vec<u64> = contestants
        .iter_mut()
        .map(|contestant| contestant.written(engine, workload, bytes))
        .collect();
    let mut best = [Duration::MAX; 3];
    for contestant in &mut *contestants {
        // Its range is there, and dirty.
        contestant.running = Running::new(engine, &contestant.module);
        contestant.round(engine, workload, bytes);
    }
    for _ in 0..ROUNDS {
        for (contestant, best) in contestants.iter_mut().zip(&mut best) {
            *best = contestant.round(engine, workload, bytes).min(*best);
        }
    }
    println!("{}, {} KiB a range:", workload.name, bytes / KIB);
    for ((contestant, written), time) in contestants.iter().zip(&written).zip(best) {
        let us = time.as_secs_f64() * 1e6;
        println!(
            "  {:<9} {us:>10.2} us  {written:>10} bytes written",
            contestant.name
        );
    }
    let is_demanded = workload.is_demanded && bytes >= DEMANDED_FROM;
    let mut missed = 0;
    for peer in 0..2 {
        let time = best[peer].as_secs_f64() / best[2].as_secs_f64();
        // Nothing is infinitely less: it counts as one byte.
        let bytes = written[peer] as f64 / written[2].max(1) as f64;
        let reached = time >= LEAST_TIME && bytes >= LEAST_WRITTEN;
        let verdict = match (is_demanded, reached) {
            (false, _) => "",
            (true, true) => "  reached",
            (true, false) => "  MISSED",
        };
        missed += usize::from(is_demanded && !reached);
        let name = contestants[peer].name;
        println!("  {name} / pages: {time:.1} times the time, {bytes:.0} times the bytes{verdict}");
    }
    missed
}
