//! What goes to stderr, and the exit status that goes with it.
//!
//! Two forms of everything: lines for people, and with `--json` one line of JSON with an `event` (`error`, `warning`, `trap`,
//! `heap-exhausted`). Exhaustion is the exception: its line of JSON comes in both forms, so that a wrapper need
//! not ask for it.

use serde_json::json;
use sigil_host::Failure;
use std::fmt;

/// The heap is exhausted.
pub(crate) const EXHAUSTED: i32 = 12;
/// Any other trap: what a shell reports for an abort.
pub(crate) const TRAPPED: i32 = 134;
/// Something could not be done.
const ERROR: i32 = 1;
/// The command line is wrong; clap's own status for it.
const USAGE: i32 = 2;

/// The command line is well formed, but does not fit the program that it names.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// Reports an error and returns the exit status.
pub(crate) fn error(error: &anyhow::Error, json: bool) -> i32 {
    let message = format!("{error:#}");
    if json {
        eprintln!("{}", json!({ "event": "error", "message": message }));
    } else {
        eprintln!("error: {message}");
    }
    if error.is::<Usage>() { USAGE } else { ERROR }
}

/// Reports something that did not stop the work.
pub(crate) fn warning(message: &str, json: bool) {
    if json {
        eprintln!("{}", json!({ "event": "warning", "message": message }));
    } else {
        eprintln!("warning: {message}");
    }
}

/// Reports how the program `name` ended, other than by returning, and returns the exit status.
pub(crate) fn failure(name: &str, failure: Failure, json: bool) -> i32 {
    match failure {
        Failure::Exit(status) => status,
        Failure::Exhausted(exhaustion) => {
            eprintln!("{}", exhaustion.json_line());
            if !json {
                for line in exhaustion.human_lines() {
                    eprintln!("{line}");
                }
            }
            EXHAUSTED
        }
        Failure::Trap {
            ref message,
            ref backtrace,
            ..
        } => {
            if json {
                // A place for each frame: null where the module has no debug information.
                let places: Vec<Option<String>> = backtrace
                    .iter()
                    .map(|frame| frame.places.first().map(ToString::to_string))
                    .collect();
                let backtrace: Vec<String> = backtrace.iter().map(ToString::to_string).collect();
                let line = json!({ "event": "trap", "message": message, "backtrace": backtrace, "places": places });
                eprintln!("{line}");
            } else {
                eprintln!("error: `{name}` trapped: {failure}");
            }
            TRAPPED
        }
        Failure::Host(cause) => error(&cause.context(format!("cannot run `{name}`")), json),
        other => error(
            &anyhow::Error::new(other).context(format!("cannot run `{name}`")),
            json,
        ),
    }
}
