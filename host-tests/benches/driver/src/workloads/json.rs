//! Workload json: a document is parsed into a tree of values and printed again.

use alloc::{format, string::String};
use core::fmt::Write as _;

use serde_json_alloc::Value;

use crate::{random::Random, table::check};

/// How many records the document has: some 40 KB.
const N_RECORDS: u32 = 300;

/// `n_turns` of the whole document.
#[unsafe(no_mangle)]
pub(crate) extern "C" fn json(n_turns: u32) -> u32 {
    let text = document();
    (0..n_turns).map(|_| turn(&text)).fold(0, u32::wrapping_add)
}

/// The same, in a scope each.
#[cfg(feature = "scopes")]
#[unsafe(no_mangle)]
pub(crate) extern "C" fn json_scopes(n_turns: u32) -> u32 {
    super::in_scope(|| {
        let text = document();
        let in_scope = |_| super::in_scope(|| turn(&text));
        (0..n_turns).map(in_scope).fold(0, u32::wrapping_add)
    })
}

fn turn(text: &str) -> u32 {
    let Ok(value) = serde_json_alloc::from_str::<Value>(text) else {
        core::arch::wasm32::unreachable()
    };
    let printed = format!("{value}");
    check(printed == text);
    printed.len() as u32
}

/// A document as serde_json prints it: no space, keys in order.
fn document() -> String {
    let mut random = Random::new(3);
    let mut text = String::from("[");
    for id in 0..N_RECORDS {
        let bits = random.next();
        let (name, tag) = (bits as u32 % 100_000, (bits >> 32) as u32 % 1_000);
        let separator = if id == 0 { "" } else { "," };
        let written = write!(
            text,
            r#"{separator}{{"active":{},"id":{id},"name":"record {name}","place":{{"x":{},"y":{}}},"tags":["a{tag}","b{tag}",null]}}"#,
            bits & 1 == 0,
            bits >> 48,
            (bits >> 40) & 0xff,
        );
        check(written.is_ok());
    }
    text.push(']');
    text
}
