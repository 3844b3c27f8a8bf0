//! `json`: a document in boxes, vectors and byte strings, parsed, printed and dropped, again and again.
#![cfg(target_arch = "wasm32")]
#![no_std]
#![allow(unsafe_code, reason = "a program's exports have names")]

extern crate alloc;

#[path = "../../heap.rs"]
mod heap;
mod parse;
mod write;

use alloc::{format, vec::Vec};

use sigil_test_wasi::{exit, print, read};

const N_TURNS: usize = 20;

/// A value, as it stands in the text.
enum Value {
    /// A number, `true`, `false` or `null`.
    Literal(Vec<u8>),
    /// Its bytes, without escapes.
    Text(Vec<u8>),
    Array(Vec<Value>),
    /// Members in the order of the text.
    Object(Vec<(Vec<u8>, Value)>),
}

/// What a document consists of.
#[derive(Default)]
struct Counts {
    objects: usize,
    arrays: usize,
    strings: usize,
    numbers: usize,
    depth: usize,
}

impl Counts {
    fn add(&mut self, value: &Value, depth: usize) {
        self.depth = self.depth.max(depth);
        match value {
            Value::Literal(text) => {
                let is_number = text[0] == b'-' || text[0].is_ascii_digit();
                self.numbers += usize::from(is_number);
            }
            Value::Text(_) => self.strings += 1,
            Value::Array(elements) => {
                self.arrays += 1;
                self.depth = self.depth.max(depth + 1);
                elements.iter().for_each(|value| self.add(value, depth + 1));
            }
            Value::Object(members) => {
                self.objects += 1;
                self.depth = self.depth.max(depth + 1);
                let values = members.iter().map(|(_, value)| value);
                values.for_each(|value| self.add(value, depth + 1));
            }
        }
    }
}

/// The command.
#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let mut input = Vec::new();
    read(|part| input.extend_from_slice(part));
    let mut text = Vec::new();
    let mut counts = Counts::default();
    for _ in 0..N_TURNS {
        let Some(document) = parse::document(&input) else {
            print(b"invalid\n");
            exit(1)
        };
        text = Vec::new();
        write::value(&mut text, &document, 0);
        counts = Counts::default();
        counts.add(&document, 0);
    }
    text.push(b'\n');
    print(&text);
    let Counts {
        objects,
        arrays,
        strings,
        numbers,
        depth,
    } = counts;
    print(
        format!(
            "objects {objects} arrays {arrays} strings {strings} numbers {numbers} depth {depth}\n"
        )
        .as_bytes(),
    );
}
