//! A test as its file describes it.

use alloc::{string::String, vec, vec::Vec};

use toml_alloc::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

/// Where a group matched, if it did.
pub(crate) type Span = Option<(usize, usize)>;

/// A match: the number of its pattern, and its groups, of which the first one is all of it. A test may leave out the others.
pub(crate) struct Match {
    pub(crate) pattern: usize,
    pub(crate) groups: Vec<Span>,
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) patterns: Vec<String>,
    pub(crate) haystack: Vec<u8>,
    pub(crate) matches: Vec<Match>,
    pub(crate) most_matches: Option<usize>,
    pub(crate) line_terminator: u8,
    pub(crate) compiles: bool,
    pub(crate) anchored: bool,
    pub(crate) bounded: bool,
    pub(crate) case_insensitive: bool,
    pub(crate) unicode: bool,
    pub(crate) utf8: bool,
    pub(crate) finds_all: bool,
    pub(crate) match_kind: String,
    pub(crate) search_kind: String,
}

impl Case {
    /// `None` where the table has something that is not understood.
    pub(crate) fn new(table: &DeTable<'_>) -> Option<Self> {
        let get = |name: &str| table.get(name).map(Spanned::get_ref);
        let text = |name: &str, otherwise: &str| match get(name) {
            Some(value) => value.as_str().map(String::from),
            None => Some(String::from(otherwise)),
        };
        let flag = |name: &str, otherwise: bool| match get(name) {
            Some(value) => value.as_bool(),
            None => Some(otherwise),
        };
        let patterns = match get("regex")? {
            DeValue::String(pattern) => vec![String::from(&**pattern)],
            DeValue::Array(patterns) => {
                let patterns = patterns.iter().map(|one| one.get_ref().as_str());
                patterns
                    .map(|one| one.map(String::from))
                    .collect::<Option<_>>()?
            }
            _ => return None,
        };
        let escapes = flag("unescape", false)?;
        let bytes = |text: String| {
            if escapes {
                unescape(text.as_bytes())
            } else {
                Some(text.into_bytes())
            }
        };
        let matches = get("matches")?.as_array()?;
        let match_kind = text("match-kind", "leftmost-first")?;
        let search_kind = text("search-kind", "leftmost")?;
        Some(Self {
            name: text("name", "")?,
            patterns,
            haystack: bytes(text("haystack", "")?)?,
            matches: matches
                .iter()
                .map(|one| found(one.get_ref()))
                .collect::<Option<_>>()?,
            most_matches: match get("match-limit") {
                Some(limit) => Some(number(limit)?),
                None => None,
            },
            line_terminator: match bytes(text("line-terminator", "\n")?)?[..] {
                [one] => one,
                _ => return None,
            },
            compiles: flag("compiles", true)?,
            anchored: flag("anchored", false)?,
            bounded: get("bounds").is_some(),
            case_insensitive: flag("case-insensitive", false)?,
            unicode: flag("unicode", true)?,
            utf8: flag("utf8", true)?,
            finds_all: match_kind == "all" && search_kind == "overlapping",
            match_kind,
            search_kind,
        })
    }
}

/// A match is `[0, 1]`, `[[0, 1], [], …]`, or a table with `id` and `span` or `spans`.
fn found(value: &DeValue<'_>) -> Option<Match> {
    let whole = |list: &DeArray<'_>| {
        let is_span = list.iter().all(|one| one.get_ref().is_integer());
        if is_span {
            Some(vec![span(list)?])
        } else {
            groups(list)
        }
    };
    let (pattern, groups) = match value {
        DeValue::Array(list) => (0, whole(list)?),
        DeValue::Table(table) => {
            let spans = table.get("span").or_else(|| table.get("spans"))?;
            let id = table.get("id")?.get_ref();
            (number(id)?, whole(spans.get_ref().as_array()?)?)
        }
        _ => return None,
    };
    Some(Match { pattern, groups })
}

fn groups(list: &DeArray<'_>) -> Option<Vec<Span>> {
    let spans = list.iter().map(|one| span(one.get_ref().as_array()?));
    spans.collect()
}

/// `[0, 1]`, or `[]` for a group that did not match.
fn span(list: &DeArray<'_>) -> Option<Span> {
    let mut numbers = list.iter().map(|one| number(one.get_ref()));
    match (numbers.next(), numbers.next(), numbers.next()) {
        (None, None, None) => Some(None),
        (Some(start), Some(end), None) => Some(Some((start?, end?))),
        _ => None,
    }
}

fn number(value: &DeValue<'_>) -> Option<usize> {
    let number = value.as_integer()?;
    usize::from_str_radix(number.as_str(), number.radix()).ok()
}

/// `\xff`, `\n` and the like.
fn unescape(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let [first, others @ ..] = rest {
        rest = others;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let [kind, others @ ..] = rest else {
            return None;
        };
        rest = others;
        let byte = match kind {
            b'x' => {
                let [high, low, others @ ..] = rest else {
                    return None;
                };
                rest = others;
                let digit = |byte: u8| char::from(byte).to_digit(16);
                (digit(*high)? * 16 + digit(*low)?) as u8
            }
            b'0' => 0,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'\\' => b'\\',
            _ => return None,
        };
        bytes.push(byte);
    }
    Some(bytes)
}
