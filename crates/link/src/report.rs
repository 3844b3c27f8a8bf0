//! What `-O` did, as data and for people.

use std::fmt;

use serde::Serialize;

/// What `-O` did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The conformer's functions that have a fast path to inline.
    pub functions: Vec<InlinedFunction>,
    /// The conformer's statics that became globals: their symbols.
    pub globals: Vec<String>,
    /// How many instructions were computed at link time instead of being copied.
    pub instructions_folded: u32,
}

/// A function of the conformer, and its calls in the program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InlinedFunction {
    /// Its full name, `sigil:allocator/core@0.1.0#alloc`.
    pub name: String,
    /// Who has it inlined, in the order of the code.
    pub callers: Vec<Caller>,
    /// How many calls stayed calls, because the code would have grown too much.
    pub n_left: u32,
    /// The bytes that all its sites added to the code.
    pub bytes_added: u64,
}

/// A function of the program into which calls were inlined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Caller {
    /// Its index in the linked module.
    pub function: u32,
    /// Its name, where the program names it.
    pub name: Option<String>,
    /// How many of its calls were inlined.
    pub n_calls: u32,
}

impl InlinedFunction {
    /// How many calls were inlined, in all callers.
    pub fn n_inlined(&self) -> u32 {
        self.callers.iter().map(|caller| caller.n_calls).sum()
    }
}

impl Report {
    /// The bytes that inlining added to the code.
    pub fn bytes_added(&self) -> u64 {
        self.functions
            .iter()
            .map(|function| function.bytes_added)
            .sum()
    }
}

/// Several lines, without a newline at the end.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n: u32 = self.functions.iter().map(InlinedFunction::n_inlined).sum();
        write!(
            f,
            "inlined {n} calls: {} bytes added, {} instructions folded",
            self.bytes_added(),
            self.instructions_folded
        )?;
        for function in &self.functions {
            let InlinedFunction {
                name,
                n_left,
                bytes_added,
                ..
            } = function;
            let n = function.n_inlined();
            write!(
                f,
                "\n  {name}: {n} inlined, {n_left} left, {bytes_added} bytes"
            )?;
            for Caller {
                function,
                name,
                n_calls,
            } in &function.callers
            {
                match name {
                    Some(name) => write!(f, "\n    {n_calls} in `{name}`")?,
                    None => write!(f, "\n    {n_calls} in function {function}")?,
                }
            }
        }
        for symbol in &self.globals {
            write!(f, "\n  static `{symbol}`: a global now")?;
        }
        Ok(())
    }
}
