//! What the toy compiler says of programs that are none: a place and a reason, and never a panic.

use anyhow::{Result, ensure};
use sigil_toy::{Error, compile};
use wasmparser::Validator;

use crate::{examples::examples, random::Random};

/// Programs made of tokens at random.
const N_SOUPS: u64 = 20_000;
/// And examples with some tokens at random.
const N_CHANGED: u64 = 3_000;

const TOKENS: &[&str] = &[
    "fn",
    "let",
    "print",
    "in",
    "if",
    "then",
    "else",
    "match",
    "lazy",
    "force",
    "scope",
    "show",
    "ref",
    "set",
    "length",
    "x",
    "y",
    "f",
    "_",
    "Cons",
    "Nil",
    "Pair",
    "0",
    "7",
    "1073741823",
    "\"text\"",
    "\"\\n\"",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    "->",
    "\\",
    "=",
    "==",
    "<",
    "<=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "++",
    "::",
    "\n",
    "#",
    "\"",
    "ä",
    "99999999999",
    "$",
];

/// What compiles is valid wasm; what does not has a place that is in the source. True where it compiles.
fn judged(source: &str) -> Result<bool> {
    match compile(source) {
        Ok(wasm) => {
            Validator::new()
                .validate_all(&wasm)
                .map_err(|error| anyhow::anyhow!("{error}, of\n{source}\nwhich compiles"))?;
            Ok(true)
        }
        Err(Error { place, message }) => {
            let n_lines = source.split('\n').count() as u32;
            ensure!(
                (1..=n_lines).contains(&place.line),
                "no line {place} in\n{source}"
            );
            let line = source
                .split('\n')
                .nth(place.line as usize - 1)
                .unwrap_or_default();
            ensure!(
                (1..=line.len() as u32 + 1).contains(&place.column),
                "no column {place} in\n{source}"
            );
            ensure!(!message.is_empty(), "no message for\n{source}");
            Ok(false)
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (source, expected) in [
        ("print", "1:6: expected an expression, found the end"),
        ("print 1 +\n  )", "2:3: expected an expression, found `)`"),
        (
            "fn f(x) = y\nprint f(1)",
            "1:11: nothing is called `y` here",
        ),
        (
            "fn f(x) = x\nprint f(1, 2)",
            "2:8: `f` takes 1, and is given 2",
        ),
        ("fn f() = 1\nfn f() = 2", "2:1: there are two functions `f`"),
        ("print f(1)\nlet f = 2", "1:7: nothing is called `f` here"),
        ("print \"abc", "1:7: this text has no end on its line"),
        (
            "print \"a\\q\"",
            "1:9: expected `n`, `t`, `\"` or `\\` after a `\\`",
        ),
        (
            "print 1073741824",
            "1:7: `1073741824` is more than 1073741823, the largest integer",
        ),
        ("print ä", "1:7: no token begins with 'ä'"),
        ("1", "1:1: expected `fn`, `let` or `print`, found `1`"),
        (
            "print Pair(1) ++ Pair(1, 2)",
            "1:18: `Pair` takes 1, and is given 2",
        ),
        (
            "print match 1 { _ -> 2, Nil -> 3 }",
            "1:25: what is above fits everything",
        ),
        (
            "print show",
            "1:7: `show` is built in, and can be called only; a lambda around it is a value",
        ),
        (
            "let _ = 1\nprint show(_)",
            "2:12: expected an expression, found `_`",
        ),
        (
            "print f(\\_ -> _)",
            "1:15: expected an expression, found `_`",
        ),
        ("print let x = 1", "1:16: expected `in`, found the end"),
        ("print [1 2]", "1:10: expected `,` or `]`, found `2`"),
    ] {
        let error = compile(source).expect_err(source);
        assert_eq!(error.to_string(), expected, "{source}");
    }
}

#[test]
fn truncated_examples_are_refused_or_valid() -> Result<()> {
    let mut n_refused = 0;
    for example in examples()? {
        for (end, _) in example.source.char_indices() {
            n_refused += u32::from(!judged(&example.source[..end])?);
        }
    }
    ensure!(n_refused > 2_000, "only {n_refused} were refused");
    Ok(())
}

#[test]
fn random_tokens_are_refused_or_valid() -> Result<()> {
    let mut n_compiled = 0;
    for seed in 1..=N_SOUPS {
        let mut random = Random::new(seed);
        let mut source = String::from(["print ", "let x = ", "fn f(x) = ", ""][random.below(4)]);
        for _ in 0..random.below(12) {
            source += TOKENS[random.below(TOKENS.len())];
            source += [" ", ""][random.below(2)];
        }
        n_compiled += u32::from(judged(&source)?);
    }
    ensure!(n_compiled > 50, "only {n_compiled} of them compiled");
    Ok(())
}

#[test]
fn changed_examples_are_refused_or_valid() -> Result<()> {
    let examples = examples()?;
    let mut n_compiled = 0;
    for seed in 1..=N_CHANGED {
        let mut random = Random::new(seed);
        let source = &examples[random.below(examples.len())].source;
        let mut words: Vec<&str> = source.split_inclusive(' ').collect();
        for _ in 0..=random.below(3) {
            let at = random.below(words.len());
            match random.below(3) {
                0 => words[at] = TOKENS[random.below(TOKENS.len())],
                1 => drop(words.remove(at)),
                _ => words.swap(at, 0),
            }
        }
        n_compiled += u32::from(judged(&words.concat())?);
    }
    ensure!(n_compiled > 50, "only {n_compiled} of them compiled");
    Ok(())
}

/// As much source as the compiler takes makes a module that engines take, whatever there is much of; more is refused.
#[test]
fn the_largest_sources_become_valid_modules() -> Result<()> {
    let most = 1 << 20;
    let mut sum = String::from("-x");
    while 2 * sum.len() + 10 < most {
        sum = format!("({sum}-{sum})");
    }
    let lines = |line: &str| line.repeat(most / line.len());
    for source in [
        lines("let x=1\n"),
        lines("print 1\n"),
        lines("let x=lazy lazy lazy lazy lazy lazy x\n").replacen("lazy x", "lazy 1", 1),
        format!("fn f(x)={sum}\n"),
        format!("print \"{}\"", "text ".repeat((most - 8) / 5)),
    ] {
        let start = &source[..40];
        ensure!(2 * source.len() > most, "{start}: too small");
        ensure!(judged(&source)?, "{start} does not compile");
        let larger = format!("{source}{}", "\n".repeat(most + 1 - source.len()));
        ensure!(!judged(&larger)?, "{start} compiles, and is too large");
    }
    Ok(())
}

#[test]
fn whatever_nests_without_end_is_refused() -> Result<()> {
    let n = 100_000;
    for (before, inside, after) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("- ", "1", ""),
        ("force ", "x", ""),
        ("lazy ", "1", ""),
        ("\\x -> ", "1", ""),
        ("let x = ", "1", " in x"),
        ("let x = 1 in ", "x", ""),
        ("if ", "1", " then 1 else 1"),
        ("if 1 then 1 else ", "1", ""),
        ("match ", "1", " { _ -> 1 }"),
        ("scope { ", "1", " }"),
        ("f(", "1", ")"),
        ("C(", "1", ")"),
        ("print ", "1", ""),
        ("1 :: ", "[]", ""),
        ("", "1", " + 1"),
        ("", "1", " == 1"),
        ("", "f", "(1)"),
    ] {
        let source = format!("print {}{inside}{}", before.repeat(n), after.repeat(n));
        ensure!(!judged(&source)?, "{before}…{after} compiles");
    }
    for separated in ["print [1", "print C(1", "fn f(x", "print f(1"] {
        let source = format!("{separated}{}", ", 1".repeat(n));
        ensure!(!judged(&source)?, "{separated} compiles");
    }
    Ok(())
}
