//! `docs/write-a-conformer.md` shows the handwritten conformer, all of it, as it is.

use std::{fs, path::Path};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks of WAT in a page.
fn snippets(page: &str) -> Vec<&str> {
    let blocks = page.split("```wat\n").skip(1);
    blocks
        .map(|block| block.split_once("```").expect("a block ends").0)
        .collect()
}

#[test]
fn every_snippet_stands_in_the_file_and_every_line_of_code_in_a_snippet() {
    let page = read("docs/write-a-conformer.md");
    let conformer = read("host-tests/conformers/handwritten.wat");
    let snippets = snippets(&page);
    for snippet in &snippets {
        assert!(
            conformer.contains(snippet.trim_end()),
            "the conformer has changed:\n{snippet}"
        );
    }
    // What is not shown are headings, the comment at the top, and empty lines.
    let shown = |line: &str| {
        snippets
            .iter()
            .any(|snippet| snippet.lines().any(|other| other == line))
    };
    let missing: Vec<_> = conformer
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(";;"))
        .filter(|line| !shown(line))
        .collect();
    assert!(missing.is_empty(), "the page does not show: {missing:#?}");
}

#[test]
fn the_failure_that_is_shown_is_what_a_failure_looks_like() {
    use sigil_conformance::{Conformer, mutants, report::Format, suite};

    let mutant = mutants::all()
        .into_iter()
        .find(|mutant| mutant.name == "aligned-as-the-last-left-it");
    let text = mutant
        .expect("there is such a mutant")
        .text()
        .expect("it applies");
    let conformer = Conformer::read("mine.wat", text.as_bytes()).expect("it is wasm");
    let filter = Some("core/alloc-sizes".into());
    let options = suite::Options {
        filter,
        ..suite::Options::default()
    };
    let report = Format::Human.render(&suite::run(&conformer, &options, |_| {}));
    let page = read("docs/write-a-conformer.md");
    let shown = page
        .split("```text\n")
        .nth(1)
        .and_then(|block| block.split_once("```"));
    let shown = shown.expect("a failure is shown").0;
    assert!(
        report.starts_with(shown),
        "the page shows\n{shown}\nand it is\n{report}"
    );
}
