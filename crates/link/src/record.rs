//! What was linked where, kept in the module itself.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sigil_abi::LINK_SECTION;
use wasmparser::{Parser, Payload};

/// The contents of a linked module's custom section `sigil:link`, as JSON.
///
/// A host uses it to tell exhaustion from other traps and to say who ran out of what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The conformer's file name without folders and endings: `bump`.
    pub conformer: String,
    /// The conformer's version, where its custom section `version` says it.
    #[serde(default)]
    pub conformer_version: Option<String>,
    /// The profile by which an allocator of the program's own was replaced, where one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
    /// The version of the linker; unknown in records of the first ones.
    #[serde(default)]
    pub linker: Option<String>,
    /// The version of the contract that it was linked by.
    pub contract: String,
    /// The indices of the functions that came from the conformer.
    pub functions: Range<u32>,
    /// Those among them that the program calls or the module exports.
    #[serde(default)]
    pub entries: Vec<Entry>,
    /// The addresses of the conformer's static data.
    pub statics: Range<u32>,
    /// The first byte that the conformer hands out or keeps records in.
    pub heap_base: u32,
    /// The end of the program's initial memory.
    pub heap_end: u32,
    /// Where the size of the last request is noted that left the fast path (a `u32`).
    pub request_address: Option<u32>,
}

/// A function of the contract in a linked module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its index.
    pub function: u32,
    /// Its full name, `sigil:allocator/core@0.1.0#alloc`.
    pub name: String,
}

impl Record {
    /// The record in `wasm`, if that is a module which was linked.
    pub fn read(wasm: &[u8]) -> Option<Self> {
        for payload in Parser::new(0).parse_all(wasm) {
            if let Payload::CustomSection(section) = payload.ok()?
                && section.name() == LINK_SECTION
            {
                return serde_json::from_slice(section.data()).ok();
            }
        }
        None
    }

    /// What [`read`](Record::read) reads.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a record has no keys but strings")
    }
}

/// The name of a conformer, from its file's.
pub(crate) fn conformer_name(input: &str) -> String {
    let file = input.rsplit(['/', '\\']).next().unwrap_or(input);
    let name = [".component.wasm", ".wasm", ".wat"]
        .iter()
        .find_map(|end| file.strip_suffix(end));
    name.unwrap_or(file).to_string()
}
