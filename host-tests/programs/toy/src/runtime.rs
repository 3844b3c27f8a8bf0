//! `runtime.wat`, as the sections that a program's own parts are added to.

use std::collections::BTreeMap;

use wasm_encoder::reencode::{Error, Reencode, RoundtripReencoder};
use wasm_encoder::{CodeSection, FunctionSection, GlobalSection, ImportSection, TypeSection};
use wasmparser::{KnownCustom, Name, Parser, Payload};

const TEXT: &str = include_str!("runtime.wat");

/// Sections that begin with the runtime: its indices are the same in the program.
#[derive(Default)]
pub(crate) struct Runtime {
    pub(crate) types: TypeSection,
    pub(crate) imports: ImportSection,
    pub(crate) functions: FunctionSection,
    pub(crate) globals: GlobalSection,
    pub(crate) code: CodeSection,
    /// Imported functions and the runtime's own, in the order of their indices.
    pub(crate) names: Vec<String>,
    by_name: BTreeMap<String, u32>,
}

impl Runtime {
    /// Returns the runtime that is part of this crate.
    pub(crate) fn new() -> Runtime {
        let wasm = wat::parse_str(TEXT).expect("runtime.wat is wasm");
        let mut runtime = Runtime::default();
        runtime.read(&wasm).expect("and has these sections");
        runtime
    }

    fn read(&mut self, wasm: &[u8]) -> Result<(), Error> {
        let mut same = RoundtripReencoder;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    same.parse_type_section(&mut self.types, section)?;
                }
                Payload::ImportSection(section) => {
                    same.parse_import_section(&mut self.imports, section)?;
                }
                Payload::FunctionSection(section) => {
                    same.parse_function_section(&mut self.functions, section)?;
                }
                Payload::GlobalSection(section) => {
                    same.parse_global_section(&mut self.globals, section)?;
                }
                Payload::CodeSectionEntry(body) => {
                    self.code.raw(body.as_bytes());
                }
                Payload::CustomSection(section) => {
                    let KnownCustom::Name(subsections) = section.as_known() else {
                        continue;
                    };
                    for subsection in subsections {
                        let Name::Function(names) = subsection? else {
                            continue;
                        };
                        for naming in names {
                            let naming = naming?;
                            self.names.push(naming.name.into());
                            self.by_name.insert(naming.name.into(), naming.index);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The function called `$name` there.
    ///
    /// Panics: there is none. The names that `emit` has are all in the examples.
    pub(crate) fn function(&self, name: &str) -> u32 {
        self.by_name[name]
    }
}

#[cfg(test)]
mod tests {
    use super::Runtime;
    use crate::core::{BUILTINS, FORCE, PRINT};

    #[test]
    fn every_function_has_a_name_and_every_builtin_a_function() {
        let runtime = Runtime::new();
        let n_functions = runtime.imports.len() + runtime.functions.len();
        assert_eq!(runtime.names.len() as u32, n_functions);
        for builtin in BUILTINS.iter().chain([&FORCE, &PRINT]) {
            assert_eq!(
                runtime.names[runtime.function(builtin.name) as usize],
                builtin.name
            );
        }
    }
}
