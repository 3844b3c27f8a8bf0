//! One call of the interface `pages`.

use std::fmt;

use crate::Clause;

/// A call, with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the interface's")]
pub enum PageCall {
    PageSize,
    Reserve { bytes: u32, align: u32, flags: u32 },
    Commit { ptr: u32, bytes: u32 },
    Decommit { ptr: u32, bytes: u32 },
    Reset { ptr: u32, bytes: u32 },
    Release { ptr: u32 },
    Unmap { ptr: u32, bytes: u32 },
    Resize { ptr: u32, old: u32, new: u32 },
    Limit,
    Used,
    Available,
    Cleared,
}

/// The functions of the interface, by their [names here](crate::driver::function_name). They are about the same pages:
/// a conformer has all of them, or none.
pub const FUNCTIONS: &[&str] = &[
    "pages/page-size",
    "pages/reserve",
    "pages/commit",
    "pages/decommit",
    "pages/reset",
    "pages/release",
    "pages/unmap",
    "pages/resize-in-place",
    "pages/limit",
    "pages/used",
    "pages/available",
    "pages/cleared",
];

impl PageCall {
    /// The interface, the function's name in WIT, and the arguments.
    pub fn parts(self) -> (&'static str, &'static str, Vec<u32>) {
        let (function, args) = match self {
            Self::PageSize => ("page-size", vec![]),
            Self::Reserve {
                bytes,
                align,
                flags,
            } => ("reserve", vec![bytes, align, flags]),
            Self::Commit { ptr, bytes } => ("commit", vec![ptr, bytes]),
            Self::Decommit { ptr, bytes } => ("decommit", vec![ptr, bytes]),
            Self::Reset { ptr, bytes } => ("reset", vec![ptr, bytes]),
            Self::Release { ptr } => ("release", vec![ptr]),
            Self::Unmap { ptr, bytes } => ("unmap", vec![ptr, bytes]),
            Self::Resize { ptr, old, new } => ("resize-in-place", vec![ptr, old, new]),
            Self::Limit => ("limit", vec![]),
            Self::Used => ("used", vec![]),
            Self::Available => ("available", vec![]),
            Self::Cleared => ("cleared", vec![]),
        };
        (sigil_abi::PAGES.name, function, args)
    }

    /// The clause that the call is about.
    pub const fn clause(self) -> Clause {
        match self {
            Self::PageSize | Self::Reserve { .. } => Clause::P1,
            Self::Commit { .. } => Clause::P3,
            Self::Decommit { .. } => Clause::P4,
            Self::Reset { .. } => Clause::P5,
            Self::Release { .. } | Self::Unmap { .. } => Clause::P6,
            Self::Resize { .. } => Clause::P7,
            Self::Limit | Self::Used | Self::Available => Clause::P8,
            Self::Cleared => Clause::P9,
        }
    }

    /// How many bytes the call may have to clear.
    pub const fn clears_at_most(self) -> u32 {
        match self {
            Self::Reserve { bytes, .. } | Self::Commit { bytes, .. } => bytes,
            Self::Resize { new, .. } => new,
            _ => 0,
        }
    }
}

impl fmt::Display for PageCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, function, args) = self.parts();
        let args: Vec<_> = args
            .iter()
            .enumerate()
            .map(|(at, arg)| match self {
                Self::Reserve { .. } => arg.to_string(),
                _ if at == 0 => format!("{arg:#x}"),
                _ => arg.to_string(),
            })
            .collect();
        write!(f, "{function}({})", args.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;
    use crate::driver::function_name;

    #[test]
    fn the_functions_are_those_of_the_tables() {
        let known = sigil_abi::PAGES.functions.iter();
        let known: Vec<_> = known
            .map(|function| function_name(sigil_abi::PAGES.name, function.name))
            .collect();
        assert_eq!(FUNCTIONS, known);
    }
}
