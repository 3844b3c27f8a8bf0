//! What can go wrong in a link: what, where, and what to do next.

use std::fmt;

use wasmparser::BinaryReaderError;

use crate::{Refusal, retrofit};

/// Why a program was not linked. `Display` is the whole message, several lines where several things are
/// missing, with a `help:` line where there is something to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The file does not begin as wasm does.
    NotWasm {
        /// Which file.
        input: String,
        /// Its length.
        bytes: usize,
    },
    /// The file ends or goes wrong in the middle.
    Malformed {
        /// Which file.
        input: String,
        /// What was found, and where.
        source: BinaryReaderError,
    },
    /// The file is well-formed and still no valid module.
    Invalid {
        /// Which file.
        input: String,
        /// What is wrong.
        message: String,
        /// Where, in bytes from the file's start.
        offset: u64,
    },
    /// A component where a core module is meant.
    Component {
        /// Which file.
        input: String,
    },
    /// A component that holds no conformer, or more than one.
    NoConformer {
        /// Which file.
        input: String,
        /// How many of its core modules export `sigil:allocator`.
        found: usize,
    },
    /// The program needs nothing from a conformer.
    NothingToLink {
        /// The program.
        program: String,
    },
    /// Imports that the conformer does not serve: all of them.
    Unresolved {
        /// The program.
        program: String,
        /// The conformer.
        conformer: String,
        /// What is missing, in the order of the program's imports.
        missing: Vec<Missing>,
        /// Other conformers that would serve the whole program, if somebody has looked
        /// ([`suggest`](crate::suggest())).
        alternatives: Vec<String>,
    },
    /// Functions that were asked for as exports of the result, and that cannot be: all of them.
    Unexportable {
        /// The program.
        program: String,
        /// The conformer.
        conformer: String,
        /// What was asked for, and why it cannot be.
        missing: Vec<(String, String)>,
        /// What the conformer has.
        offered: Vec<String>,
    },
    /// There is no place for the allocator in the program's memory.
    Layout {
        /// The program.
        program: String,
        /// What is in the way.
        message: String,
        /// What to do.
        help: String,
    },
    /// The file uses what this linker does not merge.
    Unsupported {
        /// Which file.
        input: String,
        /// What it uses.
        what: String,
        /// What to do.
        help: String,
    },
    /// The program's own allocator cannot be replaced: all that does not fit.
    Refused {
        /// The program.
        program: String,
        /// The profile's name.
        profile: String,
        /// What does not fit, and where.
        refusals: Vec<Refusal>,
    },
    /// The linked module makes no component.
    Componentize {
        /// The program.
        program: String,
        /// What is in the way.
        message: String,
    },
    /// The result does not validate although both inputs do: a defect of this linker.
    Defect {
        /// The program.
        program: String,
        /// What the validator says of the result.
        source: BinaryReaderError,
    },
}

/// An import without a match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The import's module and name, as the program spells them.
    pub import: (String, String),
    /// Why nothing serves it.
    pub reason: String,
    /// Other conformers that export it, if somebody has looked.
    pub offered_by: Vec<String>,
}

/// `a`, `b` and `c`, in backticks.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("`{name}`"),
        [first @ .., last] => format!("`{}` and `{last}`", first.join("`, `")),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotWasm { input, bytes } => {
                write!(f, "cannot link `{input}`: ")?;
                not_wasm(f, *bytes)
            }
            Self::Malformed { input, source } => {
                write!(f, "cannot link `{input}`: ")?;
                malformed(f, source)
            }
            Self::Invalid {
                input,
                message,
                offset,
            } => write!(
                f,
                "cannot link `{input}`: {message} at offset {offset:#x}\n\
                 help: the module is invalid by itself, and would be refused by any engine"
            ),
            Self::Component { input } => write!(
                f,
                "cannot link `{input}`: it is a component, and a core module is expected\n\
                 help: `sigil link` takes a component as the program, and an engine runs what it writes"
            ),
            Self::NoConformer { input, found } => write!(
                f,
                "cannot link `{input}`: expected a component with one core module that exports \
                 `sigil:allocator`, found {found}\n\
                 help: build the conformer for `world sigil:allocator/allocator`"
            ),
            Self::NothingToLink { program } => write!(
                f,
                "cannot link `{program}`: it imports nothing from `sigil:allocator`\n\
                 help: import `sigil:allocator/core@{}` `alloc` and so on; for a program with an allocator of its \
                 own `sigil inspect` says whether --replace takes it out; or run the module as it is",
                sigil_abi::CONTRACT
            ),
            Self::Unresolved {
                program,
                conformer,
                missing,
                alternatives,
            } => {
                let n = missing.len();
                let s = if n == 1 { "" } else { "s" };
                write!(
                    f,
                    "cannot link `{program}`: {n} import{s} not served by `{conformer}`"
                )?;
                for Missing {
                    import: (module, name),
                    reason,
                    offered_by,
                } in missing
                {
                    write!(f, "\n  import `{module}` `{name}`: {reason}")?;
                    match offered_by.len() {
                        0 => {}
                        1 => write!(f, "; {} has it", list(offered_by))?,
                        _ => write!(f, "; {} have it", list(offered_by))?,
                    }
                }
                if !alternatives.is_empty() {
                    let which = if alternatives.len() == 1 {
                        "serves"
                    } else {
                        "serve"
                    };
                    return write!(
                        f,
                        "\nhelp: {} {which} all that the program imports: choose with `--allocator`",
                        list(alternatives)
                    );
                }
                write!(
                    f,
                    "\nhelp: this release knows version {} of the contract; compare the imports with \
                     its `wit/`, or choose a conformer that exports what is missing",
                    sigil_abi::CONTRACT
                )
            }
            Self::Unexportable {
                program,
                conformer,
                missing,
                offered,
            } => {
                write!(
                    f,
                    "cannot link `{program}`: what `--export` asks for cannot be added"
                )?;
                for (name, reason) in missing {
                    write!(f, "\n  `--export {name}`: {reason}")?;
                }
                write!(f, "\nhelp: `{conformer}` has `{}`", offered.join("`, `"))
            }
            Self::Layout {
                program,
                message,
                help,
            } => {
                write!(f, "cannot link `{program}`: {message}\nhelp: {help}")
            }
            Self::Unsupported { input, what, help } => {
                write!(f, "cannot link `{input}`: {what}\nhelp: {help}")
            }
            Self::Refused {
                program,
                profile,
                refusals,
            } => {
                write!(
                    f,
                    "cannot replace the allocator of `{program}`: it does not fit the profile `{profile}`"
                )?;
                retrofit::explain(f, refusals)
            }
            Self::Componentize { program, message } => write!(
                f,
                "cannot make a component of `{program}`: {message}\n\
                 help: a component's core module has imports and exports of its world only, besides WASI \
                 preview 1; `--emit module` writes it as it is"
            ),
            Self::Defect { program, source } => write!(
                f,
                "cannot link `{program}`: the result is invalid although both inputs are valid\n  \
                 {} at offset {:#x}\n\
                 help: this is a defect of the linker; report it with both files",
                source.message(),
                source.offset()
            ),
        }
    }
}

/// What to say of a file that does not begin as wasm does.
pub(crate) fn not_wasm(f: &mut fmt::Formatter<'_>, bytes: usize) -> fmt::Result {
    write!(
        f,
        "it is no WebAssembly\n  \
         expected the magic bytes `\\0asm`, found a file of {bytes} bytes that starts otherwise\n\
         help: pass a compiled .wasm file"
    )
}

/// What to say of a file that goes wrong in the middle.
pub(crate) fn malformed(f: &mut fmt::Formatter<'_>, source: &BinaryReaderError) -> fmt::Result {
    write!(
        f,
        "{} at offset {:#x}\nhelp: the file is truncated or damaged; build it again",
        source.message(),
        source.offset()
    )
}

impl std::error::Error for Error {}
