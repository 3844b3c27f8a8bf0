//! Two instances that share a memory, one fused module, one fused with `-O`: the same results, traps,
//! memory, globals and output.
//!
//! Over hand-written programs where inlining is hard, over the real programs, and over generated ones.
//! `cargo xtask smith` makes the last many more.

mod observe;
mod smith;
mod variants;

use std::{env, fs, path::Path, thread};

use observe::Seen;
use variants::Variants;
use wasmtime::Engine;

/// What all variants of a program do alike; `None` where the engine does not know a feature of it.
fn agreed(engine: &Engine, variants: &Variants) -> Result<Option<Seen>, String> {
    let mut first: Option<Seen> = None;
    for variant in &variants.all {
        let Some(seen) = observe::observe(engine, variants, variant) else {
            return match first {
                None => Ok(None),
                Some(_) => Err(format!("`{}` does not compile", variant.name)),
            };
        };
        if let Some(difference) = first.as_ref().and_then(|first| first.difference(&seen)) {
            let reference = variants.all[0].name;
            return Err(format!("{reference} | {}: {difference}", variant.name));
        }
        first.get_or_insert(seen);
    }
    Ok(first)
}

#[test]
fn hard_cases_agree() {
    let (engine, conformers) = (observe::engine(), variants::conformers());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential/cases");
    let mut n_cases = 0;
    for entry in fs::read_dir(&folder).expect("the cases are there") {
        let path = entry.expect("it can be read").path();
        let program = wat::parse_file(&path).unwrap_or_else(|error| panic!("{error}"));
        for conformer in &conformers {
            let seen = agreed(&engine, &variants::of(&program, conformer))
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
                .unwrap_or_else(|| panic!("{} does not compile", path.display()));
            assert!(!seen.calls.is_empty(), "{} runs nothing", path.display());
            for call in &seen.calls {
                // A case says by its result that it is right, not only that it is the same.
                assert!(
                    !call.contains("wrong") && !call.contains("I32(-1)"),
                    "{}: {call}",
                    path.display()
                );
            }
        }
        n_cases += 1;
    }
    assert!(n_cases >= 8, "only {n_cases} cases");
}

#[test]
fn real_programs_agree() {
    let (engine, conformers) = (observe::engine(), variants::conformers());
    for name in [
        "functional",
        "words",
        "expressions",
        "standard32",
        "exhaust",
    ] {
        let program = variants::target().join(format!("programs/{name}.wasm"));
        let program = variants::with_imported_memory(&variants::read(&program));
        for conformer in &conformers {
            let seen = agreed(&engine, &variants::of(&program, conformer))
                .unwrap_or_else(|error| panic!("{name}: {error}"))
                .unwrap_or_else(|| panic!("{name} does not compile"));
            assert!(!seen.stdout.is_empty(), "{name} prints nothing");
        }
    }
}

#[test]
fn generated_programs_agree() {
    let count = env::var("SIGIL_SMITH").map_or(500, |count| {
        count.parse().expect("SIGIL_SMITH is a number of modules")
    });
    let conformers = variants::conformers();
    let n_threads = thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let tally = thread::scope(|scope| {
        let work = |first: u64| {
            let conformers = &conformers;
            move || {
                let engine = observe::engine();
                let mut tally = Tally::default();
                for seed in (first..count).step_by(n_threads as usize) {
                    // Each thread meets both.
                    let conformer = &conformers[(seed / n_threads % 2) as usize];
                    tally.add(seed, &engine, conformer);
                }
                tally
            }
        };
        let threads: Vec<_> = (0..n_threads).map(|i| scope.spawn(work(i))).collect();
        let tallies = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        tallies.reduce(Tally::and).expect("there is a thread")
    });
    println!("{tally:?}");
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
    assert!(tally.n_agreed >= count * 8 / 10, "too few ran: {tally:?}");
    assert!(
        tally.n_inlined >= count,
        "too few calls were inlined: {tally:?}"
    );
    assert!(
        tally.n_returned >= tally.n_agreed,
        "too few calls returned: {tally:?}"
    );
}

/// What became of the generated modules.
#[derive(Debug, Default)]
struct Tally {
    n_agreed: u64,
    /// Not generated, without an allocator, or with a feature that the engine does not know.
    n_skipped: u64,
    /// Calls of the allocator that were inlined, in all modules.
    n_inlined: u64,
    /// Calls from the host that returned, in all modules.
    n_returned: u64,
    /// And that ended in a trap.
    n_trapped: u64,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, seed: u64, engine: &Engine, conformer: &[u8]) {
        let Some(program) = smith::module(seed) else {
            self.n_skipped += 1;
            return;
        };
        let variants = variants::of(&program, conformer);
        match agreed(engine, &variants) {
            Ok(Some(seen)) => {
                self.n_agreed += 1;
                self.n_inlined += variants.n_inlined;
                for call in seen.calls {
                    if call.contains("trap") {
                        self.n_trapped += 1;
                    } else {
                        self.n_returned += 1;
                    }
                }
            }
            Ok(None) => self.n_skipped += 1,
            Err(error) => self.wrong.push(format!("seed {seed}: {error}")),
        }
    }

    fn and(mut self, other: Self) -> Self {
        self.n_agreed += other.n_agreed;
        self.n_skipped += other.n_skipped;
        self.n_inlined += other.n_inlined;
        self.n_returned += other.n_returned;
        self.n_trapped += other.n_trapped;
        self.wrong.extend(other.wrong);
        self
    }
}
