//! What real compilers make: a C program whose malloc is replaced, and the names by which allocators are known.

use std::fs;

use sigil_conformance::mutants;
use sigil_host::{Engine, Failure, Instance, Limits, Module, Wasi};
use sigil_link::{Error, Force, Found, Input, inspect};

use crate::{built, conformers, files, replaced};

const LIBRARY: &str = include_str!("../../programs/malloc/library.c");
const LIBRARY_OUT: &str = include_str!("../../retrofit/library.out");

fn instance(wasm: &[u8], limits: &Limits) -> Instance {
    let module =
        Module::new(&Engine::new().expect("this machine runs wasm"), wasm).expect("it is valid");
    Instance::new(&module, limits, Some(Wasi::default())).expect("it has what it imports")
}

/// What the program `wasm` prints.
fn printed(wasm: &[u8], limits: &Limits) -> String {
    let mut instance = instance(wasm, limits);
    let status = instance
        .run_command()
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(status, 0);
    String::from_utf8(instance.take_stdout()).expect("it prints text")
}

/// The conformers that take blocks back.
fn freeing() -> Vec<(&'static str, Vec<u8>)> {
    let extended = wat::parse_str(mutants::extended().expect("it is made")).expect("it is WAT");
    let (name, freelist) = conformers().swap_remove(1);
    vec![(name, freelist), ("handwritten with extensions", extended)]
}

#[test]
fn a_c_program_prints_the_same_without_its_malloc() {
    let program = built("programs/malloc/library.wasm");
    assert_eq!(printed(&program, &Limits::default()), LIBRARY_OUT);
    for (conformer, wasm) in freeing() {
        for optimize in [false, true] {
            let linked = replaced(&program, "malloc", Force::default(), &wasm, optimize)
                .unwrap_or_else(|error| panic!("{conformer}: {error}"));
            assert_eq!(linked.warnings, [""; 0], "{conformer}");
            let gone = linked.replacement.expect("something was replaced").gone;
            let names = wasmprinter::print_bytes(&linked.wasm).expect("it prints");
            for name in [
                "(func $malloc ",
                "(func $realloc ",
                "(func $_start ",
                "sigil:retrofit#block",
            ] {
                assert!(names.contains(name), "{conformer}: no {name}");
            }
            // Which of the two it is depends on who packaged the library.
            assert!(gone.iter().any(|gone| gone == "`sbrk`"), "{gone:?}");
            let is_below = |gone: &String| ["`dlmalloc`", "`emmalloc_memalign`"].contains(&&**gone);
            assert!(gone.iter().any(is_below), "{gone:?}");
            let refuses = instance(&linked.wasm, &Limits::default()).call_i32("refuses", &[]);
            assert_eq!(refuses.ok(), Some(Some(7)), "{conformer}, -O {optimize}");
            assert_eq!(
                printed(&linked.wasm, &Limits::default()),
                LIBRARY_OUT,
                "{conformer}, -O {optimize}"
            );
        }
    }
}

#[test]
fn what_a_malloc_needs_is_asked_of_the_conformer() {
    let program = built("programs/malloc/library.wasm");
    let (_, bump) = &conformers()[0];
    match replaced(&program, "malloc", Force::default(), bump, false) {
        Err(Error::Unresolved { missing, .. }) => {
            let missing: Vec<_> = missing.iter().map(|missing| &*missing.import.1).collect();
            assert_eq!(missing, ["free"]);
        }
        other => panic!("bump cannot free: {other:?}"),
    }
}

#[test]
fn a_trap_between_replaced_calls_is_at_its_line() {
    let mark = LIBRARY
        .lines()
        .position(|line| line.ends_with("/* fails */"));
    let expected = mark.expect("a line is marked") as u32 + 1;
    let program = built("programs/malloc/library.wasm");
    let (_, freelist) = &conformers()[1];
    let linked = replaced(&program, "malloc", Force::default(), freelist, true).expect("it links");
    for wasm in [&program, &linked.wasm] {
        let mut instance = instance(wasm, &Limits::default());
        let Err(Failure::Trap { backtrace, .. }) = instance.call_i32("fails", &[16]) else {
            panic!("it traps");
        };
        let places: Vec<_> = backtrace.iter().flat_map(|frame| &frame.places).collect();
        let own = places
            .iter()
            .find(|place| place.file.ends_with("library.c"));
        assert_eq!(own.map(|place| place.line), Some(expected), "{places:?}");
    }
}

fn found(bytes: &[u8]) -> Vec<Found> {
    inspect(Input {
        name: "it.wasm",
        bytes,
    })
    .expect("it is wasm")
    .found
}

#[test]
fn a_c_program_is_recognised_and_can_be_replaced() {
    let program = built("programs/malloc/library.wasm");
    let [found] = &found(&program)[..] else {
        panic!("{:?}", found(&program));
    };
    assert!(
        ["wasi-libc's dlmalloc", "wasi-libc's emmalloc"].contains(&&*found.name),
        "{found:?}"
    );
    assert_eq!(found.profile.as_deref(), Some("malloc"));
    assert_eq!(
        found.needs,
        ["free", "resize-in-place", "try-alloc"]
            .map(|name| format!("sigil:allocator-ext/sized@0.1.0#{name}"))
    );
}

#[test]
fn an_allocator_in_a_component_is_told_too() {
    let program =
        wasmprinter::print_bytes(built("programs/malloc/library.wasm")).expect("it prints");
    let module = program.replacen("(module", "(core module", 1);
    let component = wat::parse_str(format!("(component {module} (core module (memory 1)))"))
        .expect("it is WAT");
    let found = found(&component);
    let [found] = &found[..] else {
        panic!("{found:?}");
    };
    assert!(found.name.starts_with("wasi-libc's "), "{found:?}");
    assert_eq!(found.profile, None);
    assert!(
        found.hindrances[0].starts_with("it is in a component"),
        "{found:?}"
    );
}

#[test]
fn allocators_are_known_by_the_names_that_compilers_give() {
    let files = files("names", "txt");
    assert!(files.len() >= 7, "only {} files", files.len());
    for (name, path) in files {
        let text = fs::read_to_string(path).expect("it was just listed");
        let expected = text
            .lines()
            .find_map(|line| line.strip_prefix("# expected: "));
        let functions = text
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|name| format!("(func (@name {name:?}))"));
        let module = wat::parse_str(format!("(module {})", functions.collect::<String>()))
            .expect("it is WAT");
        let names: Vec<_> = found(&module).into_iter().map(|found| found.name).collect();
        assert_eq!(Some(&*names.join(", ")), expected, "{name}");
    }
    // Without names there are the exports, their shape, and last of all what memory grows by.
    for (module, expected) in [
        (
            r#"(module (memory 1) (global (mut i32) (i32.const 64))
                (func (export "my_alloc") (param i32) (result i32)
                    (global.set 0 (i32.add (global.get 0) (local.get 0))) (global.get 0)))"#,
            Some("a bump allocator"),
        ),
        (
            r#"(module (func (export "__new")) (func (export "__pin")) (func (export "__unpin")) (func (export "__collect")))"#,
            Some("an AssemblyScript runtime"),
        ),
        (
            r#"(module (memory 1) (func (export "malloc") (param i32) (drop (memory.grow (i32.const 1)))))"#,
            Some("an allocator that is not known here"),
        ),
        (r#"(module (memory 1) (func (export "run")))"#, None),
    ] {
        let found = found(&wat::parse_str(module).expect("it is WAT"));
        assert_eq!(
            found.first().map(|found| &*found.name),
            expected,
            "{found:?}"
        );
    }
}
