//! Names as numbers: equal names have equal numbers.

use alloc::{
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Symbol(u32);

/// Declares the names that the language itself knows, in the order of their numbers.
macro_rules! known {
    ($($constant:ident $name:literal,)*) => {
        #[allow(clippy::upper_case_acronyms, reason = "constants of an enumeration")]
        #[repr(u32)]
        enum Known { $($constant,)* }

        impl Symbol {
            $(pub(crate) const $constant: Self = Self(Known::$constant as u32);)*
        }

        const KNOWN: &[&str] = &[$($name,)*];
    };
}

known! {
    QUOTE "quote",
    IF "if",
    DEFINE "define",
    LAMBDA "lambda",
    LET "let",
    SET "set!",
    BEGIN "begin",
    T "t",
}

/// All names so far.
pub(crate) struct Symbols {
    names: Vec<String>,
    numbers: BTreeMap<String, Symbol>,
}

impl Symbols {
    pub(crate) fn new() -> Self {
        let mut symbols = Self {
            names: Vec::new(),
            numbers: BTreeMap::new(),
        };
        for name in KNOWN {
            symbols.number(name);
        }
        symbols
    }

    pub(crate) fn number(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.numbers.get(name) {
            return *symbol;
        }
        let symbol = Symbol(self.names.len() as u32);
        self.names.push(name.to_string());
        self.numbers.insert(name.to_string(), symbol);
        symbol
    }

    pub(crate) fn name(&self, symbol: Symbol) -> &str {
        &self.names[symbol.0 as usize]
    }
}
