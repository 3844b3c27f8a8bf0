//! Inputs that are wrong in ways that only a careful reader notices: each is refused in words, never by a
//! panic, and never linked into something else.

use sigil_link::{Error, Input, Linked, Options, link};

const PROGRAM: &str = r#"(module
    (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
    (memory 1)
    (func (export "free-all") (drop (call 0 (i32.const 8)))))"#;

/// A conformer with one static of four bytes, and `relocation` as its `reloc.DATA` section.
fn conformer(relocation: &str) -> Vec<u8> {
    conformer_with(r"\00\04\00\00", relocation)
}

fn conformer_with(statics: &str, relocation: &str) -> Vec<u8> {
    // The linking section names the static `a`: symbol 0, in segment 0, at offset 0, four bytes long.
    let wat = format!(
        r#"(module
            (memory 1)
            (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) i32.const 1024)
            (func (export "sigil:allocator/bulk@0.1.0#free-all"))
            (data (i32.const 1024) "{statics}")
            (@custom "linking" (after data) "\02\08\08\01\01\00\01a\00\00\04")
            (@custom "reloc.DATA" (after data) "{relocation}"))"#
    );
    wat::parse_str(wat).unwrap()
}

/// The static holds its own address: a `MEMORY_ADDR_I32` at offset 7 of section 5, the data section.
const OWN_ADDRESS: &str = r"\05\01\05\07\00\00";

fn linked(program: &[u8], conformer: &[u8], options: &Options) -> Result<Linked, Error> {
    let program = Input {
        name: "program.wasm",
        bytes: program,
    };
    let conformer = Input {
        name: "conformer.wasm",
        bytes: conformer,
    };
    link(program, conformer, options)
}

fn refused(program: &[u8], conformer: &[u8], options: &Options) -> String {
    linked(program, conformer, options).unwrap_err().to_string()
}

fn program() -> Vec<u8> {
    wat::parse_str(PROGRAM).unwrap()
}

#[test]
fn a_file_that_ends_in_the_code_section_is_called_truncated() {
    let (program, conformer) = (program(), conformer(OWN_ADDRESS));
    for len in 0..program.len() {
        let error = refused(&program[..len], &conformer, &Options::default());
        assert!(
            error.starts_with("cannot link `program.wasm`"),
            "{len}: {error}"
        );
    }
    let inside = program.len() - 4;
    let error = refused(&program[..inside], &conformer, &Options::default());
    assert!(error.contains("truncated"), "{error}");
}

#[test]
fn a_conformer_whose_indices_point_nowhere_is_invalid() {
    // `wat` checks nothing but the syntax.
    let conformer = wat::parse_str(
        r#"(module (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32)
            global.get 7))"#,
    )
    .unwrap();
    let error = refused(&program(), &conformer, &Options::default());
    assert!(
        error.starts_with("cannot link `conformer.wasm`: unknown global"),
        "{error}"
    );
}

#[test]
fn relocations_stay_inside_of_their_segment() {
    let mut options = Options::default();
    options.heap_base = Some(0x1230);
    let good = linked(&program(), &conformer(OWN_ADDRESS), &options).unwrap();
    assert_eq!(good.record.statics.start, 0x1230);
    // Zeros at its ends may be left out of the segment: memory holds them anyway.
    assert!(
        good.wasm.windows(2).any(|word| word == [0x30, 0x12]),
        "the static does not hold its new address"
    );
    // One byte on, the word would end behind the segment; at 0 stands the count of segments.
    for relocation in [
        r"\05\01\05\08\00\00",
        r"\05\01\05\00\00\00",
        r"\05\01\05\7f\00\00",
    ] {
        let error = refused(&program(), &conformer(relocation), &Options::default());
        assert!(error.contains("a relocation outside of"), "{error}");
    }
}

#[test]
fn statics_do_not_share_the_end_of_4_gib_with_anything() {
    let program = wat::parse_str(PROGRAM.replace("(memory 1)", "(memory 65536)")).unwrap();
    let mut options = Options::default();
    options.heap_base = Some(0xffff_fff0);
    // The request is the word behind the static: both end at 2^32 - 8, where the heap begins and ends.
    let record = linked(&program, &conformer(OWN_ADDRESS), &options)
        .unwrap()
        .record;
    assert_eq!(record.statics, 0xffff_fff0..0xffff_fff8);
    assert_eq!(
        (record.heap_base, record.heap_end),
        (0xffff_fff8, 0xffff_fff8)
    );
    // Eight bytes more would lie in what an `i32` cannot end at.
    let larger = conformer_with(r"\01\02\03\04\05\06\07\08\09\0a\0b\0c", OWN_ADDRESS);
    let error = refused(&program, &larger, &options);
    assert!(error.contains("needs the memory up to"), "{error}");
}

#[test]
fn an_export_is_added_once_and_takes_no_name_of_the_programs() {
    let (program, conformer) = (program(), conformer(OWN_ADDRESS));
    let mut options = Options::default();
    options.exports = vec!["alloc".into(), "alloc".into()];
    linked(&program, &conformer, &options).unwrap();
    options.exports = vec!["free-all".into()];
    let error = refused(&program, &conformer, &options);
    assert!(
        error.contains("`--export free-all`: the program exports something of that name"),
        "{error}"
    );
}
