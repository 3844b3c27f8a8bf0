//! Why an allocator is not replaced: what does not fit the profile, where, and what may be done about it.

use std::fmt;

/// What may be insisted on where a program does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Force {
    /// Every read of the bump pointer opens a scope and every write closes one, whatever happens in between.
    ///
    /// The risk: a saved pointer that was used as an address is a scope's handle now, and closing a scope that is
    /// not open traps, or frees blocks that are in use where the conformer cannot tell.
    pub save_restore: bool,
    /// What returns the bump pointer returns 0, and what sets it does nothing.
    ///
    /// The risk: who takes that 0 for an address reads and writes there, and memory that was freed by setting the
    /// pointer back stays taken.
    pub heap_access: bool,
}

/// Which part of [`Force`] would let something pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Forcible {
    /// [`Force::save_restore`].
    SaveRestore,
    /// [`Force::heap_access`].
    HeapAccess,
}

impl Forcible {
    /// The flag of the command line.
    fn flag(self) -> &'static str {
        match self {
            Self::SaveRestore => "--force-save-restore",
            Self::HeapAccess => "--force-heap-access",
        }
    }

    fn risk(self) -> &'static str {
        match self {
            Self::SaveRestore => {
                "opens a scope at every read of the bump pointer and closes one at every write; at the risk \
                 that a scope's handle is used as an address, and that closing what is not open traps or frees \
                 blocks in use"
            }
            Self::HeapAccess => {
                "makes functions that return the bump pointer return 0, and those that set it do nothing; at \
                 the risk that the 0 is used as an address"
            }
        }
    }
}

/// A place that does not fit the profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The function, by its name or else its index, where it is about one.
    pub function: Option<String>,
    /// The offset of the instruction in the file.
    pub offset: Option<usize>,
    /// What does not fit.
    pub what: String,
    /// What would let it pass all the same.
    pub force: Option<Forcible>,
}

impl Refusal {
    /// About the module as a whole.
    pub(crate) fn of_module(what: impl Into<String>) -> Self {
        Self {
            function: None,
            offset: None,
            what: what.into(),
            force: None,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = &self.function {
            write!(f, "function {function}")?;
            if let Some(offset) = self.offset {
                write!(f, " at offset {offset:#x}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.what)
    }
}

/// All that is wrong, a line each, and what to do.
pub(crate) fn explain(f: &mut fmt::Formatter<'_>, refusals: &[Refusal]) -> fmt::Result {
    for refusal in refusals {
        write!(f, "\n  {refusal}")?;
    }
    let mut ways: Vec<Forcible> = refusals
        .iter()
        .filter_map(|refusal| refusal.force)
        .collect();
    ways.sort();
    ways.dedup();
    if ways.is_empty() {
        return f.write_str(
            "\nhelp: `sigil inspect` says what it knows of the program's allocator; docs/retrofit.md says how to \
             write a profile",
        );
    }
    for way in ways {
        write!(f, "\nhelp: {} {}", way.flag(), way.risk())?;
    }
    Ok(())
}
