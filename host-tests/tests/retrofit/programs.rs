//! The same visible results before and after, with every conformer.

use std::collections::BTreeSet;

use sigil_link::{Error, Force, Input, Inspection, Profile, inspect};

use crate::{assemble, conformers, files, folder, machine::Machine, replaced, replaced_by};

/// Needs what not every conformer has: see [`budgets_are_those_of_the_conformer`].
const NEEDS_STATS: &str = "used";

#[test]
fn every_program_does_the_same_with_every_conformer() {
    let programs = files("programs", "wat");
    assert!(programs.len() >= 10, "only {} programs", programs.len());
    for (name, path) in programs {
        let program = assemble(&path);
        let original = Machine::new(&program).call("run");
        assert!(
            original.end.is_ok() && !original.printed.is_empty(),
            "{name}: {original:?}"
        );
        for (conformer, wasm) in conformers() {
            for optimize in [false, true] {
                let case = format!("{name} with {conformer}, optimized: {optimize}");
                let linked = match replaced(&program, "silicon", Force::default(), &wasm, optimize)
                {
                    Err(Error::Unresolved { missing, .. })
                        if name == NEEDS_STATS && ["handwritten", "pages"].contains(&conformer) =>
                    {
                        let missing: Vec<_> =
                            missing.iter().map(|missing| &*missing.import.1).collect();
                        assert_eq!(missing, ["heap-used", "scope-used"]);
                        continue;
                    }
                    other => other.unwrap_or_else(|error| panic!("{case}: {error}")),
                };
                // Twice in one instance: what the first run left behind is no hindrance.
                let mut machine = Machine::new(&linked.wasm);
                assert_eq!(machine.call("run"), original, "{case}");
                assert_eq!(machine.call("run").end, Ok(None), "{case}");
            }
        }
    }
}

#[test]
fn what_is_dead_disappears_and_exports_stay() {
    let programs = files("programs", "wat");
    let (_, path) = programs
        .iter()
        .find(|(name, _)| name == "own_heap")
        .expect("it is there");
    let program = assemble(path);
    let (_, bump) = &conformers()[0];
    let linked = replaced(&program, "silicon", Force::default(), bump, false).expect("it links");
    let replacement = linked.replacement.as_ref().expect("something was replaced");
    // In the prelude's order; the helpers that this program does not use are among them.
    let gone = [
        "alloc",
        "mem_copy",
        "scratch_alloc",
        "arena_promote",
        "alloc_array",
        "alloc_string",
        "str_concat",
        "heap_get",
        "heap_set",
        "heap_used",
        "arena_used",
        "align_up",
        "align_heap",
    ];
    let gone = gone.map(|name| format!("`{name}`"));
    assert_eq!(replacement.gone, gone);
    assert_eq!(replacement.scopes, 2);
    assert_eq!(linked.record.replaced.as_deref(), Some("silicon"));
    // The old heap base is the new one, and the state of the conformer begins there.
    assert_eq!(linked.record.statics.start, 2048);

    let text = wasmprinter::print_bytes(&linked.wasm).expect("it prints");
    assert!(
        !text.contains("$bump"),
        "the bump pointer is still there: {text}"
    );
    assert!(!text.contains("(global $heap_base"), "{text}");
    assert!(
        text.contains("(global $heap "),
        "the user's own global is not: {text}"
    );
    let exports = |wasm: &[u8]| -> BTreeSet<String> {
        let module =
            wasmtime::Module::new(&wasmtime::Engine::default(), wasm).expect("it is valid");
        module
            .exports()
            .map(|export| export.name().to_owned())
            .collect()
    };
    assert_eq!(exports(&linked.wasm), exports(&program));
}

#[test]
fn inspect_says_what_can_be_replaced_and_what_was() {
    let inspected = |bytes: &[u8]| -> Inspection {
        inspect(Input {
            name: "it.wasm",
            bytes,
        })
        .expect("it is wasm")
    };
    let programs = files("programs", "wat");
    for (name, path) in &programs {
        let found = inspected(&assemble(path)).found;
        let [found] = &found[..] else {
            panic!("{name}: {found:?}");
        };
        assert_eq!(
            found.profile.as_deref(),
            Some("silicon"),
            "{name}: {found:?}"
        );
        assert!(
            found
                .needs
                .iter()
                .any(|call| call == "sigil:allocator/core@0.1.0#alloc"),
            "{found:?}"
        );
    }
    let program = assemble(&programs[0].1);
    let linked = replaced(
        &program,
        "silicon",
        Force::default(),
        &conformers()[0].1,
        false,
    )
    .expect("it links");
    let after = inspected(&linked.wasm);
    assert!(after.found.is_empty(), "{after}");
    assert!(after.to_string().contains("replaced   silicon"), "{after}");
    // What is refused is told with the reason, by the whole profile or by its first functions.
    for (name, reason) in [
        (
            "stored",
            "cannot be replaced: function `run` at offset 0x1fb: the saved bump pointer is stored",
        ),
        (
            "exported_pointer",
            "cannot be replaced: function `alloc`: the bump pointer is exported as `bump`",
        ),
        (
            "malloc_inlined",
            "function `dlmalloc` of the old allocator is still used, by function `strdup`",
        ),
    ] {
        let path = folder().join("refused").join(name).with_extension("wat");
        let shown = inspected(&assemble(&path)).to_string();
        assert!(shown.contains(reason), "{name}: {shown}");
    }
}

/// `wasm` without names.
fn without_names(wasm: &[u8]) -> Vec<u8> {
    let mut module = wasm_encoder::Module::new();
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        let payload = payload.expect("it is valid");
        if let (Some((id, range)), false) = (
            payload.as_section(),
            matches!(payload, wasmparser::Payload::CustomSection(_)),
        ) {
            module.section(&wasm_encoder::RawSection {
                id,
                data: &wasm[range],
            });
        }
    }
    module.finish()
}

#[test]
fn without_names_the_exports_and_the_shape_are_enough_or_it_is_refused() {
    // The rounding that it calls is only known by its name.
    let needs_names = ["aligned", "vectors"];
    let (_, freelist) = &conformers()[1];
    for (name, path) in files("programs", "wat") {
        let program = without_names(&assemble(&path));
        match replaced(&program, "silicon", Force::default(), freelist, false) {
            Ok(linked) => {
                assert!(!needs_names.contains(&&*name), "{name} links");
                let original = Machine::new(&program).call("run");
                assert_eq!(Machine::new(&linked.wasm).call("run"), original, "{name}");
                let unchecked = linked
                    .warnings
                    .iter()
                    .any(|warning| warning.contains("`alloc_array`"));
                assert!(unchecked, "{name}: {:?}", linked.warnings);
            }
            Err(Error::Refused { refusals, .. }) => {
                assert!(needs_names.contains(&&*name), "{name}: {refusals:?}");
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

#[test]
fn a_profile_of_ones_own_does_the_same() {
    let read = |extension| {
        let path = folder().join("profiles/regions").with_extension(extension);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let profile = Profile::parse(&read("toml")).expect("it is a profile");
    let program = wat::parse_str(read("wat")).expect("it is WAT");
    let original = Machine::new(&program).call("run");
    assert_eq!(original.printed, ["1", "2", "3", "2"]);
    for (conformer, wasm) in conformers() {
        for optimize in [false, true] {
            let linked = replaced_by(&program, profile.clone(), Force::default(), &wasm, optimize);
            let linked = linked.unwrap_or_else(|error| panic!("{conformer}: {error}"));
            assert_eq!(
                Machine::new(&linked.wasm).call("run"),
                original,
                "{conformer}, -O {optimize}"
            );
        }
    }
}

#[test]
fn the_profile_in_the_documentation_is_one() {
    let docs = include_str!("../../../docs/retrofit.md");
    let (_, after) = docs.split_once("```toml\n").expect("there is an example");
    let (example, _) = after.split_once("```").expect("it ends");
    let profile = Profile::parse(example).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((&*profile.name, profile.functions.len()), ("mylang", 2));
}

#[test]
fn branch_hints_are_at_branches() {
    /// How many hints there are, each of which has to be at a branch.
    fn n_hints(wasm: &[u8]) -> usize {
        let (mut starts, mut hints) = (Vec::new(), Vec::new());
        let mut n_imported = 0;
        for payload in wasmparser::Parser::new(0).parse_all(wasm) {
            match payload.expect("it is valid") {
                wasmparser::Payload::ImportSection(imports) => {
                    n_imported = imports.into_imports().count();
                }
                wasmparser::Payload::CodeSectionEntry(body) => starts.push(body.range().start),
                wasmparser::Payload::CustomSection(section) => {
                    if let wasmparser::KnownCustom::BranchHints(functions) = section.as_known() {
                        for function in functions {
                            let function = function.expect("it is read");
                            let all = function
                                .hints
                                .into_iter()
                                .map(|hint| hint.expect("it is read").func_offset);
                            hints.push((function.func, all.collect::<Vec<_>>()));
                        }
                    }
                }
                _ => {}
            }
        }
        let mut n = 0;
        for (function, offsets) in hints {
            for offset in offsets {
                let start = starts[function as usize - n_imported];
                // `if` and `br_if`.
                assert!(
                    [0x04, 0x0d].contains(&wasm[start + offset as usize]),
                    "{function}: {offset}"
                );
                n += 1;
            }
        }
        n
    }
    let read =
        |name: &str| std::fs::read_to_string(folder().join(name)).expect("it is in the repository");
    let hint = r#"(@metadata.code.branch_hint "\01") (br_if $fits"#;
    let prelude = read("prelude.wat").replace("(br_if $fits", hint);
    let text = read("programs/arenas.wat").replace(";; prelude\n", &prelude);
    let program = wat::parse_str(text).expect("it is WAT");
    assert_eq!(n_hints(&program), 2);
    for optimize in [false, true] {
        let linked = replaced(
            &program,
            "silicon",
            Force::default(),
            &conformers()[0].1,
            optimize,
        )
        .expect("it links");
        // That of the old `alloc` is gone with it.
        assert_eq!(n_hints(&linked.wasm), 1, "-O {optimize}");
    }
}
