//! Debug information after linking: a backtrace names the line of the source that trapped.
//!
//! The programs are `programs/debug/traps.c` and `programs/debug/traps/`, each line that matters marked with a
//! comment. Needs `target/programs/debug` and `target/conformers`; `cargo xtask test` builds them.

use std::{collections::BTreeMap, fs, path::Path};

use gimli::{AttributeValue, Dwarf, EndianSlice, LittleEndian, Reader};
use sigil_host::{Engine, Failure, Frame, Instance, Limits, Module, Place, Wasi};
use sigil_link::{Input, Linked, Options, link};

const C: &str = include_str!("../programs/debug/traps.c");
const RUST: &str = include_str!("../programs/debug/traps/src/lib.rs");

/// File, source, and the end of the source's path.
const PROGRAMS: [(&str, &str, &str); 4] = [
    ("c-O0", C, "traps.c"),
    ("c-O2", C, "traps.c"),
    ("c-O2-dwarf5", C, "traps.c"),
    ("rust", RUST, "lib.rs"),
];

fn read(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target")
        .join(path);
    fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    })
}

fn linked(program: &[u8], optimize: bool) -> Linked {
    let mut options = Options::default();
    options.optimize = optimize;
    let input = |name, bytes| Input { name, bytes };
    let conformer = read("conformers/bump.wasm");
    link(
        input("program.wasm", program),
        input("bump.wasm", &conformer),
        &options,
    )
    .unwrap_or_else(|error| panic!("{error}"))
}

fn instance(wasm: &[u8]) -> Instance {
    let module = Module::new(&Engine::new().unwrap(), wasm).unwrap();
    Instance::new(&module, &Limits::default(), Some(Wasi::default())).unwrap()
}

/// The number of the line that is marked with `mark`: at its end, or by a line of its own before it.
fn line(source: &str, mark: &str) -> u32 {
    let comments = [format!("/* {mark} */"), format!("// {mark}")];
    let marked = |line: &str| comments.iter().any(|comment| line.ends_with(comment));
    let index = source.lines().position(marked);
    let index = index.unwrap_or_else(|| panic!("no line is marked `{mark}`"));
    let line = source.lines().nth(index).unwrap_or_default();
    let is_alone = comments.iter().any(|comment| line.trim() == comment);
    index as u32 + if is_alone { 2 } else { 1 }
}

/// All places of a backtrace, innermost first, as lines of `file`.
fn lines(backtrace: &[Frame], file: &str) -> Vec<u32> {
    let places = backtrace.iter().flat_map(|frame| &frame.places);
    let own = places.filter(|place: &&Place| place.file.ends_with(file));
    own.map(|place| place.line).collect()
}

fn trap(outcome: Result<Option<u32>, Failure>) -> (String, Vec<Frame>) {
    let failure = outcome.expect_err("it traps");
    let shown = failure.to_string();
    match failure {
        Failure::Trap { backtrace, .. } => (shown, backtrace),
        other => panic!("expected a trap, found {other}"),
    }
}

#[test]
fn a_trap_between_two_inlined_calls_is_at_its_line() {
    for (name, source, file) in PROGRAMS {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            assert_eq!(linked.warnings, [""; 0], "{name}");
            let mut instance = instance(&linked.wasm);
            let (shown, backtrace) = trap(instance.call_i32("fails_between", &[5]));
            let expected = [line(source, "fail"), line(source, "fails_between")];
            assert_eq!(
                lines(&backtrace, file),
                expected,
                "{name}, -O {optimize}: {shown}"
            );
            assert!(
                shown.contains(&format!("{file}:{}", expected[0])),
                "{name}, -O {optimize}: {shown}"
            );
        }
    }
}

#[test]
fn a_trap_behind_moved_calls_is_at_its_line() {
    for (name, source, file) in PROGRAMS.into_iter().filter(|(_, source, _)| *source == C) {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            let mut instance = instance(&linked.wasm);
            let (shown, backtrace) = trap(instance.call_i32("reads_outside", &[16]));
            assert_eq!(
                lines(&backtrace, file)[..],
                [line(source, "reads_outside")],
                "{name}, -O {optimize}: {shown}"
            );
            let (shown, backtrace) = trap(instance.call_i32("_start", &[]));
            assert_eq!(
                lines(&backtrace, file)[..],
                [line(source, "fail"), line(source, "main")],
                "{name}, -O {optimize}: {shown}"
            );
        }
    }
}

#[test]
fn exhaustion_is_at_the_line_of_the_call() {
    for (name, source, file) in PROGRAMS {
        for optimize in [false, true] {
            let linked = linked(&read(&format!("programs/debug/{name}.wasm")), optimize);
            let mut instance = instance(&linked.wasm);
            let failure = instance.call_i32("exhausts", &[]).expect_err("it traps");
            let report = failure.exhaustion().expect("it is exhaustion");
            let place = report.place.as_ref().expect("it has a place");
            assert_eq!(
                (place.line, place.file.ends_with(file)),
                (line(source, "exhausts"), true),
                "{name}, -O {optimize}: {place}"
            );
        }
    }
}

/// Where an offset into the code section is: in which function, at which of its instructions.
type Position = (usize, usize);

/// The positions of a module's code by offset: where bodies begin, each instruction, and where bodies end.
fn positions(wasm: &[u8]) -> BTreeMap<u64, Position> {
    let (mut positions, mut start, mut function) = (BTreeMap::new(), 0, 0);
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            wasmparser::Payload::CodeSectionStart { range, .. } => start = range.start,
            wasmparser::Payload::CodeSectionEntry(body) => {
                let at = |offset: usize| (offset - start) as u64;
                positions.insert(at(body.range().start), (function, 0));
                let mut operators = body.get_operators_reader().unwrap();
                for i in 1.. {
                    if operators.eof() {
                        break;
                    }
                    positions.insert(at(operators.original_position()), (function, i));
                    operators.read().unwrap();
                }
                positions.insert(at(body.range().end), (function, usize::MAX));
                function += 1;
            }
            _ => {}
        }
    }
    positions
}

/// Every code offset in a module's debug information, as text with the position in the place of the offset.
fn code_offsets(wasm: &[u8]) -> Vec<String> {
    let positions = positions(wasm);
    let shown = |offset: u64| match positions.get(&offset) {
        Some((function, instruction)) => format!("<{function}, {instruction}>"),
        None => format!("{offset:#x}"),
    };
    let mut sections = BTreeMap::new();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        if let wasmparser::Payload::CustomSection(section) = payload.unwrap() {
            sections.insert(section.name(), section.data());
        }
    }
    let section = |id: gimli::SectionId| {
        let bytes = sections.get(id.name()).copied().unwrap_or_default();
        Ok::<_, gimli::Error>(EndianSlice::new(bytes, LittleEndian))
    };
    let dwarf = Dwarf::load(section).unwrap();
    let mut found = Vec::new();
    let mut units = dwarf.units();
    while let Some(header) = units.next().unwrap() {
        let unit = dwarf.unit(header).unwrap();
        if let Some(program) = unit.line_program.clone() {
            let mut rows = program.rows();
            while let Some((_, row)) = rows.next_row().unwrap() {
                found.push(format!(
                    "row {} {} {:?} {:?} {} {} {}",
                    shown(row.address()),
                    row.file_index(),
                    row.line(),
                    row.column(),
                    row.is_stmt(),
                    row.prologue_end(),
                    row.end_sequence()
                ));
            }
        }
        let mut entries = unit.entries();
        while let Some(entry) = entries.next_dfs().unwrap() {
            let tag = entry.tag();
            let mut ranges = dwarf.die_ranges(&unit, entry).unwrap();
            while let Some(range) = ranges.next().unwrap() {
                found.push(format!(
                    "{tag} {} to {}",
                    shown(range.begin),
                    shown(range.end)
                ));
            }
            for attribute in entry.attrs() {
                if let Some(mut list) = dwarf.attr_locations(&unit, attribute.value()).unwrap() {
                    while let Some(entry) = list.next().unwrap() {
                        let (start, end) = (shown(entry.range.begin), shown(entry.range.end));
                        let expression = entry.data.0.to_slice().unwrap();
                        found.push(format!("at {start} to {end}: {expression:?}"));
                    }
                }
                match attribute.value() {
                    AttributeValue::Addr(offset) => {
                        found.push(format!("{tag} {} {}", attribute.name(), shown(offset)));
                    }
                    AttributeValue::DebugAddrIndex(index) => {
                        let offset = dwarf.address(&unit, index).unwrap();
                        found.push(format!("{tag} {} {}", attribute.name(), shown(offset)));
                    }
                    AttributeValue::Exprloc(expression) => {
                        found.push(format!("{tag} {:?}", expression.0.to_slice().unwrap()));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

#[test]
fn every_code_offset_names_the_same_instruction_as_before() {
    for name in [
        "debug/c-O0",
        "debug/c-O2",
        "debug/c-O2-dwarf5",
        "debug/rust",
        "expressions",
    ] {
        let program = read(&format!("programs/{name}.wasm"));
        let (before, after) = (
            code_offsets(&program),
            code_offsets(&linked(&program, false).wasm),
        );
        assert!(before.len() > 40, "{name}: {}", before.len());
        let n_in_code = before.iter().filter(|offset| offset.contains('<')).count();
        assert!(n_in_code > 20, "{name}: {n_in_code}");
        for (i, (before, after)) in before.iter().zip(&after).enumerate() {
            assert_eq!(before, after, "{name}: number {i}");
        }
        assert_eq!(before.len(), after.len(), "{name}");
    }
}

/// Whatever is in the sections, there is a linked module; where they make no sense, without them and with a warning.
#[test]
fn damaged_debug_information_is_dropped_and_nothing_else() {
    let mut n_dropped = 0;
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |n: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        (random >> 11) as usize % n
    };
    for name in ["c-O2", "c-O2-dwarf5", "rust"] {
        let program = read(&format!("programs/debug/{name}.wasm"));
        let mut sections = Vec::new();
        for payload in wasmparser::Parser::new(0).parse_all(&program) {
            if let wasmparser::Payload::CustomSection(section) = payload.unwrap()
                && section.name().starts_with(".debug_")
            {
                sections.push(section.data_offset()..section.data_offset() + section.data().len());
            }
        }
        for _ in 0..400 {
            let mut damaged = program.clone();
            for _ in 0..=next(3) {
                let section = &sections[next(sections.len())];
                if !section.is_empty() {
                    let at = section.start + next(section.len());
                    damaged[at] = [0, 0x7f, 0xff, next(256) as u8][next(4)];
                }
            }
            let linked = linked(&damaged, next(2) == 0);
            let is_dropped = !linked.warnings.is_empty();
            for warning in &linked.warnings {
                assert!(
                    warning.contains("debug information") || warning.contains(".debug_"),
                    "{warning}"
                );
            }
            n_dropped += u32::from(is_dropped);
        }
    }
    assert!(n_dropped > 20, "only {n_dropped} were dropped");
}
