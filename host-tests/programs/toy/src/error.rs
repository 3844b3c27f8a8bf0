//! What is wrong with a program, and where.

use std::fmt;

/// A place in the source: line and column from 1, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The byte in the line.
    pub column: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a program is not compiled. Shown as `line:column: message`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where the part begins that is wrong.
    pub place: Place,
    /// What is wrong with it.
    pub message: String,
}

impl Error {
    pub(crate) fn new(place: Place, message: impl Into<String>) -> Error {
        Error {
            place,
            message: message.into(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}

impl std::error::Error for Error {}
