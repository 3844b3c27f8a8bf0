//! Text to values. What is not valid is `None`.

use alloc::vec::Vec;

use crate::Value;

/// How deep values may be inside of each other: each level takes stack.
const MOST_LEVELS: usize = 500;

/// The one value that the text is.
pub(crate) fn document(text: &[u8]) -> Option<Value> {
    let mut rest = Rest(text);
    let value = rest.value(0)?;
    rest.space();
    rest.0.is_empty().then_some(value)
}

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.0 {
            self.0 = rest;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// Takes `byte`, if it is what follows after spaces.
    fn takes(&mut self, byte: u8) -> bool {
        self.space();
        let found = self.0.first() == Some(&byte);
        if found {
            self.0 = &self.0[1..];
        }
        found
    }

    fn value(&mut self, level: usize) -> Option<Value> {
        if level == MOST_LEVELS {
            return None;
        }
        if self.takes(b'"') {
            return self.text().map(Value::Text);
        }
        if self.takes(b'[') {
            let elements = self.items(b']', |rest| rest.value(level + 1))?;
            return Some(Value::Array(elements));
        }
        if self.takes(b'{') {
            let members = self.items(b'}', |rest| {
                let name = rest.takes(b'"').then(|| rest.text())??;
                let value = rest.takes(b':').then(|| rest.value(level + 1))??;
                Some((name, value))
            })?;
            return Some(Value::Object(members));
        }
        self.literal().map(Value::Literal)
    }

    /// What stands between commas, up to `end`.
    fn items<T>(
        &mut self,
        end: u8,
        mut item: impl FnMut(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        if self.takes(end) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.takes(end) {
                return Some(items);
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn literal(&mut self) -> Option<Vec<u8>> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let len = self.0.iter().take_while(|byte| is_part(byte)).count();
        let (literal, rest) = self.0.split_at(len);
        self.0 = rest;
        let is_word = [&b"true"[..], b"false", b"null"].contains(&literal);
        (is_word || is_number(literal)).then(|| literal.to_vec())
    }

    /// A string's bytes, from behind its first quote.
    fn text(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                b'"' => return core::str::from_utf8(&text).is_ok().then_some(text),
                b'\\' => self.escape(&mut text)?,
                0..32 => return None,
                byte => text.push(byte),
            }
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let byte = match self.byte()? {
            b'u' => {
                let character = self.unicode()?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Some(());
            }
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            byte @ (b'"' | b'\\' | b'/') => byte,
            _ => return None,
        };
        text.push(byte);
        Some(())
    }

    /// A character behind `\u`, with the second half of a pair where there is one.
    fn unicode(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        let (b'\\', b'u') = (self.byte()?, self.byte()?) else {
            return None;
        };
        let second = self.unit()?.checked_sub(0xdc00).filter(|low| *low < 1024)?;
        char::from_u32(0x1_0000 + (first - 0xd800) * 1024 + second)
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + char::from(self.byte()?).to_digit(16)?;
        }
        Some(unit)
    }
}

fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(text);
    if whole == 0 || whole > 1 && text[0] == b'0' {
        return false;
    }
    let mut rest = &text[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = &fraction[digits(fraction)..];
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            unsigned => unsigned,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
