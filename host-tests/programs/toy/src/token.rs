//! Text to tokens.

use crate::error::{Error, Place};

/// A word of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// Begins with a small letter or `_`.
    Name(String),
    /// Begins with a capital letter.
    Constructor(String),
    Integer(i32),
    Text(Vec<u8>),
    /// A keyword, an operator, a bracket.
    Fixed(&'static str),
    End,
}

const KEYWORDS: &[&str] = &[
    "else", "fn", "force", "if", "in", "lazy", "let", "match", "print", "scope", "then",
];
/// Longer ones first: the first that fits is taken.
const SYMBOLS: &[&str] = &[
    "++", "::", "->", "==", "<=", "<", "=", "+", "-", "*", "/", "%", "\\", "(", ")", "[", "]", "{",
    "}", ",",
];
/// Integers have 31 bits: the lowest bit of a word says that it is one.
pub(crate) const LARGEST: i32 = (1 << 30) - 1;

/// Returns the tokens with their places; the last one is [`Token::End`].
///
/// Errors: a character that begins no token, a text without an end, an integer that does not fit.
pub(crate) fn tokens(source: &str) -> Result<Vec<(Token, Place)>, Error> {
    let mut reader = Reader {
        rest: source,
        place: Place { line: 1, column: 1 },
    };
    let mut found = Vec::new();
    loop {
        reader.skip_blanks();
        let place = reader.place;
        let token = reader.token()?;
        let is_end = token == Token::End;
        found.push((token, place));
        if is_end {
            return Ok(found);
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
    place: Place,
}

impl<'a> Reader<'a> {
    /// Takes the next `n_bytes`, which end between two characters.
    fn take(&mut self, n_bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(n_bytes);
        for byte in taken.bytes() {
            if byte == b'\n' {
                self.place.line += 1;
                self.place.column = 1;
            } else {
                self.place.column += 1;
            }
        }
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let n_bytes = self.rest.find(|c| !belongs(c)).unwrap_or(self.rest.len());
        self.take(n_bytes)
    }

    /// Spaces, and comments, which go from `#` to the end of the line.
    fn skip_blanks(&mut self) {
        loop {
            self.take_while(char::is_whitespace);
            if !self.rest.starts_with('#') {
                return;
            }
            self.take_while(|c| c != '\n');
        }
    }

    fn token(&mut self) -> Result<Token, Error> {
        let place = self.place;
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token::End);
        };
        if first.is_ascii_alphabetic() || first == '_' {
            let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
            return Ok(match KEYWORDS.iter().find(|keyword| **keyword == word) {
                Some(keyword) => Token::Fixed(keyword),
                None if first.is_ascii_uppercase() => Token::Constructor(word.into()),
                None => Token::Name(word.into()),
            });
        }
        if first.is_ascii_digit() {
            let digits = self.take_while(|c| c.is_ascii_digit());
            return match digits.parse() {
                Ok(number) if number <= LARGEST => Ok(Token::Integer(number)),
                _ => Err(Error::new(
                    place,
                    format!("`{digits}` is more than {LARGEST}, the largest integer"),
                )),
            };
        }
        if first == '"' {
            return self.text(place);
        }
        match SYMBOLS
            .iter()
            .find(|symbol| self.rest.starts_with(**symbol))
        {
            Some(symbol) => {
                self.take(symbol.len());
                Ok(Token::Fixed(symbol))
            }
            None => Err(Error::new(place, format!("no token begins with {first:?}"))),
        }
    }

    fn text(&mut self, place: Place) -> Result<Token, Error> {
        let mut bytes = Vec::new();
        self.take(1);
        loop {
            bytes.extend(self.take_while(|c| !matches!(c, '"' | '\\' | '\n')).bytes());
            let escape = self.place;
            if self.rest.starts_with('"') {
                self.take(1);
                return Ok(Token::Text(bytes));
            }
            if !self.rest.starts_with('\\') {
                return Err(Error::new(place, "this text has no end on its line"));
            }
            self.take(1);
            bytes.push(match self.rest.chars().next() {
                Some('n') => b'\n',
                Some('t') => b'\t',
                Some('"') => b'"',
                Some('\\') => b'\\',
                _ => {
                    let message = "expected `n`, `t`, `\"` or `\\` after a `\\`";
                    return Err(Error::new(escape, message));
                }
            });
            self.take(1);
        }
    }
}
