//! Why a call did not return, sorted by what the caller can do about it; and the rule that tells exhaustion from a trap.
//!
//! The rule (contract H5). A failed call is exhaustion if all of these hold:
//!
//! 1. the trap is `unreachable`;
//! 2. the latest growth of memory 0 within this call was refused;
//! 3. the innermost frame is the conformer's own;
//! 4. the function of the interface that was called is one that can ask for memory.
//!
//! Each one alone has an innocent look-alike: a failed assertion in the program is an `unreachable`, a program may
//! probe how far memory grows, and a conformer traps on a scope handle that is none. One look-alike stays, for the engine shows
//! no more than this: a growth is refused without exhaustion (in `try-alloc`, or to the program itself), and in the same
//! call, with no growth between, `promote` traps for a wrong handle.

use crate::exhaustion::Exhaustion;
use crate::facts::{Conformer, Facts, function_tail, names_allocator};
use crate::limits::Refusal;
use std::fmt;

/// Functions of the interfaces that never ask for memory: a trap in one of them is never exhaustion.
const NEVER_GROW: [&str; 7] = [
    "mem-copy",
    "exit-scope",
    "free-all",
    "free",
    "try-alloc",
    "resize-in-place",
    "scope-used",
];

/// Why a call did not return.
#[derive(Debug)]
#[non_exhaustive]
pub enum Failure {
    /// The heap is exhausted (H5).
    Exhausted(Box<Exhaustion>),
    /// Any other trap.
    Trap {
        /// The engine's own words.
        message: String,
        /// Frames, innermost first.
        backtrace: Vec<Frame>,
        /// Whether the trap is the `unreachable` instruction.
        unreachable: bool,
    },
    /// The fuel of [`crate::Limits`] is used up.
    OutOfFuel,
    /// The program left through WASI's `proc_exit`, with this status.
    Exit(i32),
    /// The call never got to run, or an import failed: unknown names, wrong types, missing imports, a cap that is too small
    /// ([`crate::CapBelowInitial`]).
    Host(anyhow::Error),
}

/// One wasm frame of a backtrace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The function's index in its module's function index space.
    pub func_idx: u32,
    /// The function's name as the name section spells it, where it has one; shown demangled.
    pub name: Option<String>,
    /// Offset of the instruction in the module's bytes.
    pub module_offset: Option<usize>,
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            // Without the hash that ends a Rust symbol; other names come out as they are.
            Some(name) => write!(f, "{:#}", rustc_demangle::demangle(name)),
            None => write!(f, "func[{}]", self.func_idx),
        }
    }
}

/// What the host knows when a call fails.
pub(crate) struct Circumstances<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) refusal: Option<Refusal>,
    /// The name of the export that the host called.
    pub(crate) entry: &'a str,
    /// Reads what the conformer left at its request address.
    pub(crate) requested_bytes: Option<u32>,
}

/// Sorts an engine error.
pub(crate) fn classify(error: wasmtime::Error, circumstances: &Circumstances<'_>) -> Failure {
    if let Some(exit) = error.downcast_ref::<wasmtime_wasi::I32Exit>() {
        return Failure::Exit(exit.0);
    }
    let Some(trap) = error.downcast_ref::<wasmtime::Trap>().copied() else {
        return Failure::Host(crate::to_anyhow(error));
    };
    if trap == wasmtime::Trap::OutOfFuel {
        return Failure::OutOfFuel;
    }
    let backtrace = frames(&error);
    let unreachable = trap == wasmtime::Trap::UnreachableCodeReached;
    if unreachable
        && let Some(refusal) = circumstances.refusal
        && let Some(call) = conformer_call(&backtrace, circumstances)
        && !NEVER_GROW.contains(&call.as_str())
    {
        return Failure::Exhausted(Box::new(Exhaustion {
            allocator: circumstances.facts.allocator_name(),
            requested_bytes: circumstances
                .requested_bytes
                .filter(|_| asks_for_bytes(&call)),
            call,
            refused_pages: refusal.delta_pages,
            memory_pages: refusal.memory_pages,
            max_pages: refusal.max_pages,
            limit: refusal.limit,
            backtrace: backtrace.iter().map(ToString::to_string).collect(),
        }));
    }
    Failure::Trap {
        message: message(trap, &error),
        backtrace,
        unreachable,
    }
}

fn frames(error: &wasmtime::Error) -> Vec<Frame> {
    let Some(backtrace) = error.downcast_ref::<wasmtime::WasmBacktrace>() else {
        return Vec::new();
    };
    backtrace
        .frames()
        .iter()
        .map(|frame| Frame {
            func_idx: frame.func_index(),
            name: frame.func_name().map(str::to_owned),
            module_offset: frame.module_offset(),
        })
        .collect()
}

/// The engine's text for the trap; for a memory access, with the address, which it keeps in a context of its own.
fn message(trap: wasmtime::Trap, error: &wasmtime::Error) -> String {
    let fault = error
        .chain()
        .map(ToString::to_string)
        .find(|text| text.starts_with("memory fault"));
    match fault {
        Some(fault) => format!("{trap} ({fault})"),
        None => trap.to_string(),
    }
}

/// Returns the interface function that the trap lies in, or `None` where the innermost frame is not the conformer's.
fn conformer_call(backtrace: &[Frame], circumstances: &Circumstances<'_>) -> Option<String> {
    let outermost = match &circumstances.facts.conformer {
        Conformer::WholeModule => {
            // An export that is no interface function is the conformer's own business; its frames tell the rest.
            if names_allocator(circumstances.entry) {
                return Some(function_tail(circumstances.entry).to_owned());
            }
            backtrace
                .iter()
                .rfind(|frame| is_named_allocator(frame))
                .or(backtrace.last())
        }
        Conformer::Linked(record) => {
            let outermost = backtrace
                .iter()
                .take_while(|frame| record.functions.contains(&frame.func_idx))
                .last()?;
            // The record names the entries also where the program has no name section.
            let entry = record
                .entries
                .iter()
                .find(|entry| entry.function == outermost.func_idx);
            if let Some(entry) = entry {
                return Some(function_tail(&entry.name).to_owned());
            }
            Some(outermost)
        }
        Conformer::ByName => backtrace.iter().rfind(|frame| is_named_allocator(frame)),
    }?;
    Some(function_tail(&outermost.to_string()).to_owned())
}

/// Whether `call` is given the size of a block: after one that is not, such as `enter-scope`, the noted
/// size is that of an earlier call.
fn asks_for_bytes(call: &str) -> bool {
    let known = |interface: &&sigil_abi::Interface| interface.function(call);
    let function = sigil_abi::INTERFACES.iter().find_map(known);
    function.is_none_or(|function| function.request.is_some())
}

fn is_named_allocator(frame: &Frame) -> bool {
    frame.name.as_deref().is_some_and(names_allocator)
}

impl Failure {
    /// Wraps a problem of the host's side.
    pub(crate) fn host(message: impl fmt::Display + fmt::Debug + Send + Sync + 'static) -> Failure {
        Failure::Host(anyhow::Error::msg(message))
    }

    /// Returns the report, if this is exhaustion.
    pub fn exhaustion(&self) -> Option<&Exhaustion> {
        match self {
            Failure::Exhausted(report) => Some(report),
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Exhausted(report) => report.fmt(f),
            Failure::Trap { message, backtrace, .. } => {
                f.write_str(message)?;
                for (depth, frame) in backtrace.iter().enumerate() {
                    write!(f, "\n  {depth:>3}: {frame}")?;
                    if let Some(offset) = frame.module_offset {
                        write!(f, " at {offset:#x}")?;
                    }
                }
                Ok(())
            }
            Failure::OutOfFuel => f.write_str(
                "the call used up its fuel\nhelp: does the program loop for ever? otherwise allow more fuel",
            ),
            Failure::Exit(status) => write!(f, "the program exited with status {status}"),
            Failure::Host(error) => write!(f, "{error:#}"),
        }
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Failure::Exhausted(report) => Some(report.as_ref()),
            Failure::Host(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_symbols_are_shown_readable_and_other_names_as_they_are() {
        for (name, shown) in [
            (
                "_ZN10sigil_heap4bump4Bump5place17hafad452dc50576daE",
                "sigil_heap::bump::Bump::place",
            ),
            (
                "sigil:allocator/core@0.1.0#alloc",
                "sigil:allocator/core@0.1.0#alloc",
            ),
            ("main", "main"),
        ] {
            let frame = Frame {
                func_idx: 3,
                name: Some(name.to_owned()),
                module_offset: None,
            };
            assert_eq!(frame.to_string(), shown);
        }
        assert_eq!(
            Frame {
                func_idx: 3,
                name: None,
                module_offset: None
            }
            .to_string(),
            "func[3]"
        );
    }
}
