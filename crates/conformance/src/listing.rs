//! The calls that a case made, for a person to read.

use std::fmt;

use crate::{Call, Stop};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A call was made.
    Called {
        /// The call.
        call: Call,
        /// What came of it.
        outcome: Result<u64, Stop>,
    },
    /// Somebody else grew the memory by so many pages.
    ForeignGrow {
        /// In wasm pages.
        pages: u32,
    },
    /// Growth beyond so many pages in all is refused from here on.
    Allow {
        /// In wasm pages.
        pages: u32,
    },
}

/// What happened, in order.
///
/// Printed, it keeps the beginning and the end of a long run:
///
/// ```text
///   1  b1 = alloc(8)           -> 0x1008
///   2  s1 = enter-scope()      -> 0x1010
///      (19,960 more)
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    entries: Vec<(Option<Box<str>>, Entry)>,
}

/// How many entries are printed of either end.
const SHOWN: usize = 20;

impl Listing {
    /// Writes an entry down.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push((None, entry));
    }

    /// Names what the last entry was about.
    pub fn name(&mut self, name: String) {
        if let Some((slot, _)) = self.entries.last_mut() {
            *slot = Some(name.into());
        }
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the last thing that happened was a call that stopped like that.
    pub fn ends_in(&self, stop: &Stop) -> bool {
        let last = self.entries.last().map(|(_, entry)| entry);
        matches!(last, Some(Entry::Called { outcome: Err(last), .. }) if last == stop)
    }

    /// Whether nothing has happened.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = match self.len().saturating_sub(2 * SHOWN) {
            1 => 0,
            hidden => hidden,
        };
        for (at, (name, entry)) in self.entries.iter().enumerate() {
            if at == SHOWN && hidden > 0 {
                writeln!(f, "       ({hidden} more)")?;
            }
            if hidden > 0 && (SHOWN..SHOWN + hidden).contains(&at) {
                continue;
            }
            let number = at + 1;
            match entry {
                Entry::Called { call, outcome } => {
                    let text = match name {
                        Some(name) if call.returns() => format!("{name} = {call}"),
                        Some(name) => format!("{call}  ({name})"),
                        None => call.to_string(),
                    };
                    match outcome {
                        Ok(result) if call.returns() => {
                            writeln!(f, "  {number:>4}  {text:<40} -> {result:#x}")?;
                        }
                        Ok(_) => writeln!(f, "  {number:>4}  {text}")?,
                        Err(stop) => writeln!(f, "  {number:>4}  {text:<40} {stop}")?,
                    }
                }
                Entry::ForeignGrow { pages } => {
                    writeln!(
                        f,
                        "  {number:>4}  somebody else grows memory by {pages} pages"
                    )?;
                }
                Entry::Allow { pages } => {
                    writeln!(
                        f,
                        "  {number:>4}  growth beyond {pages} pages is refused from here on"
                    )?;
                }
            }
        }
        Ok(())
    }
}
