//! `--emit component`: of a linked module to a component.

use sigil_link::{Emit, Error, Options, link};

use crate::{built, bump, expected, imports, input, library, of_world, runner};

fn options(optimize: bool) -> Options {
    let mut options = Options::default();
    options.emit = Emit::Component;
    options.optimize = optimize;
    options
}

fn linked(name: &str, program: &[u8], optimize: bool) -> Vec<u8> {
    link(
        input(name, program),
        input("bump.component.wasm", &bump()),
        &options(optimize),
    )
    .unwrap_or_else(|error| panic!("{error}"))
    .wasm
}

#[test]
fn c_and_rust_commands_run_through_wasi_cli_run() {
    for (program, source) in [
        ("expressions", "c/expressions"),
        ("words", "rust/words/words"),
    ] {
        let bytes = built(&format!("programs/{program}.wasm"));
        for optimize in [false, true] {
            let component = linked(program, &bytes, optimize);
            let names = imports(&component);
            assert!(
                names.iter().all(|name| name.starts_with("wasi:")),
                "{names:?}"
            );
            let printed = runner::run_command(&component).unwrap();
            assert_eq!(printed, expected(source), "{program}, -O {optimize}");
        }
    }
}

#[test]
fn a_library_answers_through_generated_bindings() {
    let bytes = built("libraries/render.wasm");
    for optimize in [false, true] {
        let component = linked("render", &bytes, optimize);
        // The name that its world gives to a type, which is `u32` and needs nobody to provide it.
        assert_eq!(imports(&component), ["size"]);
        // Large enough that `cabi_realloc` grows memory.
        let long = "- ü & <x>\n".repeat(20_000);
        let (outputs, n_bytes) =
            runner::render(&component, &["# Heading\ntext & more", "", &long]).unwrap();
        assert_eq!(outputs[0], "<h1>Heading</h1>\n<p>text &amp; more</p>\n");
        assert_eq!(outputs[1], "");
        assert_eq!(outputs[2], "<li>ü &amp; &lt;x></li>\n".repeat(20_000));
        assert_eq!(
            n_bytes as usize,
            outputs.iter().map(String::len).sum::<usize>()
        );
    }
}

#[test]
fn a_linked_module_is_of_a_world_without_the_allocator() {
    let bytes = built("libraries/render.wasm");
    let bump = bump();
    let module = link(
        input("render", &bytes),
        input("bump", &bump),
        &Options::default(),
    )
    .unwrap();
    assert_eq!(module.warnings, Vec::<String>::new());
    let (_, before) = wit_component::metadata::decode(&bytes).unwrap();
    let (_, after) = wit_component::metadata::decode(&module.wasm).unwrap();
    let items = |bindgen: &wit_component::metadata::Bindgen| {
        let world = &bindgen.resolve.worlds[bindgen.world];
        let name = |key| bindgen.resolve.name_world_key(key);
        (
            world.imports.keys().map(name).collect::<Vec<_>>(),
            world.exports.keys().map(name).collect::<Vec<_>>(),
        )
    };
    let (imports_before, exports_before) = items(&before);
    assert!(
        imports_before.contains(&"sigil:allocator/core@0.1.0".into()),
        "{imports_before:?}"
    );
    // `size` stays, as a name for `u32`.
    assert_eq!(items(&after), (vec!["size".to_string()], exports_before));
    // What somebody else makes of the module answers as well.
    let (outputs, _) = runner::render(&library(&module.wasm), &["# a"]).unwrap();
    assert_eq!(outputs, ["<h1>a</h1>\n"]);
}

#[test]
fn other_imports_of_the_world_stay() {
    let program = wat::parse_str(
        r#"(module
             (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
             (import "other:host/log" "number" (func $log (param i32)))
             (memory (export "memory") 1)
             (func (export "run") (call $log (call $alloc (i32.const 16)))))"#,
    )
    .unwrap();
    let program = of_world(
        program,
        "package other:host;
         interface log { use sigil:allocator/types@0.1.0.{ptr}; number: func(at: ptr); }
         world app {
           import sigil:allocator/core@0.1.0;
           import sigil:allocator/bulk@0.1.0;
           import log;
           export run: func();
         }",
    );
    assert_eq!(imports(&linked("app", &program, false)), ["other:host/log"]);
}

#[test]
fn what_makes_no_component_is_refused_with_the_reason() {
    let program = wat::parse_str(
        r#"(module
             (import "sigil:allocator/core@0.1.0" "alloc" (func $alloc (param i32) (result i32)))
             (import "env" "mystery" (func))
             (memory (export "memory") 1)
             (func (export "run") (drop (call $alloc (i32.const 16)))))"#,
    )
    .unwrap();
    let error = link(
        input("app.wasm", &program),
        input("bump", &bump()),
        &options(false),
    )
    .unwrap_err();
    assert!(matches!(error, Error::Componentize { .. }), "{error}");
    let message = error.to_string();
    for part in ["`app.wasm`", "mystery", "help: "] {
        assert!(message.contains(part), "`{part}` in {message}");
    }
}
