//! Versions of the contract, ordered as semantic versioning orders them.

use std::{fmt, str::FromStr};

/// A semantic version without pre-release or build metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Changes where a program must be rewritten.
    pub major: u32,
    /// Changes where functions are added; below 1.0 it takes the part of `major`.
    pub minor: u32,
    /// Changes where nothing visible does; below 1.0 it takes the part of `minor`.
    pub patch: u32,
}

impl Version {
    /// Whether an implementation of `self` serves a program that needs `needed`.
    pub fn serves(self, needed: Self) -> bool {
        let same_line = match self.major {
            0 => needed.major == 0 && needed.minor == self.minor,
            major => needed.major == major,
        };
        same_line && needed <= self
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The text is no version: one to three numbers with dots between.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl FromStr for Version {
    type Err = NotAVersion;

    /// Reads `0.1.0`, and also `0.1` and `1`: the standard32 mangling leaves out what compatible
    /// versions do not share.
    fn from_str(text: &str) -> Result<Self, NotAVersion> {
        let mut numbers = [0; 3];
        let mut parts = text.split('.');
        for (i, number) in numbers.iter_mut().enumerate() {
            match parts.next() {
                Some(part) => *number = part.parse().map_err(|_| NotAVersion)?,
                None if i > 0 => break,
                None => return Err(NotAVersion),
            }
        }
        if parts.next().is_some() {
            return Err(NotAVersion);
        }
        let [major, minor, patch] = numbers;
        Ok(Self {
            major,
            minor,
            patch,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn short_forms_end_in_zeros_and_junk_is_refused() {
        assert_eq!(version("0.1"), version("0.1.0"));
        assert_eq!(version("2"), version("2.0.0"));
        for junk in ["", "0.", "x", "0.1.0-rc1", "1.2.3.4", "-1"] {
            assert_eq!(junk.parse::<Version>(), Err(NotAVersion), "{junk}");
        }
    }

    #[test]
    fn below_one_the_minor_number_breaks() {
        assert!(version("0.1.3").serves(version("0.1.0")));
        assert!(!version("0.1.0").serves(version("0.1.3")));
        assert!(!version("0.2.0").serves(version("0.1.0")));
        assert!(version("1.4.0").serves(version("1.2.9")));
        assert!(!version("1.4.0").serves(version("0.4.0")));
    }
}
