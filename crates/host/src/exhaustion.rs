//! The report of running out of memory: typed, as one line of JSON for tools, and as a few lines for people.

use crate::limits::pages;
use crate::place::Place;
use serde::Serialize;
use std::fmt;

/// Where 32-bit addresses end.
const MAX_PAGES: u64 = 65_536;

/// What refused the growth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Limit {
    /// The cap that the host was given: `--max-heap`, [`crate::Limits::max_heap_pages`].
    #[serde(rename = "max-heap")]
    Flag,
    /// The memory's own maximum: the declared one, or the 65,536 pages that 32-bit addresses reach.
    #[serde(rename = "module-maximum")]
    Module,
    /// The machine: it had no memory or no address space left.
    #[serde(rename = "host")]
    Host,
}

/// The heap is exhausted: a growth was refused, and the conformer gave up (contract H5).
///
/// The heap is as it was before the call (H6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhaustion {
    /// The conformer's name, from the linker's record; `unknown` where nothing names it.
    pub allocator: String,
    /// The interface function that ran out, such as `alloc`.
    pub call: String,
    /// What was asked for, where the conformer says so.
    pub requested_bytes: Option<u32>,
    /// The delta of the refused growth.
    pub refused_pages: u64,
    /// The size of memory 0 when it was refused.
    pub memory_pages: u64,
    /// The most pages that memory 0 could have had, whoever set it.
    pub max_pages: u64,
    /// What refused.
    pub limit: Limit,
    /// The line of the source that made the call, where the program carries debug information.
    pub place: Option<Place>,
    /// Names of the wasm functions, innermost first, Rust symbols demangled; `func[12]` where one has no name.
    pub backtrace: Vec<String>,
}

/// The shape of the JSON line; its field order is the line's.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    allocator: &'a str,
    call: &'a str,
    requested_bytes: Option<u32>,
    refused_pages: u64,
    memory_pages: u64,
    max_pages: u64,
    limit: Limit,
    place: Option<String>,
    backtrace: &'a [String],
}

impl Exhaustion {
    /// Returns the report as one line of JSON, without a newline.
    ///
    /// Shape: an object whose `event` is `heap-exhausted`; every key is always there, `requested_bytes` and
    /// `place` (`file:line:column`) are null where unknown.
    ///
    /// # Panics
    ///
    /// Never: strings and numbers always have a JSON form.
    pub fn json_line(&self) -> String {
        let line = Line {
            event: "heap-exhausted",
            allocator: &self.allocator,
            call: &self.call,
            requested_bytes: self.requested_bytes,
            refused_pages: self.refused_pages,
            memory_pages: self.memory_pages,
            max_pages: self.max_pages,
            limit: self.limit,
            place: self.place.as_ref().map(ToString::to_string),
            backtrace: &self.backtrace,
        };
        serde_json::to_string(&line).expect("strings and numbers have a JSON form")
    }

    /// Returns what happened and what to try, a line each.
    pub fn human_lines(&self) -> Vec<String> {
        let mut lines = vec![self.what()];
        if let Some(place) = &self.place {
            lines.push(format!("  the call is at {place}"));
        }
        lines.extend([self.room(), self.reuse()]);
        lines
    }

    fn what(&self) -> String {
        let Exhaustion {
            allocator,
            call,
            refused_pages,
            memory_pages,
            max_pages,
            ..
        } = self;
        let request = match self.requested_bytes {
            Some(bytes) => format!(" of {bytes} bytes"),
            None => String::new(),
        };
        let by = match self.limit {
            Limit::Flag => "`--max-heap`",
            Limit::Module => "the module's memory",
            Limit::Host => "this machine",
        };
        let refused = pages(*refused_pages);
        let held = pages(*memory_pages);
        match self.limit {
            Limit::Host => format!(
                "heap exhausted: `{call}`{request} in `{allocator}` needed {refused} more, and {by} had none to give to a memory of {held}"
            ),
            _ => format!(
                "heap exhausted: `{call}`{request} in `{allocator}` needed {refused} more, but memory has {held} and {by} allows {max_pages}"
            ),
        }
    }

    fn room(&self) -> String {
        let needed = self.memory_pages.saturating_add(self.refused_pages);
        if needed > MAX_PAGES {
            return format!(
                "help: no setting makes room for {}: a 32-bit memory ends at 65536; is the requested size right?",
                pages(needed)
            );
        }
        match self.limit {
            Limit::Flag => format!("help: allow more with `--max-heap={needed}` or above"),
            Limit::Module => format!(
                "help: raise the maximum of the program's memory to {} or above, or leave it out (`--max-memory=` at link time)",
                pages(needed)
            ),
            Limit::Host => "help: close other programs, or lift the limit on this process's memory (`ulimit -v`, cgroup)".to_owned(),
        }
    }

    fn reuse(&self) -> String {
        let lead = match self.call.as_str() {
            "promote" => "promote less, into a scope that closes sooner",
            _ => "close scopes sooner and promote less",
        };
        format!("help: {lead}, or link a conformer that reuses blocks (`sigil list` names them)")
    }
}

impl fmt::Display for Exhaustion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.human_lines().join("\n"))
    }
}

impl std::error::Error for Exhaustion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Exhaustion {
        Exhaustion {
            allocator: "bump".into(),
            call: "alloc".into(),
            requested_bytes: Some(100_000),
            refused_pages: 2,
            memory_pages: 2,
            max_pages: 3,
            limit: Limit::Flag,
            place: None,
            backtrace: vec!["sigil:allocator/core@0.1.0#alloc".into(), "func[12]".into()],
        }
    }

    #[test]
    fn the_json_line_has_every_key_in_order() {
        assert_eq!(
            report().json_line(),
            r#"{"event":"heap-exhausted","allocator":"bump","call":"alloc","requested_bytes":100000,"refused_pages":2,"memory_pages":2,"max_pages":3,"limit":"max-heap","place":null,"backtrace":["sigil:allocator/core@0.1.0#alloc","func[12]"]}"#
        );
        let unknown = Exhaustion {
            requested_bytes: None,
            limit: Limit::Host,
            ..report()
        };
        assert!(unknown.json_line().contains(r#""requested_bytes":null"#));
        assert!(unknown.json_line().contains(r#""limit":"host""#));
    }

    #[test]
    fn people_are_told_what_to_try() {
        let lines = report().human_lines();
        assert_eq!(lines.len(), 3);
        assert!(
            lines[0].contains("`alloc` of 100000 bytes in `bump` needed 2 pages more"),
            "{}",
            lines[0]
        );
        assert!(lines[1].contains("`--max-heap=4`"), "{}", lines[1]);
        let placed = Exhaustion {
            place: Some(Place {
                function: None,
                file: "src/parse.c".into(),
                line: 12,
                column: None,
            }),
            ..report()
        };
        assert_eq!(placed.human_lines()[1], "  the call is at src/parse.c:12");
        assert!(placed.json_line().contains(r#""place":"src/parse.c:12""#));
        let hopeless = Exhaustion {
            refused_pages: 70_000,
            ..report()
        };
        assert!(
            hopeless.human_lines()[1].contains("no setting"),
            "{hopeless}"
        );
    }
}
