//! `interpreter`: a small Lisp, whose values count their references.
//!
//! | module | idea |
//! |---|---|
//! | `value` | data, and how it is printed |
//! | `symbols` | names as numbers |
//! | `reader` | text to data |
//! | `eval` | data to data: special forms, applications, tail calls |
//! | `builtins` | functions of the host |
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

mod builtins;
mod eval;
#[path = "../../heap.rs"]
mod heap;
mod reader;
mod symbols;
mod value;

use alloc::{string::String, vec::Vec};

use eval::Interpreter;
use reader::Reader;
use sigil_test_wasi::{exit, print, read};

/// Why a program ends.
type Error = String;

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut text = Vec::new();
    read(|part| text.extend_from_slice(part));
    if let Err(error) = run(&text) {
        print(alloc::format!("error: {error}\n").as_bytes());
        exit(1);
    }
}

/// Evaluates form after form, and prints what is no definition's.
fn run(text: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(text);
    let mut interpreter = Interpreter::new();
    while let Some(form) = reader.next(&mut interpreter.symbols)? {
        if let Some(value) = interpreter.top(&form)? {
            let mut line = String::new();
            value.write(&mut line, &interpreter.symbols);
            line.push('\n');
            print(line.as_bytes());
        }
    }
    Ok(())
}
