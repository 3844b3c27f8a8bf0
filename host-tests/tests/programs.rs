//! Every program of `programs/`, linked with every conformer of `target/conformers`, and run.
//!
//! A trial is a program (or a case about one) with a conformer, in both of the forms that `cargo xtask build` makes:
//! core module and component. Programs must print what the `.out` file beside their source says; the cases
//! on exhaustion (H5, H6) and on addresses above 2^31 (H4) call the programs' exports.
//!
//! A program that imports more of `sigil:allocator-ext` than a conformer exports must be refused with it, and the
//! message must name those that serve it. Which of the conformers can free single blocks is written down in
//! [`FREEING`]; programs that use an extension also run on the handwritten conformer with all of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use libtest_mimic::{Arguments, Failed, Trial};
use sigil_conformance::mutants;
use sigil_host::{Engine, Exhaustion, Failure, Instance, Limit, Limits, Module, Wasi};
use sigil_host_tests::{
    interfaces,
    wasm_files::{file_name, target, wasm_files},
};
use sigil_link::{Input, Options, link};

const HINT: &str = "run `cargo xtask build`";
/// The cap of the exhaustion cases, in pages: one more than the program's own.
const CAP_PAGES: u32 = 2;

/// The conformers in `crates/conformers` that export `free`.
const FREEING: &[&str] = &["freelist", "pages"];
/// Those of them that hand out what a small block had.
const REUSING: &[&str] = &["freelist"];
/// The most pages that a program takes which frees what it no longer needs, on a conformer that hands it out
/// again.
const BOUNDED_PAGES: u64 = 24;
/// `free`, as a core module exports it.
const FREE: &str = "sigil:allocator-ext/sized@0.1.0#free";

/// A case on a program: what to do with its instance.
type Case = fn(&mut Instance, &str) -> Result<()>;

/// Program, name, cap in pages, what to do.
const CASES: &[(&str, &str, Option<u32>, Case)] = &[
    ("exhaust", "command", Some(CAP_PAGES), exhaust_command),
    (
        "exhaust",
        "smaller_request",
        Some(CAP_PAGES),
        exhaust_smaller_request,
    ),
    ("exhaust", "realloc", Some(CAP_PAGES), exhaust_realloc),
    (
        "exhaust",
        "scope_exits",
        Some(CAP_PAGES),
        exhaust_scope_exits,
    ),
    ("exhaust", "raised_cap", Some(CAP_PAGES), exhaust_raised_cap),
    (
        "exhaust",
        "impossible_request",
        None,
        exhaust_impossible_request,
    ),
    ("both", "stopped", None, both_stopped),
    ("index", "no_room", Some(16), index_no_room),
    ("index", "exhausted", Some(16), index_exhausted),
    ("high", "across_2_31", None, high_across),
    ("high", "to_the_end", None, high_to_the_end),
    ("high", "scopes_of_300_mb", None, high_scopes),
];

fn main() -> Result<()> {
    let arguments = Arguments::from_args();
    let conformers = wasm_files(&target("conformers"))?;
    let outputs = expected(&Path::new(env!("CARGO_MANIFEST_DIR")).join("programs"))?;
    let programs = wasm_files(&target("programs"))?;
    for name in outputs.keys() {
        ensure!(
            programs.contains_key(name),
            "no `{name}.wasm` in target/programs: {HINT}"
        );
    }
    for name in programs.keys() {
        ensure!(
            outputs.contains_key(name),
            "no `{name}.out` beside the source of `{name}`"
        );
    }

    let mut trials = vec![Trial::test("freeing", {
        let conformers = conformers.clone();
        move || freeing(&conformers).map_err(failed)
    })];
    let extended = extended()?;
    for (conformer, conformer_path) in &conformers {
        for (name, path) in &programs {
            // Its output ends in exhaustion: a case of its own.
            if name == "exhaust" {
                continue;
            }
            let (path, conformer_path) = (path.clone(), conformer_path.clone());
            if !lacking(&path, &conformer_path)?.is_empty() {
                let conformers = conformers.clone();
                trials.push(Trial::test(
                    format!("{conformer}::{name}::refused"),
                    move || refused(&path, &conformer_path, &conformers).map_err(failed),
                ));
                continue;
            }
            let output = outputs[name].clone();
            trials.push(Trial::test(format!("{conformer}::{name}"), move || {
                prints(&path, &conformer_path, &output).map_err(failed)
            }));
        }
        for (name, case_name, cap_pages, case) in CASES {
            let path = programs
                .get(*name)
                .with_context(|| format!("no `{name}.wasm`: {HINT}"))?;
            let (path, conformer_path) = (path.clone(), conformer_path.clone());
            if !lacking(&path, &conformer_path)?.is_empty() {
                continue;
            }
            let conformer = conformer.clone();
            trials.push(Trial::test(
                format!("{conformer}::{name}::{case_name}"),
                move || {
                    start(&path, &conformer_path, *cap_pages)
                        .and_then(|mut instance| case(&mut instance, &conformer))
                        .map_err(failed)
                },
            ));
        }
    }
    for (name, path) in programs {
        if !imports(&path)?.is_empty() {
            let (output, extended) = (outputs[&name].clone(), extended.clone());
            trials.push(Trial::test(format!("extended::{name}"), move || {
                prints(&path, &extended, &output).map_err(failed)
            }));
        }
    }
    libtest_mimic::run(&arguments, trials).exit()
}

/// The handwritten conformer with all extensions, as a file.
fn extended() -> Result<PathBuf> {
    let text = mutants::extended().map_err(anyhow::Error::msg)?;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("extended.wasm");
    fs::write(&path, wat::parse_str(text)?)?;
    Ok(path)
}

/// What a program imports of the extensions.
fn imports(program: &Path) -> Result<Vec<String>> {
    let mut imports = interfaces::imports(&fs::read(program)?)?;
    imports.retain(|import| import.starts_with("sigil:allocator-ext/"));
    Ok(imports)
}

fn lacking(program: &Path, conformer: &Path) -> Result<Vec<String>> {
    interfaces::lacking(&fs::read(program)?, &fs::read(conformer)?)
}

fn exports(conformer: &Path) -> Result<Vec<String>> {
    interfaces::exports(&fs::read(conformer)?)
}

fn name_of(conformer: &str) -> &str {
    conformer.strip_suffix(".component").unwrap_or(conformer)
}

fn freeing(conformers: &BTreeMap<String, PathBuf>) -> Result<()> {
    let mut found = Vec::new();
    for (conformer, path) in conformers {
        if exports(path)?.iter().any(|export| export == FREE)
            && !found.contains(&name_of(conformer))
        {
            found.push(name_of(conformer));
        }
    }
    ensure!(
        found == FREEING,
        "{found:?} export `free`, and `FREEING` says {FREEING:?}: bring it up to date"
    );
    Ok(())
}

/// The link fails, says what is missing, and names those that have all of it.
fn refused(program: &Path, conformer: &Path, all: &BTreeMap<String, PathBuf>) -> Result<()> {
    let program_bytes = fs::read(program)?;
    let conformer_bytes = fs::read(conformer)?;
    let program_name = file_name(program);
    let input = Input {
        name: &program_name,
        bytes: &program_bytes,
    };
    let one = Input {
        name: "it",
        bytes: &conformer_bytes,
    };
    let Err(error) = link(input, one, &Options::default()) else {
        bail!(
            "expected a refusal, for want of {:?}",
            lacking(program, conformer)?
        );
    };
    let mut known = Vec::new();
    let mut serving = Vec::new();
    for (name, path) in all {
        known.push((name.as_str(), fs::read(path)?));
        if lacking(program, path)?.is_empty() {
            serving.push(name.as_str());
        }
    }
    let known: Vec<Input<'_>> = known
        .iter()
        .map(|(name, bytes)| Input { name, bytes })
        .collect();
    let message = sigil_link::suggest(error, input, &Options::default(), &known).to_string();
    for import in lacking(program, conformer)? {
        let function = import.split('#').nth(1).unwrap_or_default();
        ensure!(
            message.contains(&format!("`{function}`: ")),
            "no `{function}` in: {message}"
        );
    }
    for name in serving {
        ensure!(
            message.contains(&format!("`{name}`")),
            "no `{name}` in: {message}"
        );
    }
    Ok(())
}

fn failed(error: anyhow::Error) -> Failed {
    format!("{error:?}").into()
}

/// What the toy compiler's examples print is the business of `compiler_authors`.
const TOY: &str = "toy";

/// Each program's output: the `.out` files under `folder`, by stem.
fn expected(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut outputs = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no `{}`", folder.display()))? {
        let path = entry?.path();
        if path.ends_with(TOY) {
            continue;
        }
        if path.is_dir() {
            outputs.extend(expected(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "out") {
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            outputs.insert(name, fs::read(&path)?);
        }
    }
    Ok(outputs)
}

/// The program linked with the conformer, instantiated.
fn start(program: &Path, conformer: &Path, max_heap_pages: Option<u32>) -> Result<Instance> {
    let program_bytes = fs::read(program).with_context(|| program.display().to_string())?;
    let conformer_bytes = fs::read(conformer).with_context(|| conformer.display().to_string())?;
    let linked = link(
        Input {
            name: &file_name(program),
            bytes: &program_bytes,
        },
        Input {
            name: &file_name(conformer),
            bytes: &conformer_bytes,
        },
        &Options::default(),
    )?;
    let module = Module::new(&Engine::new()?, &linked.wasm)?;
    let limits = Limits {
        max_heap_pages,
        ..Limits::default()
    };
    Ok(Instance::new(&module, &limits, Some(Wasi::default()))?)
}

fn prints(program: &Path, conformer: &Path, expected: &[u8]) -> Result<()> {
    let mut instance = start(program, conformer, None)?;
    let status = instance.run_command()?;
    same_output(&mut instance, expected)?;
    ensure!(status == 0, "expected exit status 0, found {status}");
    let name = file_name(conformer);
    let is_reusing = REUSING.contains(&name_of(name.trim_end_matches(".wasm")));
    if is_reusing && imports(program)?.iter().any(|import| import == FREE) {
        let pages = instance.memory_pages();
        ensure!(
            pages <= BOUNDED_PAGES,
            "{pages} pages, where {BOUNDED_PAGES} are enough"
        );
    }
    Ok(())
}

fn same_output(instance: &mut Instance, expected: &[u8]) -> Result<()> {
    let found = instance.take_stdout();
    ensure!(
        found == expected,
        "expected output:\n{}\nfound:\n{}",
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(&found),
    );
    Ok(())
}

/// The result of an export that has one.
fn call(instance: &mut Instance, export: &str, args: &[u32]) -> Result<u32> {
    instance
        .call_i32(export, args)?
        .with_context(|| format!("`{export}` has no result"))
}

/// What a call that must exhaust the heap reports.
fn exhaustion<T>(outcome: Result<T, Failure>) -> Result<Exhaustion> {
    match outcome {
        Err(Failure::Exhausted(report)) => Ok(*report),
        Err(other) => Err(anyhow::Error::new(other).context("expected exhaustion")),
        Ok(_) => bail!("expected exhaustion, but the call returned"),
    }
}

/// All blocks are as they were written; how many there are.
fn intact(instance: &mut Instance) -> Result<u32> {
    match call(instance, "check", &[])? {
        u32::MAX => bail!("a live block has changed"),
        n_blocks => Ok(n_blocks),
    }
}

/// Rust's allocator hands out nothing that would end with a scope, and the trap says why.
fn both_stopped(instance: &mut Instance, _: &str) -> Result<()> {
    let Err(Failure::Trap { backtrace, .. }) = instance.call_i32("leak", &[]) else {
        bail!("a vector was made inside of a scope");
    };
    let frames: Vec<String> = backtrace.iter().map(ToString::to_string).collect();
    ensure!(
        frames
            .iter()
            .any(|frame| frame.contains("global_allocation_while_a_scope_is_open")),
        "the trap does not say why: {frames:?}"
    );
    Ok(())
}

/// More than the cap of `index` allows.
const LARGE: u32 = 2 << 20;

/// Rust's `try_reserve` fails, by `alloc` and by `realloc`, and the program goes on.
fn index_no_room(instance: &mut Instance, _: &str) -> Result<()> {
    ensure!(call(instance, "fallible", &[LARGE])? == 1);
    Ok(())
}

/// A panic about memory is reported as what it is.
fn index_exhausted(instance: &mut Instance, conformer: &str) -> Result<()> {
    let report = exhaustion(instance.call_i32("take", &[LARGE]))?;
    ensure!(report.call == "alloc", "in `{}`", report.call);
    ensure!(
        report.requested_bytes == Some(LARGE),
        "of {:?} bytes in {conformer}",
        report.requested_bytes
    );
    ensure!(
        report.backtrace.iter().any(|frame| frame == "take"),
        "the backtrace does not say who asked: {:?}",
        report.backtrace
    );
    Ok(())
}

/// H5: the report says who, what and how much. H6: the host can call again, and nothing is lost.
fn exhaust_command(instance: &mut Instance, conformer: &str) -> Result<()> {
    let report = exhaustion(instance.run_command())?;
    same_output(instance, b"filling\n")?;
    let name = conformer.strip_suffix(".component").unwrap_or(conformer);
    ensure!(
        report.allocator == name,
        "expected `{name}`, found `{}`",
        report.allocator
    );
    ensure!(
        report.call == "alloc",
        "expected `alloc`, found `{}`",
        report.call
    );
    ensure!(
        report.limit == Limit::Flag,
        "expected the flag, found {:?}",
        report.limit
    );
    ensure!(
        report.max_pages == u64::from(CAP_PAGES),
        "max_pages is {}",
        report.max_pages
    );
    ensure!(
        report.memory_pages <= u64::from(CAP_PAGES),
        "memory_pages is {}",
        report.memory_pages
    );
    ensure!(report.refused_pages > 0, "refused_pages is 0");
    ensure!(!report.backtrace.is_empty(), "no backtrace");

    let n_blocks = intact(instance)?;
    // Most of two pages, less what the program and the conformer keep for themselves.
    ensure!(
        n_blocks > 60,
        "only {n_blocks} blocks of 1000 bytes in {CAP_PAGES} pages"
    );
    exhaustion(instance.call_i32("fill", &[1000]))?;
    let again = intact(instance)?;
    ensure!(
        again == n_blocks,
        "the same request succeeded later: {n_blocks}, then {again}"
    );
    Ok(())
}

fn exhaust_smaller_request(instance: &mut Instance, _: &str) -> Result<()> {
    exhaustion(instance.call_i32("fill", &[60_000]))?;
    let n_blocks = intact(instance)?;
    let block = call(instance, "alloc_once", &[1000])?;
    ensure!(
        block.is_multiple_of(8),
        "A1: {block:#x} is no multiple of 8"
    );
    ensure!(
        intact(instance)? == n_blocks + 1,
        "the smaller block is lost"
    );
    Ok(())
}

/// R4: the old block stays.
fn exhaust_realloc(instance: &mut Instance, _: &str) -> Result<()> {
    for size in [1000, 60_000] {
        call(instance, "alloc_once", &[size])?;
        for new_size in [200_000, 0x7fff_fff8, 0xffff_fff8, 0xffff_ffff] {
            let report = exhaustion(instance.call_i32("grow_last", &[new_size]))?;
            ensure!(
                report.call == "realloc",
                "expected `realloc`, found `{}`",
                report.call
            );
            ensure!(
                report.requested_bytes == Some(new_size),
                "{new_size} bytes were asked for, {:?} are reported",
                report.requested_bytes
            );
            intact(instance)?;
        }
    }
    ensure!(intact(instance)? == 2, "a block is lost");
    Ok(())
}

fn exhaust_scope_exits(instance: &mut Instance, _: &str) -> Result<()> {
    call(instance, "alloc_once", &[1000])?;
    let mut most = None;
    for _ in 0..3 {
        let scope = call(instance, "enter_scope", &[])?;
        exhaustion(instance.call_i32("fill", &[1000]))?;
        let n_blocks = intact(instance)?;
        ensure!(
            *most.get_or_insert(n_blocks) == n_blocks,
            "S3: memory is lost between the turns"
        );
        instance.call_i32("exit_scope", &[scope, 1])?;
        ensure!(intact(instance)? == 1, "the block of the root is lost");
    }
    Ok(())
}

fn exhaust_raised_cap(instance: &mut Instance, _: &str) -> Result<()> {
    exhaustion(instance.call_i32("fill", &[60_000]))?;
    let n_blocks = intact(instance)?;
    instance.set_max_heap_pages(Some(CAP_PAGES + 2));
    call(instance, "alloc_once", &[60_000])?;
    ensure!(intact(instance)? == n_blocks + 1, "the new block is lost");
    Ok(())
}

/// H4, H5: what can never fit is refused by `memory.grow` too, so that the host sees exhaustion.
fn exhaust_impossible_request(instance: &mut Instance, _: &str) -> Result<()> {
    call(instance, "alloc_once", &[64])?;
    for size in [0xffff_ff00, 0xffff_fff8, 0xffff_fff9, 0xffff_ffff] {
        let report = exhaustion(instance.call_i32("alloc_once", &[size]))?;
        ensure!(
            report.requested_bytes.is_none_or(|found| found == size),
            "expected {size} requested bytes, found {:?}",
            report.requested_bytes,
        );
        ensure!(intact(instance)? == 1, "the block before is lost");
    }
    call(instance, "alloc_once", &[64])?;
    Ok(())
}

const BLOCK_BYTES: u32 = 300_000_000;

/// H4: memory grows until a block lies across 2^31.
fn high_across(instance: &mut Instance, _: &str) -> Result<()> {
    let block = call(instance, "climb", &[BLOCK_BYTES])?;
    ensure!(block < 1 << 31, "{block:#x} is above 2^31");
    ensure!(
        block
            .checked_add(BLOCK_BYTES)
            .is_some_and(|end| end > 1 << 31),
        "{block:#x} is below"
    );
    ensure!(
        call(instance, "is_written", &[block, BLOCK_BYTES])? == 1,
        "its ends have changed"
    );
    Ok(())
}

/// H4: up to the last pages of 4 GiB, every block apart from every other.
fn high_to_the_end(instance: &mut Instance, _: &str) -> Result<()> {
    let mut blocks: Vec<(u32, u32)> = Vec::new();
    // Each size until it does not fit: the steps must find what the larger ones left.
    for size in [BLOCK_BYTES, 10_000_000, 100_000, 4096] {
        let report = loop {
            match instance.call_i32("alloc_once", &[size]) {
                Ok(block) => blocks.push((block.context("no result")?, size)),
                outcome => break exhaustion(outcome)?,
            }
        };
        ensure!(report.limit != Limit::Flag, "nobody set a cap");
    }
    for (block, size) in &blocks {
        ensure!(
            call(instance, "is_written", &[*block, *size])? == 1,
            "the block of {size} bytes at {block:#x} has changed"
        );
    }
    blocks.sort_unstable();
    for pair in blocks.windows(2) {
        let [(left, size), (right, _)] = pair else {
            continue;
        };
        ensure!(
            left.checked_add(*size).is_some_and(|end| end <= *right),
            "{left:#x} overlaps {right:#x}"
        );
    }
    let total: u64 = blocks.iter().map(|(_, size)| u64::from(*size)).sum();
    ensure!(
        total > 4_200_000_000,
        "only {total} bytes of 4 GiB were served"
    );
    Ok(())
}

/// S3 with large blocks: the memory of one turn serves them all.
fn high_scopes(instance: &mut Instance, _: &str) -> Result<()> {
    let mut pages = None;
    for _ in 0..40 {
        let scope = call(instance, "enter_scope", &[])?;
        let block = call(instance, "alloc_once", &[BLOCK_BYTES])?;
        ensure!(
            call(instance, "is_written", &[block, BLOCK_BYTES])? == 1,
            "its ends have changed"
        );
        instance.call_i32("exit_scope", &[scope])?;
        let now = instance.memory_pages();
        ensure!(
            *pages.get_or_insert(now) == now,
            "memory grew from turn to turn, to {now} pages"
        );
    }
    Ok(())
}
