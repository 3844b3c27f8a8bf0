//! What must hold of every link, whatever goes in: no panic; a result that is valid, imports no allocator,
//! exports what the program did, says in its record what it is, and comes out the same again; or an error
//! about one of the inputs.
//!
//! The fuzz targets call these functions, and so do the seeded tests in `crates/link/tests/fuzz.rs`.

use arbitrary::Unstructured;
use sigil_link::{Error, Input, Linked, Options, Record, link};
use wasm_smith::{Config, Module};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};

/// A conformer with a fast path, a slow path, and its state in globals.
pub const CONFORMER: &str = r#"(module
    (import "env" "memory" (memory 0))
    (import "env" "__heap_base" (global $base i32))
    (import "env" "__heap_end" (global $limit i32))
    (global $used (mut i32) (i32.const 0))
    (func $slow (param $size i32) (result i32)
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
        (i32.mul (i32.sub (memory.size) (i32.const 1)) (i32.const 65536)))
    (func (export "sigil:allocator/core@0.1.0#alloc") (param $size i32) (result i32)
        (local $block i32)
        (local.set $block (i32.add (global.get $base) (global.get $used)))
        (if (i32.gt_u (local.get $size) (i32.sub (global.get $limit) (local.get $block)))
            (then (return (call $slow (local.get $size)))))
        (global.set $used (i32.add (global.get $used)
            (i32.and (i32.add (local.get $size) (i32.const 7)) (i32.const -8))))
        (local.get $block))
    (func (export "sigil:allocator/core@0.1.0#realloc") (param i32 i32 i32) (result i32)
        (call $slow (local.get 2)))
    (func (export "sigil:allocator/core@0.1.0#mem-copy") (param i32 i32 i32)
        (memory.copy (local.get 0) (local.get 1) (local.get 2)))
    (func (export "sigil:allocator/scope@0.1.0#enter-scope") (result i32) (global.get $used))
    (func (export "sigil:allocator/scope@0.1.0#exit-scope") (param i32)
        (if (i32.gt_u (local.get 0) (global.get $used)) (then unreachable))
        (global.set $used (local.get 0)))
    (func (export "sigil:allocator/scope@0.1.0#promote") (param i32 i32 i32) (result i32)
        (global.set $used (local.get 0)) (local.get 1))
    (func (export "sigil:allocator/bulk@0.1.0#free-all") (global.set $used (i32.const 0))))"#;

/// A conformer with a static that holds its own address, and the relocation of that.
pub const RELOCATED: &str = r#"(module
    (memory 1)
    (func (export "sigil:allocator/core@0.1.0#alloc") (param i32) (result i32) i32.const 1024)
    (data (i32.const 1024) "\00\04\00\00")
    (@custom "linking" (after data) "\02\08\08\01\01\00\01a\00\00\04")
    (@custom "reloc.DATA" (after data) "\05\01\05\07\00\00"))"#;

/// A program with a bit of everything that linking changes.
pub const PROGRAM: &str = r#"(module
    (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
    (memory 1)
    (table 2 funcref)
    (elem (i32.const 0) $alloc $run)
    (global $n (mut i32) (i32.const 0))
    (export "run" (func $run))
    (start $start)
    (func $start (global.set $n (call $alloc (i32.const 3))))
    (func $run (param i32) (result i32) (local i64)
        (block (br_table 0 0 (call $alloc (local.get 0))))
        (return_call $alloc (call_indirect (param i32) (result i32) (local.get 0) (i32.const 0))))
    (data (i32.const 8) "data"))"#;

/// What generated programs may import.
const IMPORTS: &str = r#"(module
    (import "sigil:allocator/core@0.1.0" "alloc" (func (param i32) (result i32)))
    (import "sigil:allocator/core@0.1.0" "realloc" (func (param i32 i32 i32) (result i32)))
    (import "cm32p2|sigil:allocator/core@0.1" "mem-copy" (func (param i32 i32 i32)))
    (import "sigil:allocator/scope@0.1.0" "enter-scope" (func (result i32)))
    (import "sigil:allocator/scope@0.1.0" "exit-scope" (func (param i32)))
    (import "sigil:allocator/scope" "promote" (func (param i32 i32 i32) (result i32)))
    (import "sigil:allocator/bulk@0.1.0" "free-all" (func))
    (import "host" "call" (func (param i64) (result f32))))"#;

/// Links `bytes` as a program and as a conformer; how many links worked.
pub fn any_bytes(bytes: &[u8]) -> u32 {
    let conformer = wat::parse_str(CONFORMER).expect("it is WAT");
    let program = wat::parse_str(PROGRAM).expect("it is WAT");
    let pairs = [(bytes, &conformer[..]), (&program[..], bytes)];
    let n_linked = |(program, conformer)| match linked(program, conformer) {
        Ok(()) => 1,
        Err(error) => {
            let message = error.to_string();
            assert!(!matches!(error, Error::Defect { .. }), "{message}");
            assert!(message.starts_with("cannot link `"), "{message}");
            0
        }
    };
    pairs.map(n_linked).iter().sum()
}

/// Links the valid program that wasm-smith makes of `noise`. Whether that worked: `false` where it imports no
/// allocator, or has a memory that no allocator can use.
pub fn any_program(noise: &[u8]) -> bool {
    let config = Config {
        available_imports: Some(wat::parse_str(IMPORTS).expect("it is WAT")),
        exceptions_enabled: true,
        gc_enabled: true,
        max_memories: 2,
        min_memories: 1,
        min_imports: 4,
        min_funcs: 1,
        reference_types_enabled: true,
        relaxed_simd_enabled: true,
        simd_enabled: true,
        tail_call_enabled: true,
        // Any other memory is refused, which is soon tested.
        memory64_enabled: false,
        threads_enabled: false,
        ..Config::default()
    };
    let Ok(module) = Module::new(config, &mut Unstructured::new(noise)) else {
        return false;
    };
    let conformer = wat::parse_str(CONFORMER).expect("it is WAT");
    match linked(&module.to_bytes(), &conformer) {
        Ok(()) => true,
        // Where data lies above the end of memory 0, and where that memory can't hold one page.
        Err(Error::NothingToLink { .. } | Error::Layout { .. } | Error::Unsupported { .. }) => {
            false
        }
        Err(error) => panic!("a valid program: {error}"),
    }
}

/// Links plain and with `-O`, and looks at what comes out.
fn linked(program: &[u8], conformer: &[u8]) -> Result<(), Error> {
    for optimize in [false, true] {
        let mut options = Options::default();
        options.optimize = optimize;
        let link = || -> Result<Linked, Error> {
            let input = |name, bytes| Input { name, bytes };
            link(
                input("program.wasm", program),
                input("conformer.wasm", conformer),
                &options,
            )
        };
        let Linked { wasm, record, .. } = link()?;
        assert!(link()?.wasm == wasm, "two runs gave different bytes");
        Validator::new_with_features(WasmFeatures::all())
            .validate_all(&wasm)
            .unwrap_or_else(|error| panic!("the result is invalid: {error}"));
        assert_eq!(Record::read(&wasm), Some(record));
        let (before, after) = (Surface::of(program), Surface::of(&wasm));
        assert_eq!(after.allocator_imports, 0);
        assert_eq!(after.other_imports, before.other_imports);
        assert_eq!(after.exports, before.exports);
    }
    Ok(())
}

/// What a module shows to the outside.
struct Surface {
    allocator_imports: u32,
    other_imports: Vec<String>,
    exports: Vec<String>,
}

impl Surface {
    fn of(wasm: &[u8]) -> Self {
        let mut surface = Self {
            allocator_imports: 0,
            other_imports: Vec::new(),
            exports: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("it is valid") {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import.expect("it is valid");
                        if import.module.contains("sigil:allocator/") {
                            surface.allocator_imports += 1;
                        } else {
                            let name = format!("{} {}", import.module, import.name);
                            surface.other_imports.push(name);
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    let names = exports.into_iter();
                    let names = names.map(|export| export.expect("it is valid").name.to_string());
                    surface.exports.extend(names);
                }
                _ => {}
            }
        }
        surface
    }
}
