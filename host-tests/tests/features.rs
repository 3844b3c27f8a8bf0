//! Everything that modules contain: each program of `tests/features`, linked plain and with `-O`, is valid, keeps its
//! own parts, and runs to the result that it expects.
//!
//! A program says by its result that all is right: every exported function of no parameters returns 1. What this
//! engine is built without (garbage collection, exceptions, threads) is validated and compared as text; the list of
//! these is checked, so that none is left out by accident. Needs `target/conformers`; `cargo xtask test` builds them.

use std::{collections::BTreeMap, fs, path::Path};

use sigil_link::{Error, Input, Linked, Options, link};
use wasm_encoder::{
    Instruction,
    reencode::{self, Reencode},
};
use wasmtime::{Config, Engine, Linker, Module, Store, Val};

/// The programs that this engine cannot run.
const ONLY_VALIDATED: [&str; 4] = ["atomics", "exceptions", "gc", "legacy_exceptions"];

fn engine() -> Engine {
    let mut config = Config::new();
    config.wasm_custom_page_sizes(true);
    config.wasm_memory64(true);
    config.wasm_multi_memory(true);
    config.wasm_tail_call(true);
    config.wasm_extended_const(true);
    Engine::new(&config).unwrap()
}

fn programs() -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/features");
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut programs = BTreeMap::new();
    for path in entries {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let program = wat::parse_file(&path).unwrap_or_else(|error| panic!("{error}"));
        programs.insert(name, program);
    }
    programs
}

fn try_link(program: &[u8], optimize: bool) -> Result<Linked, Error> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/conformers/bump.wasm");
    let conformer = fs::read(&path).unwrap_or_else(|error| {
        panic!("no `{}` ({error}): run `cargo xtask build`", path.display())
    });
    let mut options = Options::default();
    options.optimize = optimize;
    let input = |name, bytes| Input { name, bytes };
    link(
        input("program.wasm", program),
        input("bump.wasm", &conformer),
        &options,
    )
}

#[test]
fn every_feature_links_and_runs() {
    let engine = engine();
    let mut only_validated = Vec::new();
    let programs = programs();
    assert!(programs.len() >= 12, "only {} programs", programs.len());
    for (name, program) in &programs {
        for optimize in [false, true] {
            let linked =
                try_link(program, optimize).unwrap_or_else(|error| panic!("{name}: {error}"));
            // What the program imports besides may have to be larger; nothing else is worth a word.
            let expected: &[&str] = if name == "imports" {
                &["the memory that"]
            } else {
                &[]
            };
            assert_eq!(
                linked.warnings.len(),
                expected.len(),
                "{name}: {:?}",
                linked.warnings
            );
            if !optimize {
                same_parts(name, program, &linked.wasm);
            }
            match Module::new(&engine, &linked.wasm) {
                Ok(module) => run(name, &engine, &module),
                Err(_) if !optimize => only_validated.push(name.as_str()),
                Err(_) => {}
            }
        }
    }
    assert_eq!(only_validated, ONLY_VALIDATED);
}

fn run(name: &str, engine: &Engine, module: &Module) {
    let mut store = Store::new(engine, ());
    let mut linker = Linker::new(engine);
    if name == "imports" {
        let memory = module
            .imports()
            .find_map(|import| import.ty().memory().cloned());
        let memory = wasmtime::Memory::new(&mut store, memory.unwrap()).unwrap();
        linker.define(&store, "env", "memory", memory).unwrap();
        linker.func_wrap("env", "function", |n: i32| n + 1).unwrap();
        let global = |mutability| wasmtime::GlobalType::new(wasmtime::ValType::I32, mutability);
        let constant = global(wasmtime::Mutability::Const);
        let constant = wasmtime::Global::new(&mut store, constant, Val::I32(32)).unwrap();
        linker.define(&store, "env", "global", constant).unwrap();
        let mutable = global(wasmtime::Mutability::Var);
        let mutable = wasmtime::Global::new(&mut store, mutable, Val::I32(0)).unwrap();
        linker.define(&store, "env", "mutable", mutable).unwrap();
        let table = wasmtime::TableType::new(wasmtime::RefType::FUNCREF, 4, None);
        let table = wasmtime::Table::new(&mut store, table, wasmtime::Ref::Func(None)).unwrap();
        linker.define(&store, "env", "table", table).unwrap();
    }
    let instance = linker
        .instantiate(&mut store, module)
        .unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let mut n_run = 0;
    for export in module.exports() {
        let Some(ty) = export.ty().func().cloned() else {
            continue;
        };
        if ty.params().len() > 0 || export.name() == "enter" {
            continue;
        }
        let function = instance.get_func(&mut store, export.name()).unwrap();
        let mut results = [Val::I32(0)];
        function
            .call(&mut store, &[], &mut results)
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(results[0].i32(), Some(1), "{name}: `{}`", export.name());
        n_run += 1;
    }
    assert!(n_run > 0, "{name} exports nothing to run");
}

/// Everything in the program is in the linked module, in the same order and with the same text, but for imports of the
/// allocator and the size of memory 0.
fn same_parts(name: &str, program: &[u8], linked: &[u8]) {
    let linked = parts(linked);
    let mut rest = linked.iter();
    for part in parts(program) {
        if part.starts_with("import \"sigil:")
            || part.starts_with("memory $own")
            || part.starts_with("memory 1")
            || part.starts_with("import \"env\" \"memory\"")
        {
            continue;
        }
        assert!(
            rest.any(|linked| *linked == part),
            "{name}: not in the linked module, or elsewhere: {part}\n{linked:#?}"
        );
    }
}

/// The fields of a module as text, without comments, each with the allocator's functions by their full names.
fn parts(wasm: &[u8]) -> Vec<String> {
    let mut text = wasmprinter::print_bytes(wasm).unwrap();
    // Indices and offsets stand in comments.
    while let Some(start) = text.find("(;") {
        let end = text[start..].find(";)").unwrap() + start + 2;
        text.replace_range(start..end, "");
    }
    for (own, interface) in [("alloc", "core"), ("enter", "scope"), ("exit", "scope")] {
        let function = if own == "alloc" {
            own.to_string()
        } else {
            format!("{own}-scope")
        };
        let full = format!("$sigil:allocator/{interface}@0.1.0#{function}");
        for end in [" ", ")", "\n"] {
            text = text.replace(&format!("${own}{end}"), &format!("{full}{end}"));
        }
    }
    let words = |part: &str| part.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts: Vec<String> = text.split("\n  (").skip(1).map(words).collect();
    // Of the last one, the module's own end.
    if let Some(last) = parts.last_mut() {
        last.truncate(last.rfind(')').unwrap_or(0));
        *last = last.trim_end().to_string();
    }
    parts
}

/// Functions enough that their indices have three bytes, in a code section of some megabytes.
#[test]
fn a_big_code_section_links_and_runs() {
    const N_FUNCTIONS: u32 = 17_000;
    const N_NOPS: usize = 200;
    let text = r#"(module
        (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
        (memory 1)
        (table $table 17000 funcref)
        (func $run (export "run") (result i32)
          (local $i i32) (local $first i32)
          (local.set $first (call_indirect (result i32) (i32.const 0)))
          (loop $next
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (if (i32.lt_u (local.get $i) (i32.const 16999))
              (then (drop (call_indirect (result i32) (local.get $i))) (br $next))))
          (i32.eq
            (i32.sub (call_indirect (result i32) (local.get $i)) (local.get $first))
            (i32.const 0x21338))))"#;
    let shell = wat::parse_str(text).unwrap();
    let mut big = Big {
        n_functions: N_FUNCTIONS,
        n_nops: N_NOPS,
    };
    let mut module = wasm_encoder::Module::new();
    big.parse_core_module(&mut module, wasmparser::Parser::new(0), &shell)
        .unwrap();
    let program = module.finish();
    assert!(program.len() > 3 << 20, "{} bytes", program.len());
    let engine = engine();
    for optimize in [false, true] {
        let linked = try_link(&program, optimize).unwrap_or_else(|error| panic!("{error}"));
        let module = Module::new(&engine, &linked.wasm).unwrap();
        run("big", &engine, &module);
    }
}

/// Appends functions that allocate 8 bytes each to a module, and fills its table with them.
struct Big {
    n_functions: u32,
    n_nops: usize,
}

impl Reencode for Big {
    type Error = std::convert::Infallible;

    fn parse_function_section(
        &mut self,
        functions: &mut wasm_encoder::FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let own: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for ty in &own {
            functions.function(*ty);
        }
        // `run` has the type that they have.
        for _ in 0..self.n_functions {
            functions.function(own[0]);
        }
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut wasm_encoder::Module,
        _: Option<wasm_encoder::SectionId>,
        before: Option<wasm_encoder::SectionId>,
    ) -> Result<(), reencode::Error> {
        if before == Some(wasm_encoder::SectionId::Code) {
            // The import and `run` come first.
            let functions: Vec<u32> = (2..2 + self.n_functions).collect();
            let mut elements = wasm_encoder::ElementSection::new();
            elements.active(
                None,
                &wasm_encoder::ConstExpr::i32_const(0),
                wasm_encoder::Elements::Functions(functions.into()),
            );
            module.section(&elements);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut wasm_encoder::CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for body in section {
            self.parse_function_body(code, body?)?;
        }
        for _ in 0..self.n_functions {
            let mut function = wasm_encoder::Function::new([]);
            for _ in 0..self.n_nops {
                function.instruction(&Instruction::Nop);
            }
            function
                .instruction(&Instruction::I32Const(8))
                .instruction(&Instruction::Call(0))
                .instruction(&Instruction::End);
            code.function(&function);
        }
        Ok(())
    }
}

#[test]
fn what_an_allocator_cannot_live_in_is_refused_by_name() {
    let import =
        r#"(import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))"#;
    for (memory, expected) in [
        ("(memory 1 2 shared)", "memory 0 is shared between threads"),
        (
            r#"(import "env" "memory" (memory 1 2 shared))"#,
            "memory 0 is shared between threads",
        ),
        ("(memory i64 1)", "memory 0 has 64-bit addresses (memory64)"),
        (
            "(memory 65536 (pagesize 1))",
            "memory 0 has pages of a custom size",
        ),
        ("", "the program has no memory"),
    ] {
        let (imported, defined) = if memory.starts_with("(import") {
            (memory, "")
        } else {
            ("", memory)
        };
        let program = wat::parse_str(format!("(module {imported} {import} {defined})")).unwrap();
        for optimize in [false, true] {
            let error = try_link(&program, optimize).expect_err(memory).to_string();
            assert!(
                error.contains(expected) && error.contains("help: "),
                "{error}"
            );
        }
    }
}

#[test]
fn data_at_a_computed_address_above_the_heap_base_is_an_error() {
    let program = |offset: &str| {
        let text = format!(
            r#"(module
                (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
                (memory 1)
                (global $base i32 (i32.const 1000))
                (global (export "__heap_base") i32 (i32.const 1024))
                (data (offset {offset}) "data"))"#
        );
        wat::parse_str(text).unwrap()
    };
    for (offset, is_below) in [
        ("(i32.add (global.get $base) (i32.const 20))", true),
        ("(i32.add (global.get $base) (i32.const 21))", false),
        (
            "(i32.mul (i32.const 2) (i32.sub (i32.const 600) (i32.const 8)))",
            false,
        ),
    ] {
        let outcome = try_link(&program(offset), false);
        match outcome {
            Ok(_) => assert!(is_below, "{offset}"),
            Err(error) => {
                assert!(!is_below, "{offset}: {error}");
                assert!(
                    error.to_string().contains("above the heap base 0x400"),
                    "{error}"
                );
            }
        }
    }
}
