//! Which calls are inlined: every call of a function that has a fast path, while the program does not
//! grow too much by it.

use std::{collections::BTreeMap, rc::Rc};

use crate::{InlinedFunction, Report, bodies::Templates, report::Caller, site, template::Template};

/// The most bytes that a site may grow by.
const MAX_SITE_BYTES: usize = 256;

/// How much all sites may add to the code section: this many bytes, and an eighth of what it was.
const FREE_BYTES: usize = 4096;

/// The templates at work.
pub(crate) struct Inliner<'r> {
    templates: &'r Templates,
    /// For each of the templates, by the same key.
    functions: BTreeMap<u32, InlinedFunction>,
    bytes_left: usize,
    folded: u32,
}

impl<'r> Inliner<'r> {
    /// For a program whose code section has `code_bytes`; `name` says what a template's function is
    /// called.
    pub(crate) fn new(
        templates: &'r Templates,
        code_bytes: usize,
        name: impl Fn(u32) -> String,
    ) -> Self {
        let function = |index: u32| InlinedFunction {
            name: name(index),
            ..InlinedFunction::default()
        };
        Self {
            templates,
            functions: templates
                .iter()
                .map(|(import, (_, index))| (*import, function(*index)))
                .collect(),
            bytes_left: FREE_BYTES + code_bytes / 8,
            folded: 0,
        }
    }

    /// The template of the program's function `callee`, and that function's new index.
    pub(crate) fn template(&self, callee: u32) -> Option<(Rc<Template>, u32)> {
        self.templates.get(&callee).cloned()
    }

    /// Whether `site` may take the place of `old_bytes` bytes; if so, it is entered in the report.
    pub(crate) fn accept(
        &mut self,
        callee: u32,
        caller: u32,
        site: &site::Inlined,
        old_bytes: usize,
    ) -> bool {
        let Some(function) = self.functions.get_mut(&callee) else {
            return false;
        };
        let added = site.bytes.len().saturating_sub(old_bytes);
        if added > MAX_SITE_BYTES || added > self.bytes_left {
            function.n_left += 1;
            return false;
        }
        self.bytes_left -= added;
        self.folded += site.folded;
        function.bytes_added += added as u64;
        match function.callers.last_mut() {
            Some(last) if last.function == caller => last.n_calls += 1,
            _ => function.callers.push(Caller {
                function: caller,
                name: None,
                n_calls: 1,
            }),
        }
        true
    }

    /// What was done, with the names of the `globals` that statics became; `name` names the callers.
    pub(crate) fn report(
        mut self,
        globals: Vec<String>,
        name: impl Fn(u32) -> Option<String>,
    ) -> Report {
        for function in self.functions.values_mut() {
            for caller in &mut function.callers {
                caller.name = name(caller.function);
            }
        }
        Report {
            functions: self.functions.into_values().collect(),
            globals,
            instructions_folded: self.folded,
        }
    }
}
