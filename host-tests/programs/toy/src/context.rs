//! Which variable a name is, seen from within functions in functions: closure conversion.

use std::mem;

use crate::core::Variable;

/// A function that is being lifted.
#[derive(Default)]
pub(crate) struct Context<'a> {
    /// Names in view, the innermost last, and their locals.
    names: Vec<(&'a str, u32)>,
    /// How many locals it needs so far, parameters included.
    pub(crate) n_locals: u32,
    /// Names from outside, with what they are there.
    captured: Vec<(&'a str, Variable)>,
}

impl<'a> Context<'a> {
    /// Local 0 is the closure or thunk itself.
    fn new(parameters: &'a [String]) -> Context<'a> {
        let names = parameters.iter().map(String::as_str).zip(1..);
        Context {
            names: names.collect(),
            n_locals: parameters.len() as u32 + 1,
            captured: Vec::new(),
        }
    }

    /// What the fields of its closure are, for who makes one.
    pub(crate) fn captured(self) -> Vec<Variable> {
        let captured = self.captured.into_iter();
        captured.map(|(_, outside)| outside).collect()
    }
}

/// The function that is being lifted, and those around it.
#[derive(Default)]
pub(crate) struct Contexts<'a> {
    current: Context<'a>,
    /// The innermost last. The first one is that of no function, and sees nothing.
    outer: Vec<Context<'a>>,
}

impl<'a> Contexts<'a> {
    /// Begins a function inside the current one.
    pub(crate) fn enter(&mut self, parameters: &'a [String]) {
        let current = mem::replace(&mut self.current, Context::new(parameters));
        self.outer.push(current);
    }

    /// Ends the current function, and goes on with the one around it.
    pub(crate) fn leave(&mut self) -> Context<'a> {
        let outer = self.outer.pop().unwrap_or_default();
        mem::replace(&mut self.current, outer)
    }

    /// A new local of the current function. No two terms share one: an engine finds out which of them could.
    pub(crate) fn local(&mut self) -> u32 {
        self.current.n_locals += 1;
        self.current.n_locals - 1
    }

    /// Brings names into view; `_` is none. Returns what [`Contexts::hide`] takes.
    pub(crate) fn show(&mut self, names: &[(&'a str, u32)]) -> usize {
        let n_names = self.current.names.len();
        let named = names.iter().filter(|(name, _)| *name != "_");
        self.current.names.extend(named);
        n_names
    }

    /// Takes names out of view, down to the first `n_names`.
    pub(crate) fn hide(&mut self, n_names: usize) {
        self.current.names.truncate(n_names);
    }

    /// What a name is in the current function. If it is a variable of one outside, all between capture it.
    pub(crate) fn variable(&mut self, name: &'a str) -> Option<Variable> {
        self.variable_at(self.outer.len(), name)
    }

    fn at(&mut self, depth: usize) -> &mut Context<'a> {
        self.outer.get_mut(depth).unwrap_or(&mut self.current)
    }

    fn variable_at(&mut self, depth: usize, name: &'a str) -> Option<Variable> {
        let context = self.at(depth);
        let mut names = context.names.iter().rev();
        if let Some((_, local)) = names.find(|(other, _)| *other == name) {
            return Some(Variable::Local(*local));
        }
        let mut captured = context.captured.iter();
        if let Some(field) = captured.position(|(other, _)| *other == name) {
            return Some(Variable::Captured(field as u32));
        }
        let outside = self.variable_at(depth.checked_sub(1)?, name)?;
        let captured = &mut self.at(depth).captured;
        captured.push((name, outside));
        Some(Variable::Captured(captured.len() as u32 - 1))
    }
}
