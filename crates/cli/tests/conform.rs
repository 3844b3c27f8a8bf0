//! `sigil conform` as a user calls it: exit status, formats, filters.

use std::path::Path;
use std::process::{Command, Output};

fn conform(args: &[&str]) -> Output {
    let conformer =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host-tests/conformers/handwritten.wat");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sigil"));
    command.arg("conform");
    for arg in args {
        match *arg {
            "CONFORMER" => command.arg(&conformer),
            arg => command.arg(arg),
        };
    }
    command.output().expect("`sigil` runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_conformer_passes_and_the_report_counts() {
    let output = conform(&["CONFORMER", "--filter", "bulk/"]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(
        text.contains("is a conformer: 7 passed, 0 failed"),
        "{text}"
    );
}

#[test]
fn every_format_is_written_to_stdout() {
    for (format, start) in [
        ("tap", "TAP version 13\n1..7\n"),
        ("json", "{\n"),
        ("junit", "<?xml "),
    ] {
        let output = conform(&["CONFORMER", "--filter", "bulk/", "--format", format]);
        assert!(stdout(&output).starts_with(start), "{}", stdout(&output));
    }
    let output = conform(&["CONFORMER", "--format", "yaml"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_clause_selects_the_cases_that_prove_it() {
    let text = stdout(&conform(&["--list", "--filter", "m2"]));
    assert!(
        text.starts_with("core/copy-out-of-bounds") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn a_promise_that_is_not_kept_fails() {
    let output = conform(&[
        "CONFORMER",
        "--filter",
        "core/",
        "--features",
        "reuse-after-realloc",
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("FAILED core/realloc-leaves-room"),
        "{}",
        stdout(&output)
    );
    let output = conform(&["CONFORMER", "--features", "magic"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_filter_that_selects_nothing_does_not_pass() {
    let output = conform(&["CONFORMER", "--filter", "no-such-case"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("was not tested"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_file_that_is_no_conformer_is_told_so() {
    let output = conform(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("is not a conformer"),
        "{}",
        stdout(&output)
    );
}
