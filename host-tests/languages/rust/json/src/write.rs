//! Values to text, two spaces for each level.

use alloc::vec::Vec;

use crate::Value;

pub(crate) fn value(text: &mut Vec<u8>, value: &Value, level: usize) {
    match value {
        Value::Literal(literal) => text.extend_from_slice(literal),
        Value::Text(bytes) => string(text, bytes),
        Value::Array(elements) => {
            items(text, b"[]", elements, level, |text, element| {
                self::value(text, element, level + 1);
            });
        }
        Value::Object(members) => {
            items(text, b"{}", members, level, |text, (name, value)| {
                string(text, name);
                text.extend_from_slice(b": ");
                self::value(text, value, level + 1);
            });
        }
    }
}

/// One item a line, between two brackets.
fn items<T>(
    text: &mut Vec<u8>,
    brackets: &[u8; 2],
    items: &[T],
    level: usize,
    write: impl Fn(&mut Vec<u8>, &T),
) {
    text.push(brackets[0]);
    for (index, item) in items.iter().enumerate() {
        text.extend_from_slice(if index == 0 { b"\n" } else { b",\n" });
        indent(text, level + 1);
        write(text, item);
    }
    if !items.is_empty() {
        text.push(b'\n');
        indent(text, level);
    }
    text.push(brackets[1]);
}

fn indent(text: &mut Vec<u8>, level: usize) {
    text.resize(text.len() + 2 * level, b' ');
}

fn string(text: &mut Vec<u8>, bytes: &[u8]) {
    text.push(b'"');
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
            8 => text.extend_from_slice(b"\\b"),
            9 => text.extend_from_slice(b"\\t"),
            10 => text.extend_from_slice(b"\\n"),
            12 => text.extend_from_slice(b"\\f"),
            13 => text.extend_from_slice(b"\\r"),
            0..32 => {
                let digit = |nibble: u8| b"0123456789abcdef"[nibble as usize];
                text.extend_from_slice(b"\\u00");
                text.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
            _ => text.push(*byte),
        }
    }
    text.push(b'"');
}
