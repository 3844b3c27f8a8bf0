//! Programs that are components before they are linked, as the public encoder makes them: a main module, an
//! adapter, the encoder's own helper modules, and imports of the allocator among others.

use sigil_link::{Options, link};

use crate::{built, bump, command, expected, imports, input, library, of_world, runner};

/// What a C or WAT program imports, said in WIT.
const PROGRAM_WORLD: &str = "package app:app;
    world app {
      import sigil:allocator/core@0.1.0;
      import sigil:allocator/scope@0.1.0;
      import sigil:allocator/bulk@0.1.0;
    }";

fn linked(name: &str, component: &[u8], optimize: bool) -> Vec<u8> {
    let mut options = Options::default();
    options.optimize = optimize;
    link(
        input(name, component),
        input("bump.component.wasm", &bump()),
        &options,
    )
    .unwrap_or_else(|error| panic!("{error}"))
    .wasm
}

fn wants_allocator(component: &[u8]) -> bool {
    imports(component)
        .iter()
        .any(|name| name.starts_with("sigil:allocator"))
}

#[test]
fn commands_that_import_the_allocator_run_without_one() {
    for (program, source) in [
        ("expressions", "c/expressions"),
        ("words", "rust/words/words"),
        ("functional", "wat/functional"),
    ] {
        let module = built(&format!("programs/{program}.wasm"));
        let component = command(&of_world(module, PROGRAM_WORLD));
        assert!(wants_allocator(&component), "{program}");
        let refused = runner::run_command(&component).unwrap_err();
        assert!(
            format!("{refused:#}").contains("sigil:allocator"),
            "{refused:#}"
        );
        for optimize in [false, true] {
            let component = linked(program, &component, optimize);
            assert!(!wants_allocator(&component), "{program}");
            let printed = runner::run_command(&component).unwrap();
            assert_eq!(printed, expected(source), "{program}, -O {optimize}");
        }
    }
}

#[test]
fn a_library_that_uses_the_allocators_types_answers() {
    let component = library(&built("libraries/render.wasm"));
    assert!(wants_allocator(&component));
    // The types' interface is imported as well, for `rendered`.
    assert!(imports(&component).contains(&"sigil:allocator/types@0.1.0".into()));
    let fused = linked("render", &component, true);
    assert!(!wants_allocator(&fused));
    let (outputs, n_bytes) = runner::render(&fused, &["- a", "b\n# c"]).unwrap();
    assert_eq!(outputs, ["<li>a</li>\n", "<p>b</p>\n<h1>c</h1>\n"]);
    assert_eq!(n_bytes as usize, outputs.concat().len());
}

#[test]
fn a_damaged_component_is_refused_in_words() {
    let component = library(&built("libraries/render.wasm"));
    let bump = bump();
    let try_link = |bytes: &[u8]| {
        link(
            input("render", bytes),
            input("bump", &bump),
            &Options::default(),
        )
    };
    for len in (8..component.len()).step_by(97) {
        let error = try_link(&component[..len]).unwrap_err().to_string();
        assert!(error.starts_with("cannot link `render`"), "{len}: {error}");
    }
    // Whatever a flipped bit makes of it is linked or refused, and no panic.
    let mut n_refused = 0;
    for at in (8..component.len()).step_by(61) {
        let mut damaged = component.clone();
        damaged[at] ^= 1 << (at % 8);
        n_refused += u32::from(try_link(&damaged).is_err());
    }
    assert!(n_refused > 10, "{n_refused}");
}
