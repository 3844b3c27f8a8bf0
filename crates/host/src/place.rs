//! Where in the source a frame of a backtrace is, where the module carries debug information.

use std::fmt;

/// A line of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The function, where the debug information names it: it may have been inlined into that of the frame.
    pub function: Option<String>,
    /// The file as the compiler was told, absolute or not.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
    /// The column, from 1 on, where it is known.
    pub column: Option<u32>,
}

impl Place {
    /// The places of a frame, the innermost of inlined functions first; none without debug information.
    pub(crate) fn of(frame: &wasmtime::FrameInfo) -> Vec<Place> {
        let known = |symbol: &wasmtime::FrameSymbol| {
            Some(Place {
                function: symbol.name().map(str::to_owned),
                file: symbol.file()?.to_owned(),
                line: symbol.line().filter(|line| *line > 0)?,
                column: symbol.column().filter(|column| *column > 0),
            })
        };
        frame.symbols().iter().filter_map(known).collect()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        match self.column {
            Some(column) => write!(f, ":{column}"),
            None => Ok(()),
        }
    }
}
