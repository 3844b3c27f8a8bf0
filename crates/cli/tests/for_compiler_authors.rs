//! `docs/for-compiler-authors.md`, read and run: what it shows is what happens.
//!
//! A block that is fenced as `… file=NAME` is a file; one fenced as `… from=PATH` stands in that file of the repository, line for
//! line; `console` blocks are run one after the other in a folder with the files, `sigil` as it was built and `toy` as a library.
//! In their output `…` stands for anything, and for any lines where it is alone on a line.

mod common;

use std::{collections::BTreeSet, fs, path::Path};

use common::Sandbox;

const PAGE: &str = "docs/for-compiler-authors.md";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fenced block: what stands behind the fence, and what lies between the fences.
struct Block<'a> {
    info: &'a str,
    text: &'a str,
}

impl<'a> Block<'a> {
    /// The part of the info string behind `key`.
    fn value(&self, key: &str) -> Option<&'a str> {
        let mut words = self.info.split(' ');
        words.find_map(|word| word.strip_prefix(key))
    }
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, fenced)) = rest.split_once("\n```") {
        let (info, fenced) = fenced.split_once('\n').expect("a fence ends its line");
        let (text, after) = fenced.split_once("```").expect("a block ends");
        found.push(Block { info, text });
        rest = after;
    }
    found
}

/// A command, and the lines that are shown under it.
struct Step<'a> {
    command: &'a str,
    output: Vec<&'a str>,
}

fn steps(console: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in console.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command,
                output: Vec::new(),
            }),
            (None, Some(step)) => step.output.push(line),
            (None, None) => panic!("output before the first command: {line}"),
        }
    }
    steps
}

/// What a command prints, standard output first, and its status.
fn run(sandbox: &Sandbox, command: &str, last_status: i32) -> (String, i32) {
    let words: Vec<&str> = command.split(' ').collect();
    match words[..] {
        ["sigil", ref args @ ..] => {
            let output = sandbox.output(args);
            let text = [output.stdout, output.stderr].concat();
            let status = output.status.code().expect("not killed by a signal");
            (String::from_utf8(text).unwrap(), status)
        }
        ["toy", source, "-o", wasm] => {
            let text = fs::read_to_string(sandbox.path(source)).unwrap();
            match sigil_toy::compile(&text) {
                Ok(bytes) => {
                    fs::write(sandbox.path(wasm), bytes).unwrap();
                    (String::new(), 0)
                }
                Err(error) => (format!("{source}:{error}\n"), 1),
            }
        }
        ["echo", "$?"] => (format!("{last_status}\n"), 0),
        _ => panic!("the page has a command that is not known here: {command}"),
    }
}

/// Whether `line` is `shown`, in which `…` stands for any characters.
fn same_line(shown: &str, line: &str) -> bool {
    match shown.split_once('…') {
        None => shown == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            let mut ends = rest.char_indices().map(|(at, _)| &rest[at..]).chain([""]);
            ends.any(|rest| same_line(after, rest))
        }),
    }
}

/// The same for lines, where `…` alone stands for any of them.
fn same_lines(shown: &[&str], lines: &[&str]) -> bool {
    match shown {
        [] => lines.is_empty(),
        ["…", rest @ ..] => (0..=lines.len()).any(|n| same_lines(rest, &lines[n..])),
        [first, rest @ ..] => {
            lines.first().is_some_and(|line| same_line(first, line))
                && same_lines(rest, &lines[1..])
        }
    }
}

#[test]
fn every_command_prints_what_the_page_shows() {
    let page = read(PAGE);
    let blocks = blocks(&page);
    let files: Vec<(&str, &str)> = blocks
        .iter()
        .filter_map(|block| Some((block.value("file=")?, block.text)))
        .collect();
    let sandbox = Sandbox::with(&files);
    let mut unused: BTreeSet<&str> = files.iter().map(|(name, _)| *name).collect();
    let mut status = 0;
    for block in blocks.iter().filter(|block| block.info == "console") {
        for Step { command, output } in steps(block.text) {
            let (text, new_status) = run(&sandbox, command, status);
            status = new_status;
            let lines: Vec<&str> = text.lines().collect();
            assert!(
                same_lines(&output, &lines),
                "`{command}` prints\n{text}\nand the page shows\n{}",
                output.join("\n")
            );
            unused.retain(|name| !command.split(' ').any(|word| word == *name));
        }
    }
    assert!(unused.is_empty(), "the page runs nothing with {unused:?}");
}

#[test]
fn every_excerpt_stands_in_its_file() {
    let page = read(PAGE);
    let mut n_excerpts = 0;
    for block in blocks(&page) {
        let Some(path) = block.value("from=") else {
            continue;
        };
        // Some lines may end in the brackets of what surrounds them.
        let text = block.text.trim_end();
        assert!(
            read(path).contains(text),
            "`{path}` has changed, or the page has:\n{text}"
        );
        n_excerpts += 1;
    }
    assert!(n_excerpts >= 8, "only {n_excerpts} excerpts");
}

/// Nothing on the page is code that no test looks at.
#[test]
fn every_block_is_of_a_known_kind() {
    let page = read(PAGE);
    for block in blocks(&page) {
        let is_checked = block.info == "console"
            || block.value("file=").is_some()
            || block.value("from=").is_some();
        // Drawings of memory.
        assert!(is_checked || block.info == "text", "```{}", block.info);
    }
}

#[test]
fn the_links_lead_somewhere() {
    let page = read(PAGE);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let headings: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|heading| heading.to_lowercase().replace(' ', "-"))
        .collect();
    for target in page.split("](").skip(1) {
        let target = target.split_once(')').expect("a link ends").0;
        match target.strip_prefix('#') {
            Some(heading) => assert!(headings.contains(heading), "no heading for {target}"),
            None => assert!(docs.join(target).exists(), "no file for {target}"),
        }
    }
}
