//! `--max-heap`: a bare number counts pages of 64 KiB, a number with a unit counts bytes.
//!
//! A size that is no whole number of pages is refused rather than rounded: memory grows by pages, so it would be a
//! limit that nobody can reach, and which way to round is the caller's to say.

use sigil_host::PAGE_BYTES;
use std::str::FromStr;

/// The pages that 32-bit addresses reach.
const MAX_PAGES: u64 = 65_536;

const UNITS: [(&str, u64); 4] = [
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("B", 1),
];

/// A cap on memory 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MaxHeap {
    pub(crate) pages: u32,
}

impl FromStr for MaxHeap {
    type Err = String;

    fn from_str(text: &str) -> Result<MaxHeap, String> {
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &text[number.len()..];
        let all_digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if !all_digits {
            return Err(
                "expected pages, such as `16`, or bytes with a unit, such as `1MiB`".to_owned(),
            );
        }
        // More digits than a u64 holds are too many pages as well.
        let number: u64 = number.parse().unwrap_or(u64::MAX);
        let pages = if unit.is_empty() {
            number
        } else {
            whole_pages(number, unit)?
        };
        match u32::try_from(pages) {
            Ok(small) if pages <= MAX_PAGES => Ok(MaxHeap { pages: small }),
            _ => Err(format!(
                "a 32-bit memory has at most {MAX_PAGES} pages (4GiB){}",
                if unit.is_empty() {
                    "; for bytes, add a unit: `1048576B`, `1MiB`"
                } else {
                    ""
                }
            )),
        }
    }
}

fn whole_pages(number: u64, unit: &str) -> Result<u64, String> {
    let Some((_, unit_bytes)) = UNITS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit))
    else {
        return Err(format!(
            "`{unit}` is no unit here: use `B`, `KiB`, `MiB` or `GiB`, or none for pages of 64 KiB"
        ));
    };
    let bytes = number.saturating_mul(*unit_bytes);
    let below = bytes / PAGE_BYTES;
    if bytes.is_multiple_of(PAGE_BYTES) || below >= MAX_PAGES {
        return Ok(below.saturating_add(u64::from(!bytes.is_multiple_of(PAGE_BYTES))));
    }
    let legal = |pages: u64| {
        format!(
            "`{}KiB` ({pages} page{})",
            pages * 64,
            if pages == 1 { "" } else { "s" }
        )
    };
    Err(format!(
        "memory is counted in pages of 64 KiB, and this is no multiple of one: use {} or {}",
        legal(below),
        legal(below + 1)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(text: &str) -> Result<u32, String> {
        text.parse().map(|max: MaxHeap| max.pages)
    }

    #[test]
    fn pages_and_bytes() {
        for (text, expected) in [
            ("0", 0),
            ("2", 2),
            ("65536", 65_536),
            ("64KiB", 1),
            ("65536B", 1),
            ("1048576B", 16),
            ("1MiB", 16),
            ("1mib", 16),
            ("3GiB", 49_152),
            ("4GiB", 65_536),
            ("0B", 0),
        ] {
            assert_eq!(pages(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_broken_page_names_its_neighbours() {
        let error = pages("100KiB").unwrap_err();
        assert!(
            error.contains("`64KiB` (1 page) or `128KiB` (2 pages)"),
            "{error}"
        );
        let error = pages("1B").unwrap_err();
        assert!(
            error.contains("`0KiB` (0 pages) or `64KiB` (1 page)"),
            "{error}"
        );
    }

    #[test]
    fn more_than_addresses_reach() {
        for text in [
            "65537",
            "5GiB",
            "4294967297B",
            "99999999999999999999",
            "18446744073709551615GiB",
        ] {
            let error = pages(text).unwrap_err();
            assert!(error.contains("at most 65536 pages"), "{text}: {error}");
        }
        assert!(pages("1048576").unwrap_err().contains("add a unit"));
    }

    #[test]
    fn what_is_no_size() {
        for text in ["", "-1", "MiB", "1.5MiB", "1 MiB", "0x10", "1_000", "²"] {
            assert!(
                pages(text).unwrap_err().contains("expected pages"),
                "{text}"
            );
        }
        assert!(pages("1MB").unwrap_err().contains("`MB` is no unit here"));
    }
}
