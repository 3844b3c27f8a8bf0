//! Blocks that are there before the program runs: texts, data without fields, functions that capture nothing.

use std::collections::BTreeMap;

use crate::core::Kind;

/// The first byte behind what the runtime uses itself.
pub(crate) const START: u32 = 64;

/// What a static block is, so that there is one of each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Static {
    Text(Vec<u8>),
    /// The constructor.
    Constant(u32),
    /// The index in the table.
    Function(u32),
}

/// The bytes from [`START`] on.
#[derive(Default)]
pub(crate) struct Statics {
    pub(crate) bytes: Vec<u8>,
    addresses: BTreeMap<Static, u32>,
}

impl Statics {
    /// The address of a block, a multiple of 8. Its depth is 0: no scope ends it.
    pub(crate) fn address(&mut self, block: Static) -> u32 {
        if let Some(address) = self.addresses.get(&block) {
            return *address;
        }
        let address = self.end();
        match &block {
            Static::Text(bytes) => {
                self.words(&[Kind::Text as u32 | (bytes.len() as u32) << 3, 0]);
                self.bytes.extend(bytes);
            }
            Static::Constant(tag) => self.words(&[Kind::Data as u32, 0, *tag]),
            Static::Function(index) => self.words(&[Kind::Closure as u32, 0, *index]),
        }
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        self.addresses.insert(block, address);
        address
    }

    /// The first byte behind all of them: where the heap may begin.
    pub(crate) fn end(&self) -> u32 {
        START + self.bytes.len() as u32
    }

    fn words(&mut self, words: &[u32]) {
        self.bytes
            .extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }
}
