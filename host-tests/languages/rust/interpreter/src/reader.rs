//! Text to data.

use alloc::{string::ToString, vec, vec::Vec};

use crate::{
    Error,
    symbols::{Symbol, Symbols},
    value::Value,
};

/// How deep lists may be inside of each other: each level takes stack.
const MOST_LEVELS: usize = 500;

pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(text: &'a [u8]) -> Self {
        Self { rest: text }
    }

    /// The next datum, or none at the end.
    pub(crate) fn next(&mut self, symbols: &mut Symbols) -> Result<Option<Value>, Error> {
        self.space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.datum(symbols, 0).map(Some)
    }

    /// Steps over spaces and comments.
    fn space(&mut self) {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.first() != Some(&b';') {
                return;
            }
            let end = self.rest.iter().position(|byte| *byte == b'\n');
            self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        }
    }

    /// Takes `byte`, if it is what follows.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn datum(&mut self, symbols: &mut Symbols, level: usize) -> Result<Value, Error> {
        if level == MOST_LEVELS {
            return Err("lists too deep inside of each other".to_string());
        }
        if self.takes(b'\'') {
            let quoted = self.datum(symbols, level + 1)?;
            let quote = vec![Value::Symbol(Symbol::QUOTE), quoted];
            return Ok(Value::list(quote, Value::Nil));
        }
        if self.takes(b'(') {
            return self.list(symbols, level + 1);
        }
        match self.word() {
            b"" if self.rest.is_empty() => Err("the text ends within a form".to_string()),
            b"" => Err("`)` without `(`".to_string()),
            word => atom(word, symbols),
        }
    }

    /// From behind its `(`.
    fn list(&mut self, symbols: &mut Symbols, level: usize) -> Result<Value, Error> {
        let mut values = Vec::new();
        loop {
            if self.takes(b')') {
                return Ok(Value::list(values, Value::Nil));
            }
            let before = self.rest;
            if !values.is_empty() && self.word() == b"." {
                let tail = self.datum(symbols, level)?;
                if !self.takes(b')') {
                    return Err("more than one datum behind ` . `".to_string());
                }
                return Ok(Value::list(values, tail));
            }
            self.rest = before;
            values.push(self.datum(symbols, level)?);
        }
    }

    /// A run of bytes that make a number or a symbol.
    fn word(&mut self) -> &'a [u8] {
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"()';".contains(byte);
        let len = self.rest.iter().take_while(|byte| !ends(byte)).count();
        let (word, rest) = self.rest.split_at(len);
        self.rest = rest;
        word
    }
}

fn atom(word: &[u8], symbols: &mut Symbols) -> Result<Value, Error> {
    let digits = word.strip_prefix(b"-").unwrap_or(word);
    if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
        let number = digits.iter().fold(0_i32, |number, digit| {
            (number.wrapping_mul(10)).wrapping_add(i32::from(digit - b'0'))
        });
        let is_negative = digits.len() < word.len();
        return Ok(Value::Integer(if is_negative {
            number.wrapping_neg()
        } else {
            number
        }));
    }
    let name = core::str::from_utf8(word).map_err(|_| "a name that is not UTF-8".to_string())?;
    Ok(Value::Symbol(symbols.number(name)))
}
