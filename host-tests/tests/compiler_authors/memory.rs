//! Scopes bound memory, and nothing else does.

use anyhow::{Context, Result, bail, ensure};
use sigil_host::Failure;
use sigil_toy::compile;

use crate::{conformers, examples::examples, start};

/// Enough for a turn and whatever a conformer spends on itself.
const BOUNDED_PAGES: u64 = 3;
/// 100,000 lists of five texts are some 18 MB.
const UNBOUNDED_PAGES: u64 = 200;

/// The pages that a program leaves behind with each conformer, with its name.
fn pages(source: &str, expected: &str) -> Result<Vec<(String, u64)>> {
    let wasm = compile(source)?;
    let mut found = Vec::new();
    for conformer in conformers()? {
        let mut instance = start(&wasm, &conformer, true, None)?;
        let status = instance.run_command();
        let status = status.with_context(|| conformer.name.clone())?;
        ensure!(status == 0, "{}: exit status {status}", conformer.name);
        let output = instance.take_stdout();
        ensure!(
            output == expected.as_bytes(),
            "{}: prints something else",
            conformer.name
        );
        found.push((conformer.name, instance.memory_pages()));
    }
    Ok(found)
}

#[test]
fn a_loop_with_scopes_takes_what_one_turn_takes_and_one_without_takes_all() -> Result<()> {
    let examples = examples()?;
    let example = examples.iter().find(|example| example.name == "loop");
    let example = example.context("no example `loop`")?;
    for (conformer, pages) in pages(&example.source, &example.output)? {
        ensure!(pages <= BOUNDED_PAGES, "{conformer}: {pages} pages");
    }
    let scope = "scope { total(squares(n % 1000, n % 1000 + 5)) }";
    let without = example
        .source
        .replace(scope, &scope.replace("scope {", "(").replace('}', ")"));
    ensure!(without != example.source, "the example has no `{scope}`");
    for (conformer, pages) in pages(&without, &example.output)? {
        ensure!(pages >= UNBOUNDED_PAGES, "{conformer}: only {pages} pages");
    }
    Ok(())
}

/// Each turn forces a thunk that is older than it, and a new one; what is forced stays, once.
#[test]
fn forcing_an_older_thunk_in_a_loop_takes_its_value_once() -> Result<()> {
    let source = r#"
        fn range(a, b) = if a < b then show(a) :: range(a + 1, b) else []
        fn total(xs) = match xs { Cons(x, rest) -> length(x) + total(rest), Nil -> 0 }
        let old = lazy range(0, 50)
        fn turn(n) = let new = lazy range(n, n + 5) in total(force old) + total(force new)
        fn loop(n, sum) = if n == 0 then sum else loop(n - 1, (sum + scope { turn(n % 100) }) % 1000000)
        print show(loop(20000, 0))
    "#;
    // 90 digits in the old list, each turn, and 2 or 3 or 1 for each of five numbers in the new one.
    let digits = |n: usize| n.to_string().len();
    let new: usize = (1..=20000)
        .map(|n| (n % 100..n % 100 + 5).map(digits).sum::<usize>())
        .sum();
    let old = 20000 * (0..50).map(digits).sum::<usize>();
    for (conformer, pages) in pages(source, &format!("{}\n", (old + new) % 1_000_000))? {
        ensure!(pages <= BOUNDED_PAGES, "{conformer}: {pages} pages");
    }
    Ok(())
}

/// A large value leaves its scope: what packs it grows with it, and so does what it becomes.
#[test]
fn a_large_value_leaves_its_scope_whole() -> Result<()> {
    let source = r#"
        fn build(n, xs) = if n == 0 then xs else build(n - 1, show(n) :: xs)
        fn total(xs, sum) = match xs { Cons(x, rest) -> total(rest, sum + length(x)), Nil -> sum }
        let large = scope { scope { build(100000, []) } }
        print show(total(large, 0))
    "#;
    pages(source, "488895\n").map(|_| ())
}

/// A head has 29 bits for the length: the sum of two lengths that has more must not become a short text.
#[test]
fn a_text_longer_than_its_head_can_say_exhausts_memory() -> Result<()> {
    let source = "fn double(n, x) = if n == 0 then x else double(n - 1, x ++ x)\n\
        print show(length(double(28, \"a\")))\n\
        print show(length(double(29, \"a\")))\n";
    let conformers = conformers()?;
    let bump = conformers.iter().find(|one| one.name == "bump.wasm");
    let bump = bump.context("no conformer `bump`")?;
    let mut instance = start(&compile(source)?, bump, true, None)?;
    let outcome = instance.run_command();
    ensure!(
        instance.take_stdout() == b"268435456\n",
        "2^28 fits, 2^29 does not"
    );
    match outcome {
        Err(Failure::Exhausted(_)) => Ok(()),
        other => bail!("{other:?}"),
    }
}
