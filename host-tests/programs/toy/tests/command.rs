//! `toy FILE -o OUT`.

use std::{fs, path::Path, process::Command};

/// Runs the command in a folder of the test's own. Returns its status and what it says on standard error.
fn toy(args: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_toy"))
        .args(args)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .output()
        .unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_program_becomes_a_module_and_a_wrong_one_a_line() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = "print \"hello\"\n";
    fs::write(folder.join("right.toy"), source).unwrap();
    assert_eq!(
        toy(&["right.toy", "-o", "right.wasm"]),
        (Some(0), String::new())
    );
    let wasm = fs::read(folder.join("right.wasm")).unwrap();
    assert_eq!(wasm, sigil_toy::compile(source).unwrap());

    fs::write(folder.join("wrong.toy"), "print\n  1 +\n").unwrap();
    let said = "wrong.toy:3:1: expected an expression, found the end\n";
    assert_eq!(
        toy(&["wrong.toy", "-o", "wrong.wasm"]),
        (Some(1), said.into())
    );
    assert!(!folder.join("wrong.wasm").exists());
}

#[test]
fn a_command_line_that_does_not_fit_is_status_2() {
    for args in [&[][..], &["a.toy"], &["a.toy", "-x", "b.wasm"]] {
        let (status, said) = toy(args);
        assert_eq!(status, Some(2));
        assert!(said.starts_with("usage: "), "{said}");
    }
    let (status, said) = toy(&["none.toy", "-o", "b.wasm"]);
    assert_eq!(status, Some(1));
    assert!(said.starts_with("none.toy: "), "{said}");
}
